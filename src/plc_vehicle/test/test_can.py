# SPDX-License-Identifier: Apache-2.0
"""The CAN messages, octet by octet, and what their silence means."""

from math import isnan
from pathlib import Path

import cantools
from hypothesis import given, strategies as st
import pytest

from plc_msgs.msg import ChargingState
from plc_vehicle.can_map import INFO_NUMBER, BadDbc, CanMap, MalformedFrame, Story
from plc_vehicle.can_pack import CanPack

DBC = (Path(__file__).parents[1] / 'dbc/ros2_ccs.dbc').read_text()
STORY = Story(
    stage=ChargingState.CHARGE_LOOP,
    soc=0.55,
    max_voltage=500.0,
    max_current=200.0,
    present_voltage=371.0,
    present_current=119.0,
    target_voltage=403.0,
    target_current=120.0,
    mac=bytes.fromhex('020406080a0c'),
    attempt=3,
)


CLARA = CanMap(DBC, 'clara')


@pytest.fixture
def clara():
    return CLARA


@pytest.fixture
def foccci():
    return CanMap(DBC, 'foccci')


def test_a_battery_stands_where_clara_has_it(clara):
    assert clara.read(0x100, bytes.fromhex('6301000000000000')) == {'BatteryVoltage': 355}
    request = clara.read(0x102, bytes.fromhex('0093017800016e00'))
    assert request == {'TargetVoltage': 403, 'ChargeCurrent': 120, 'Enable': 1, 'SoC': 55.0}
    assert all(isinstance(value, float) for value in request.values())  # a message takes no int


def test_the_charger_stands_where_clara_has_it(clara):
    told = dict(clara.tell(STORY))
    assert told[0x108] == bytes.fromhex('00f401c800000000')
    assert told[0x109] == bytes.fromhex('0073017705000000')  # 16 x 0.289 = 4.6


def test_the_story_stands_where_the_cape_has_it(foccci):
    told = dict(foccci.tell(STORY))
    assert told[0x678] == bytes.fromhex('0d37000000000000')
    assert told[0x679] == bytes.fromhex('9301780073017700')
    assert told[0x67A] == bytes.fromhex('020406080a0c0300')


def test_what_is_not_known_is_told_as_nothing(clara, foccci):
    assert all(octets == bytes(8) for _, octets in clara.tell(Story()))
    assert dict(foccci.tell(Story()))[0x679] == bytes(8)


def test_an_ampere_too_many_for_eight_bits_is_told_as_the_most(clara):
    told = dict(clara.tell(Story(max_voltage=1000.0, max_current=500.0, present_current=-1.0)))
    assert told[0x108] == bytes.fromhex('00e803ff00000000')
    assert told[0x109] == bytes(8)


def test_every_stage_has_an_info_number_of_the_cape():
    assert set(INFO_NUMBER) == set(range(ChargingState.IDLE, ChargingState.FAILED + 1))
    words = cantools.database.load_string(DBC, 'dbc').get_message_by_name('FoccciInfo')
    named = words.get_signal_by_name('InfoNumber').choices
    assert len(named) == 22 and set(INFO_NUMBER.values()) <= set(named)


@given(st.integers(0, 0x7FF), st.binary(max_size=8))
def test_any_frame_is_signals_or_malformed_or_nothing(frame_id, octets):
    try:
        signals = CLARA.read(frame_id, octets)
    except MalformedFrame:
        assert frame_id in (0x100, 0x102) and len(octets) < 8
        return
    assert bool(signals) == (frame_id in (0x100, 0x102))


def test_a_dbc_without_our_messages_is_a_sentence():
    with pytest.raises(BadDbc, match='ClaraRequest'):
        CanMap(DBC.replace('ClaraRequest', 'Another'), 'clara')
    with pytest.raises(BadDbc):
        CanMap('not a DBC', 'clara')


LIMIT = ' SG_ EvseMaxCurrent : 24|8@1+ (1,0) [0|255] "A" Vehicle\n'


@pytest.mark.parametrize(
    ('signal', 'octet'),
    [
        ('24|8@1+ (1,0) [0|0]', 'ff'),
        ('24|8@1- (1,0) [0|0]', '7f'),
        ('24|8@1+ (2,0) [0|0]', 'fa'),
        ('24|8@1+ (-2,510) [0|0]', '05'),
        ('24|8@1+ (1,0) [0|200]', 'c8'),
    ],
)
def test_a_signal_is_told_the_most_that_its_bits_and_its_range_carry(signal, octet):
    assert LIMIT in DBC
    told = DBC.replace(LIMIT, f' SG_ EvseMaxCurrent : {signal} "A" Vehicle\n')
    frames = dict(CanMap(told, 'clara').tell(Story(max_voltage=1000.0, max_current=500.0)))
    assert frames[0x108].hex() == f'00e803{octet}00000000'


def test_a_signal_of_the_users_own_is_told_as_0():
    more = DBC.replace(LIMIT, LIMIT + ' SG_ Spare : 40|8@1+ (1,0) [0|255] "" Vehicle\n')
    assert dict(CanMap(more, 'clara').tell(STORY))[0x108] == bytes.fromhex('00f401c800000000')


def test_a_message_that_cannot_be_made_is_a_sentence_at_the_start():
    wrong = DBC.replace(LIMIT, LIMIT.replace('[0|255]', '[300|400]'))
    with pytest.raises(BadDbc, match='EvseMaxCurrent'):
        CanMap(wrong, 'clara')


def hear(pack, now, *names):
    told = {
        'battery': {'BatteryVoltage': 355},
        'request': {'TargetVoltage': 403, 'ChargeCurrent': 120, 'Enable': 1, 'SoC': 55.0},
    }
    for name in names:
        pack.hear(told[name], now)


def test_a_second_of_silence_of_either_message_is_0_ampere_and_a_fault():
    pack = CanPack()
    assert pack.reading(0.0).max_current == 0.0 and 'CAN is silent' in pack.reading(0.0).fault
    hear(pack, 10.0, 'battery', 'request')
    reading = pack.reading(11.0)
    assert (reading.max_current, reading.fault) == (120, '')
    assert (reading.voltage, reading.max_voltage, reading.soc) == (355, 403, 0.55)
    assert isnan(reading.max_power) and reading.charge_wanted
    hear(pack, 11.0, 'battery')
    reading = pack.reading(11.01)
    assert reading.max_current == 0.0
    assert reading.fault == 'CAN is silent: no TargetVoltage for 1 s'


def test_enable_0_wants_no_charge():
    pack = CanPack()
    hear(pack, 0.0, 'battery', 'request')
    pack.hear({'Enable': 0}, 0.0)
    assert not pack.reading(0.0).charge_wanted
    assert not CanPack().reading(0.0).charge_wanted
    assert isnan(CanPack().reading(0.0).voltage) and isnan(CanPack().reading(0.0).soc)
