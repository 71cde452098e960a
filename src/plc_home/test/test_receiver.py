# SPDX-License-Identifier: Apache-2.0
"""How a value is told to SmartEVSE and to others."""

import json
import re

import pytest

from plc_home.callback import Value
from plc_home.receiver import BadReceiver, Receiver

VALUE = Value(55, 100, 28_000, -1, '0123456789ab')


def test_smartevse_gets_all_five_in_the_query():
    request = Receiver('http://smartevse.local/ev_state').request(VALUE)
    assert request.method == 'POST'
    assert request.url == (
        'http://smartevse.local/ev_state?current_soc=55&full_soc=100&energy_capacity=28000'
        '&energy_request=-1&evccid=0123456789ab'
    )
    assert request.body == b''


def test_a_query_of_the_url_is_kept():
    request = Receiver('http://box/x?key=1').request(VALUE)
    assert request.url.startswith('http://box/x?key=1&current_soc=55&')


def test_json_is_an_object_of_all_five():
    request = Receiver('http://box/api/setSoc', 'PUT', 'json').request(VALUE)
    assert json.loads(request.body) == {
        'current_soc': 55,
        'full_soc': 100,
        'energy_capacity': 28000,
        'energy_request': -1,
        'evccid': '0123456789ab',
    }
    assert (request.method, request.content_type) == ('PUT', 'application/json')


def test_a_template_fills_url_and_body():
    receiver = Receiver('http://box/$evccid', 'POST', 'template', '{"soc": $current_soc}')
    request = receiver.request(VALUE)
    assert request.url == 'http://box/0123456789ab'
    assert json.loads(request.body) == {'soc': 55}
    assert request.content_type == 'application/json'


@pytest.mark.parametrize(
    ('url', 'body', 'word'),
    [
        ('', '', 'an empty URL'),
        ('ftp://box/x', '', 'ftp://box/x is no URL'),
        ('http:///x', '', 'no URL'),
        ('http://box/$soc', '', "'soc'"),
        ('http://box/', 'costs $ 5', 'not among $current_soc'),
    ],
)
def test_a_receiver_that_makes_no_sense_is_refused_in_a_sentence(url, body, word):
    with pytest.raises(BadReceiver, match=re.escape(word)) as refused:
        Receiver(url, 'POST', 'template', body)
    assert '\n' not in str(refused.value)


def test_what_is_shown_has_neither_password_nor_query():
    receiver = Receiver('https://me:secret@box:8080/api?token=abc')
    assert receiver.public == 'https://box:8080/api'


def test_a_wrong_template_is_told_without_the_url_it_stands_in():
    with pytest.raises(BadReceiver) as told:
        Receiver('http://me:s3cret@box/$soc?token=s3cret', content='template')
    assert 'url' in str(told.value) and 's3cret' not in str(told.value)
