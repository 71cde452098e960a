# SPDX-License-Identifier: Apache-2.0
"""What a broker is told when, in virtual time; and what Home Assistant is told of it."""

import json
from math import inf, nan
import re
from types import SimpleNamespace

import pytest

from plc_home.broker import BadBroker, Broker
from plc_home.discovery import configurations
from plc_home.telling import Publish, Telling
from plc_home.topics import (
    TOPICS,
    UNKNOWN,
    BadTopic,
    number,
    of_pilot,
    prefix_of,
    text,
    topics_of,
)

FIRST = {'box/config': '{}', 'box/status': 'online'}
# What Home Assistant's documentation of MQTT discovery asks of a sensor and a binary sensor.
REQUIRED = {'name', 'unique_id', 'state_topic', 'availability_topic', 'device', 'origin'}
CLASSES = {'battery', 'energy', 'energy_storage', 'voltage', 'current', 'duration', 'running', ''}


def test_a_connection_gets_everything_the_configuration_first():
    telling = Telling(FIRST, 1.0)
    assert telling.set({'box/soc': '50'}, 0.0) == []
    told = telling.connection(True, 5.0)
    assert told == [*(Publish(*one) for one in FIRST.items()), Publish('box/soc', '50')]
    assert telling.deadline is None


def test_what_changes_goes_at_most_once_a_second_and_what_does_not_never():
    telling = Telling({}, 1.0)
    telling.connection(True, 0.0)
    assert telling.set({'soc': '50'}, 2.0) == [Publish('soc', '50')]
    assert telling.set({'soc': '51'}, 2.1) == []
    assert telling.set({'soc': '52'}, 2.9) == []
    assert telling.deadline == 3.0
    assert telling.tick(3.0) == [Publish('soc', '52')]
    assert telling.set({'soc': '52'}, 9.0) == []


def test_a_broker_that_comes_back_gets_the_present_values_once():
    telling = Telling(FIRST, 1.0)
    telling.connection(True, 0.0)
    telling.set({'soc': '50'}, 2.0)
    telling.connection(False, 3.0)
    assert telling.set({'soc': '60'}, 4.0) == []
    assert telling.deadline is None
    assert telling.connection(True, 9.0)[-1] == Publish('soc', '60')
    assert telling.tick(20.0) == []


@pytest.mark.parametrize('role', ['pev', 'evse'])
def test_home_assistant_is_told_the_documented_fields_of_each_value(role):
    told = configurations('homeassistant', f'ros2_ccs/{role}', role)
    assert len(told) == len(topics_of(role))
    for topic, payload in told.items():
        prefix, component, node, name, last = topic.split('/')
        assert (prefix, node, last) == ('homeassistant', f'ros2_ccs_{role}', 'config')
        assert re.fullmatch('[a-zA-Z0-9_-]+', name)
        config = json.loads(payload)
        assert set(config) >= REQUIRED
        assert config['state_topic'] == f'ros2_ccs/{role}/{name}'
        assert (component == 'binary_sensor') == ('payload_on' in config)
        assert config.get('device_class', '') in CLASSES
        assert config['device']['identifiers'] == [f'ros2_ccs_{role}']
    assert len({json.loads(one)['unique_id'] for one in told.values()}) == len(told)


def test_a_unit_fits_its_device_class():
    units = {'battery': '%', 'voltage': 'V', 'current': 'A', 'energy': 'Wh', 'duration': 's'}
    for topic in TOPICS.values():
        assert units.get(topic.device_class, topic.unit) == topic.unit


def test_without_a_discovery_prefix_nothing_is_announced():
    assert configurations('', 'ros2_ccs/evse', 'evse') == {}


def test_what_is_not_known_is_the_word_for_it():
    assert number(nan) == UNKNOWN
    assert of_pilot(SimpleNamespace(state=99)) == {'cpstate': 'unknown'}


def test_desk_3_a_text_is_no_longer_than_home_assistant_takes():
    assert text('x' * 255) == 'x' * 255
    assert text('x' * 256) == 'x' * 254 + '…'
    assert text('') == UNKNOWN


def test_desk_3_zero_has_no_sign():
    assert [number(one, 1) for one in (-0.0, -0.04, 0.04, -0.06)] == ['0.0', '0.0', '0.0', '-0.1']
    assert [number(one) for one in (-0.4, 0.0, 400.0)] == ['0', '0', '400']
    assert [number(one) for one in (inf, -inf)] == [UNKNOWN, UNKNOWN]


@pytest.mark.parametrize(
    ('text', 'tls', 'broker'),
    [
        ('box', False, Broker('box', 1883)),
        ('box', True, Broker('box', 8883)),
        ('10.0.0.1:1884', False, Broker('10.0.0.1', 1884)),
        ('[fe80::1]:1884', False, Broker('fe80::1', 1884)),
    ],
)
def test_a_broker_is_read(text, tls, broker):
    assert Broker.of_text(text, tls=tls) == broker


@pytest.mark.parametrize('text', [
    '', ':1883', 'box:x', 'box:70000', 'box:0', 'box:²', 'a b', 'a..b', 'a' * 64,
])  # fmt: skip
def test_what_is_no_broker_is_refused(text):
    with pytest.raises(BadBroker, match='neither HOST nor HOST:PORT'):
        Broker.of_text(text, tls=False)


@pytest.mark.parametrize('text', ['ros2_ccs', '/ros2_ccs/', 'home/drive way', 'Höfe/1'])
def test_what_topics_begin_with(text):
    assert prefix_of('topic', text) == text.strip('/')


@pytest.mark.parametrize(
    'text', ['', '/', 'a/#', '+/b', 'a+', '$SYS', 'a\0b', 'a\nb', 'x' * 201, '\udcff']
)
def test_desk_8_what_nobody_can_publish_below_is_a_sentence(text):
    with pytest.raises(BadTopic, match=r'parameter topic: .* is no name'):
        prefix_of('topic', text)
