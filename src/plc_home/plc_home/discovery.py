# SPDX-License-Identifier: Apache-2.0
"""Home Assistant's MQTT discovery: one retained configuration a value, all of one device."""

import json
from typing import Any

from plc_home.topics import OFFLINE, ONLINE, STATUS, Topic, topics_of

_MODELS = {'evse': 'charger', 'pev': 'vehicle'}


def configurations(discovery: str, prefix: str, role: str) -> dict[str, str]:
    """Topics and payloads that make Home Assistant know the values below `prefix`.

    discovery: its discovery prefix; empty: nothing is announced.
    """
    if not discovery:
        return {}
    node = identifier(prefix)
    return {
        f'{discovery}/{_component(topic)}/{node}/{name}/config': json.dumps(
            _configuration(name, topic, prefix, role)
        )
        for name, topic in topics_of(role).items()
    }


def identifier(prefix: str) -> str:
    """Return a prefix as Home Assistant takes it in names: letters, digits, _ and -."""
    return ''.join(c if c.isascii() and (c.isalnum() or c == '-') else '_' for c in prefix)


def _component(topic: Topic) -> str:
    return 'binary_sensor' if topic.binary else 'sensor'


def _configuration(name: str, topic: Topic, prefix: str, role: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        'name': topic.label,
        'unique_id': f'{identifier(prefix)}_{name}',
        'state_topic': f'{prefix}/{name}',
        'availability_topic': f'{prefix}/{STATUS}',
        'payload_available': ONLINE,
        'payload_not_available': OFFLINE,
        'device': {
            'identifiers': [identifier(prefix)],
            'name': prefix,
            'manufacturer': 'ros2_ccs',
            'model': _MODELS[role],
        },
        'origin': {'name': 'ros2_ccs'},
    }
    if topic.binary:
        told |= {'payload_on': '1', 'payload_off': '0'}
    optional = {
        'unit_of_measurement': topic.unit,
        'device_class': topic.device_class,
        'state_class': topic.state_class,
    }
    return told | {key: value for key, value in optional.items() if value}
