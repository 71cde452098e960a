# SPDX-License-Identifier: Apache-2.0
"""The names under which a broker is told, and what each is made of (docs/wallbox.md).

`None` is told for what is not known: an empty payload would delete the topic, and Home Assistant
takes this word for "unknown". Messages come as they are; nothing of ROS is imported.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

UNKNOWN = 'None'
_LONGEST_PREFIX = 200  # characters; MQTT has 65535 octets for a whole topic
_LONGEST = 255  # characters of a state of Home Assistant; it drops what is longer
STATUS, ONLINE, OFFLINE = 'status', 'online', 'offline'
_PILOT = ('unknown', 'A', 'B', 'C', 'D', 'E', 'F')


class BadTopic(ValueError):
    """Nothing can be published below such a name; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One value: its name for people, and how Home Assistant has to read it."""

    label: str
    unit: str = ''
    device_class: str = ''
    state_class: str = ''
    binary: bool = False


def _measured(label: str, unit: str, device_class: str) -> Topic:
    return Topic(label, unit, device_class, 'measurement')


TOPICS: dict[str, Topic] = {
    'fsm_state': Topic('Stage'),
    'active': Topic('Session', device_class='running', binary=True),
    'soc': _measured('State of charge', '%', 'battery'),
    'full_soc': Topic('State of charge when full', '%'),
    'bulk_soc': Topic('State of charge of fast charging', '%'),
    'battery_capacity': Topic('Battery capacity', 'Wh', 'energy_storage'),
    'energy_request': Topic('Energy wanted', 'Wh', 'energy_storage'),
    'energy': Topic('Energy delivered', 'Wh', 'energy', 'total_increasing'),
    'evccid': Topic('EVCCID'),
    'mac': Topic('MAC in SLAC'),
    'modem_mac': Topic('MAC of the modem'),
    'protocols': Topic('Protocols offered'),
    'energy_transfer': Topic('Energy transfer'),
    'departure_time': Topic('Departure', 's', 'duration'),
    'vehicle': Topic('Vehicle'),
    'cpstate': Topic('Control pilot'),
    'relay_request': Topic('Contactors asked to close', binary=True),
    'lock_request': Topic('Plug asked to lock', binary=True),
    'charger_max_voltage': _measured('Voltage of the charger at most', 'V', 'voltage'),
    'charger_max_current': _measured('Current of the charger at most', 'A', 'current'),
    'charger_voltage': _measured('Voltage', 'V', 'voltage'),
    'charger_current': _measured('Current', 'A', 'current'),
    'target_voltage': _measured('Voltage asked for', 'V', 'voltage'),
    'target_current': _measured('Current asked for', 'A', 'current'),
    'error': Topic('Error'),
    'reason': Topic('Reason'),
}
OF_A_ROLE = {'lock_request': 'pev', 'full_soc': 'evse', 'bulk_soc': 'evse', 'mac': 'evse',
    'modem_mac': 'evse', 'protocols': 'evse', 'energy_transfer': 'evse', 'vehicle': 'evse',
    'departure_time': 'evse', 'energy_request': 'evse'}  # fmt: skip


def topics_of(role: str) -> dict[str, Topic]:
    """The topics of one side of the cable: pev or evse."""
    return {name: one for name, one in TOPICS.items() if OF_A_ROLE.get(name, role) == role}


def number(value: float, digits: int = 0) -> str:
    """Return a number as text, zero without a sign; NaN: not known."""
    return f'{round(value, digits) + 0.0:.{digits}f}' if isfinite(value) else UNKNOWN


def text(value: str) -> str:
    """Return a text, cut to what Home Assistant takes; empty: not known."""
    return (value if len(value) <= _LONGEST else f'{value[: _LONGEST - 1]}…') or UNKNOWN


def flag(value: bool) -> str:
    """Return 1 or 0."""
    return '1' if value else '0'


def of_state(state: Any, *, role: str) -> dict[str, str]:
    """Of plc_msgs/ChargingState; what charging/vehicle tells of an evse's vehicle is not in it."""
    told = {
        'fsm_state': state.stage_name,
        'active': flag(state.active),
        'energy': number(state.energy),
        'charger_max_voltage': number(state.charger_max_voltage, 1),
        'charger_max_current': number(state.charger_max_current, 1),
        'charger_voltage': number(state.present_voltage, 1),
        'charger_current': number(state.present_current, 1),
        'target_voltage': number(state.target_voltage, 1),
        'target_current': number(state.target_current, 1),
        'error': text(state.error),
        'reason': text(state.reason),
    }
    if role == 'pev':
        told |= {'soc': number(100 * state.soc), 'evccid': text(state.evcc_id)}
    return told


def of_vehicle(vehicle: Any) -> dict[str, str]:
    """Of plc_msgs/ChargingVehicle; all of it is unknown when the vehicle has left."""
    return {
        'vehicle': vehicle.status_name,
        'soc': number(100 * vehicle.soc),
        'full_soc': number(100 * vehicle.full_soc),
        'bulk_soc': number(100 * vehicle.bulk_soc),
        'battery_capacity': number(vehicle.energy_capacity),
        'energy_request': number(vehicle.energy_request),
        'evccid': text(vehicle.evcc_id),
        'mac': text(vehicle.mac),
        'modem_mac': text(vehicle.modem_mac),
        'protocols': text(','.join(vehicle.protocols)),
        'energy_transfer': text(vehicle.energy_transfer),
        'departure_time': number(vehicle.departure_time),
    }


def of_pilot(pilot: Any) -> dict[str, str]:
    """Of plc_msgs/ControlPilot."""
    return {'cpstate': _PILOT[pilot.state] if pilot.state < len(_PILOT) else _PILOT[0]}


def prefix_of(parameter: str, text: str) -> str:
    """Return what topics may begin with, without slashes around it; raises BadTopic.

    A broker hangs up on who publishes to a wildcard, and keeps what begins with $ to itself.
    """
    prefix = text.strip('/')
    if not prefix or len(prefix) > _LONGEST_PREFIX or not prefix.isprintable():
        raise BadTopic(
            f'parameter {parameter}: {text[:_LONGEST]!r} is no name of 1 to {_LONGEST_PREFIX}'
            ' characters that print'
        )
    if set('+#') & set(prefix) or prefix.startswith('$'):
        raise BadTopic(
            f'parameter {parameter}: {text!r} is no name to publish below: it has a wildcard'
            ' (+, #), or begins with $'
        )
    return prefix


def below(prefix: str, values: Mapping[str, str]) -> dict[str, str]:
    """Topics in full."""
    return {f'{prefix}/{name}': value for name, value in values.items()}
