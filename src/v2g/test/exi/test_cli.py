# SPDX-License-Identifier: Apache-2.0
import io
import json
import sys

import pytest

from v2g.exi.cli import main

STOP = '809a02004040404040404051f0'
STOP_FIELDS = {'V2G_Message': {'Header': {'SessionID': '01' * 8}, 'Body': {'SessionStopReq': {}}}}


@pytest.fixture
def exi(monkeypatch, capsys):
    def run(*arguments, lines):
        stdin = io.TextIOWrapper(io.BytesIO('\n'.join(lines).encode()))
        monkeypatch.setattr(sys, 'stdin', stdin)
        assert main(list(arguments)) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


@pytest.mark.parametrize('engine', ['c', 'python'])
def test_a_line_is_decoded_and_encoded(exi, engine):
    line = json.dumps({'schema': 'din', 'exi': STOP})
    answers = exi('decode', '--engine', engine, lines=[line])
    assert answers == [{'schema': 'din', 'message': STOP_FIELDS}]
    again = exi('encode', '--engine', engine, lines=[json.dumps(answers[0])])
    assert again == [{'schema': 'din', 'exi': STOP}]


def test_octets_after_the_end_are_counted(exi):
    (answer,) = exi('decode', lines=[json.dumps({'schema': 'din', 'exi': STOP + 'b8'})])
    assert answer['spare'] == 1


def test_a_fragment_keeps_its_namespace(exi):
    line = {'schema': 'iso2', 'fragment': True, 'exi': '80ae4fe83fc04cfa00'}
    (answer,) = exi('decode', lines=[json.dumps(line)])
    assert answer['ns'] == 'urn:iso:15118:2:2013:MsgDataTypes'
    assert next(iter(answer['message'])) == 'SalesTariff'
    (again,) = exi('encode', lines=[json.dumps(answer)])
    assert again == line | {'ns': answer['ns']}


@pytest.mark.parametrize(
    ('verb', 'line', 'error'),
    [
        ('decode', 'x', 'the line is no JSON: '),
        ('decode', '[]', 'the line is no JSON object'),
        ('decode', '{"schema": "x", "exi": ""}', "schema 'x' is none of sap, din"),
        ('decode', '{"schema": "din"}', '"exi" is no string of hex digits'),
        ('decode', '{"schema": "din", "exi": "8"}', '"exi" is no string of hex digits'),
        ('decode', '{"schema": "din", "exi": "00"}', 'bit 0: expected the EXI header 0x80'),
        ('encode', '{"schema": "din"}', 'the line has no "message"'),
        ('encode', '{"schema": "din", "message": 1}', 'a message is a JSON object with one root'),
        ('encode', '{"schema": "din", "message": {"X": 1}}', 'X is no root element here'),
        (
            'encode',
            '{"schema": "din", "message": {"V2G_Message": 1}}',
            'V2G_Message: 1 is no JSON',
        ),
        (
            'encode',
            '{"schema": "din", "message": {"V2G_Message": {"Header": {"SessionID": 1}}}}',
            'SessionID: 1 is no hex',
        ),
        (
            'encode',
            '{"schema": "din", "message": {"V2G_Message": {"Header": {"Session": ""}}}}',
            'MessageHeader has no Session',
        ),
    ],
)
def test_a_line_that_cannot_be_is_an_error_and_the_next_is_done(exi, verb, line, error):
    good = {'schema': 'din', 'exi': STOP, 'message': STOP_FIELDS}
    answers = exi(verb, lines=[line, '', json.dumps(good)])
    assert answers[0]['error'].startswith(error)
    assert len(answers) == 2
    assert 'error' not in answers[1]


def test_null_foreign_letters_and_depth_are_told_in_a_sentence(exi, monkeypatch, capsys):
    lines = [b'{"schema": "din", "message": {"V2G_Message": null}}', b'\xff\xfe{}', b'[' * 100000]
    monkeypatch.setattr(sys, 'stdin', io.TextIOWrapper(io.BytesIO(b'\n'.join(lines))))
    assert main(['encode']) == 0
    answers = [json.loads(line)['error'] for line in capsys.readouterr().out.splitlines()]
    assert answers == [
        'V2G_Message: null is no JSON object',
        'the line is no UTF-8: invalid start byte',
        'the line is nested too deep',
    ]


def test_a_name_in_two_namespaces_needs_its_namespace(exi):
    line = {'schema': 'iso2', 'fragment': True, 'message': {'DC_EVStatus': {}}}
    (answer,) = exi('encode', lines=[json.dumps(line)])
    assert answer['error'].startswith('DC_EVStatus stands in several namespaces: urn:iso')
