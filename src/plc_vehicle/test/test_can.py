# SPDX-License-Identifier: Apache-2.0
"""The CAN messages, octet by octet, and what their silence means."""

from math import inf, isnan, nan
from pathlib import Path
from queue import Queue
import struct

import can
import cantools
from hypothesis import given, strategies as st
import pytest

from plc_msgs.msg import ChargingState
from plc_vehicle.can_map import INFO_NUMBER, BadDbc, CanFrame, CanMap, MalformedFrame, Story
from plc_vehicle.can_pack import CanPack, CanSettings
from plc_vehicle.ports.bus import Bus

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


def by_id(frames):
    """What is told, as {identifier: octets}."""
    return {frame.frame_id: frame.octets for frame in frames}


def test_a_battery_stands_where_clara_has_it(clara):
    assert clara.read(CanFrame(0x100, bytes.fromhex('6301000000000000'))) == {
        'BatteryVoltage': 355
    }
    request = clara.read(CanFrame(0x102, bytes.fromhex('0093017800016e00')))
    assert request == {'TargetVoltage': 403, 'ChargeCurrent': 120, 'Enable': 1, 'SoC': 55.0}
    assert all(isinstance(value, float) for value in request.values())  # a message takes no int


def test_the_charger_stands_where_clara_has_it(clara):
    told = by_id(clara.tell(STORY))
    assert told[0x108] == bytes.fromhex('00f401c800000000')
    assert told[0x109] == bytes.fromhex('0073017705000000')  # 16 x 0.289 = 4.6


def test_the_story_stands_where_the_cape_has_it(foccci):
    told = by_id(foccci.tell(STORY))
    assert told[0x678] == bytes.fromhex('0d37000000000000')
    assert told[0x679] == bytes.fromhex('9301780073017700')
    assert told[0x67A] == bytes.fromhex('020406080a0c0300')


def test_what_is_not_known_is_told_as_nothing(clara, foccci):
    assert all(frame.octets == bytes(8) for frame in clara.tell(Story()))
    assert by_id(foccci.tell(Story()))[0x679] == bytes(8)


def test_an_ampere_too_many_for_eight_bits_is_told_as_the_most(clara):
    told = by_id(clara.tell(Story(max_voltage=1000.0, max_current=500.0, present_current=-1.0)))
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
        signals = CLARA.read(CanFrame(frame_id, octets))
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
    frames = by_id(CanMap(told, 'clara').tell(Story(max_voltage=1000.0, max_current=500.0)))
    assert frames[0x108].hex() == f'00e803{octet}00000000'


def test_a_signal_of_the_users_own_is_told_as_0():
    more = DBC.replace(LIMIT, LIMIT + ' SG_ Spare : 40|8@1+ (1,0) [0|255] "" Vehicle\n')
    assert by_id(CanMap(more, 'clara').tell(STORY))[0x108] == bytes.fromhex('00f401c800000000')


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
    assert reading.fault == 'CAN is silent: no TargetVoltage and ChargeCurrent and Enable for 1 s'


@pytest.mark.parametrize('name', ['TargetVoltage', 'ChargeCurrent', 'Enable', 'SoC'])
def test_line_9_a_page_of_a_multiplexed_message_that_stays_away_is_silent(name):
    pack = CanPack()
    hear(pack, 0.0, 'battery', 'request')
    pages = {'TargetVoltage': 403, 'ChargeCurrent': 120, 'Enable': 1, 'SoC': 55.0}
    hear(pack, 1.01, 'battery')
    pack.hear({page: value for page, value in pages.items() if page != name}, 1.01)
    reading = pack.reading(1.01)
    if name == 'SoC':  # the machine ends what has lost it (R1)
        assert isnan(reading.soc) and not reading.fault
        return
    assert (reading.max_current, reading.fault) == (0.0, f'CAN is silent: no {name} for 1 s')


FLOATS = (
    DBC.replace('0|16@1+ (1,0) [0|65535] "V" Ccs', '0|32@1- (1,0) [0|0] "V" Ccs', 1)
    + '\nSIG_VALTYPE_ 256 BatteryVoltage : 1;\nVAL_ 256 BatteryVoltage 65535 "SNA" ;\n'
)


@pytest.mark.parametrize(
    ('volts', 'told'), [(350.5, 350.5), (-1.0, -1.0), (65535.0, nan), (nan, nan), (inf, nan)]
)
def test_line_9_a_float_with_names_is_read_be_it_a_number_or_none(volts, told):
    octets = struct.pack('<f4x', volts)
    number = CanMap(FLOATS, 'clara').read(CanFrame(0x100, octets))['BatteryVoltage']
    assert number == told or (isnan(number) and isnan(told))


def test_enable_0_wants_no_charge():
    pack = CanPack()
    hear(pack, 0.0, 'battery', 'request')
    pack.hear({'Enable': 0}, 0.0)
    assert not pack.reading(0.0).charge_wanted
    assert not CanPack().reading(0.0).charge_wanted
    assert isnan(CanPack().reading(0.0).voltage) and isnan(CanPack().reading(0.0).soc)


EXTENDED = DBC.replace('BO_ 256 ', f'BO_ {0x98FF0900} ').replace('BO_ 264 ', f'BO_ {0x98FF0A00} ')
VOLTS = CanFrame(0x18FF0900, bytes.fromhex('6301000000000000'), extended=True)


def test_line_9_identifiers_of_29_bits_are_heard_and_told_as_such():
    map_ = CanMap(EXTENDED, 'clara')
    assert map_.read(VOLTS) == {'BatteryVoltage': 355}
    assert map_.read(CanFrame(0x100, VOLTS.octets)) == {}
    assert map_.read(CanFrame(0x100, VOLTS.octets, extended=True)) == {}
    told = {(frame.frame_id, frame.extended) for frame in map_.tell(STORY)}
    assert told == {(0x18FF0A00, True), (0x109, False)}


@pytest.mark.parametrize('extended', [False, True])
def test_line_9_the_bus_carries_identifiers_of_both_lengths(extended):
    frame = CanFrame(0x123, b'\x01\x02', extended)
    heard = Queue()
    settings = CanSettings(can_interface='virtual', can_channel=f'both {extended}')
    bus = Bus(settings, heard.put)
    with can.Bus(interface='virtual', channel=settings.can_channel) as other:
        assert not bus.send(frame)
        came = other.recv(5)
        assert (came.arbitration_id, came.is_extended_id) == (0x123, extended)
        other.send(came)
        assert heard.get(timeout=5) == frame
    bus.close()


def test_line_9_a_message_that_no_classic_frame_carries_is_a_sentence():
    with pytest.raises(BadDbc, match='ClaraBattery has 12 octets; a frame here carries 8'):
        CanMap(DBC.replace('ClaraBattery: 8', 'ClaraBattery: 12'), 'clara')


OWN_RANGES = (
    DBC.replace('0|16@1+ (1,0) [0|65535] "V" Ccs', '0|16@1+ (0.1,0) [0|500] "V" Ccs', 1)
    + '\nVAL_ 258 ChargeCurrent 255 "SNA" 254 "Signal not available" 0 "none wanted" ;\n'
    + 'VAL_ 258 SoC 255 "Invalid" 254 "n/a" ;\nVAL_ 258 Enable 1 "on" 0 "off" ;\n'
)


@pytest.mark.parametrize(
    ('frame_id', 'octets', 'name', 'value'),
    [
        (0x100, '8813000000000000', 'BatteryVoltage', 500.0),
        (0x100, '8913000000000000', 'BatteryVoltage', None),  # 500.1 V
        (0x100, 'ffff000000000000', 'BatteryVoltage', None),  # 6553.5 V
        (0x102, '009301fd01006e00', 'ChargeCurrent', 253.0),
        (0x102, '009301ff01006e00', 'ChargeCurrent', None),
        (0x102, '009301fe01006e00', 'ChargeCurrent', None),
        (0x102, '0093010001006e00', 'ChargeCurrent', 0.0),  # a name that is a number all the same
        (0x102, '009301780100ff00', 'SoC', None),
        (0x102, '009301780100fe00', 'SoC', None),
    ],
)
def test_line_9_a_number_that_the_dbc_does_not_allow_or_calls_none_is_not_known(
    frame_id, octets, name, value
):
    number = CanMap(OWN_RANGES, 'clara').read(CanFrame(frame_id, bytes.fromhex(octets)))[name]
    assert isnan(number) if value is None else number == value


@pytest.mark.parametrize(
    ('octets', 'volts'),
    [('0000b443', 360.0), ('00007f43', nan), ('0000c07f', nan), ('0000807f', nan)],
)
def test_line_9_a_signal_of_floats_may_have_none_by_its_own_format(octets, volts):
    dbc = DBC.replace('0|16@1+ (1,0) [0|65535] "V" Ccs', '0|32@1- (1,0) [0|0] "V" Ccs', 1)
    dbc += '\nVAL_ 256 BatteryVoltage 255 "SNA" ;\nSIG_VALTYPE_ 256 BatteryVoltage : 1;\n'
    frame = CanFrame(0x100, bytes.fromhex(octets + '00000000'))  # 360, 255, NaN, infinite
    assert CanMap(dbc, 'clara').read(frame)['BatteryVoltage'] == pytest.approx(volts, nan_ok=True)


@pytest.mark.parametrize(
    'name', ['BatteryVoltage', 'TargetVoltage', 'ChargeCurrent', 'Enable', 'SoC']
)
def test_line_9_what_is_needed_and_no_number_takes_no_current_and_is_a_fault(name):
    pack = CanPack()
    hear(pack, 0.0, 'battery', 'request')
    pack.hear({name: nan}, 0.0)
    reading = pack.reading(0.0)
    if name == 'SoC':  # the machine waits for it (R10)
        assert isnan(reading.soc) and not reading.fault
        return
    assert reading.max_current == 0.0
    assert reading.fault == f'CAN tells no number that can be for {name}'
    assert reading.charge_wanted is (name != 'Enable')
