# SPDX-License-Identifier: Apache-2.0
"""What a small display and a lamp show, and an OLED at a serial line."""

from math import nan
import os
import pty
from types import SimpleNamespace

from hypothesis import given, strategies as st
import pytest

from plc_kit.run import CannotStart
from plc_log.oled import Oled
from plc_log.status import GREETED, GREETING, WIDTH, clock, light, lines
from v2g.session.stage import Stage


def state(stage, **fields):
    values = {'soc': 0.57, 'present_voltage': 398.6, 'present_current': 99.7, 'reason': ''}
    return SimpleNamespace(stage_name=stage, **values | fields)


def test_a_display_greets_at_boot_and_until_a_session_is_heard():
    assert lines(None, 0.0) == (*GREETING, '00:00')
    assert lines(state('IDLE'), GREETED - 0.1)[:2] == GREETING
    assert lines(state('IDLE', reason='waiting'), GREETED) == ('Idle', 'waiting', '00:03')


@pytest.mark.parametrize('stage', ['CABLE_CHECK', 'PRECHARGE'])
def test_volts_are_shown_before_current_flows(stage):
    assert lines(state(stage), 61.0)[1:] == ('399 V', '01:01')


def test_amperes_and_soc_are_shown_in_the_loop():
    assert lines(state('CHARGE_LOOP'), 6000.0) == ('Charge loop', '100 A  57 %', '100:00')
    assert lines(state('CHARGE_LOOP', soc=nan, present_current=nan), 0.0)[1] == '- A  - %'


def test_why_it_failed_is_shown():
    assert lines(state('FAILED', reason='isolation fault'), 9)[:2] == ('Failed', 'isolation fault')


@given(reason=st.text(), stage=st.text(), seconds=st.floats(0, 1e7))
def test_no_line_is_longer_than_a_display_or_holds_what_it_cannot_show(reason, stage, seconds):
    for line in lines(state(stage, reason=reason), seconds):
        assert len(line) <= WIDTH and line.isascii() and '\n' not in line


def test_minutes_go_on_beyond_an_hour():
    assert (clock(59.9), clock(3600), clock(7265)) == ('00:59', '60:00', '121:05')


def test_the_lamp_tells_the_ways_up_the_loop_and_failures_apart():
    shown = [light(state(stage)) for stage in ('IDLE', 'SLAC', 'SDP', 'CABLE_CHECK', 'PRECHARGE',
                                               'CHARGE_LOOP', 'FINISHED', 'FAILED')]  # fmt: skip
    assert len({*shown, light(None)}) == 9
    assert light(state('CHARGE_LOOP')).period == 0
    assert light(state('PRECHARGE')).period < light(state('CABLE_CHECK')).period


def test_every_stage_on_the_way_has_a_light_of_its_own():
    awake = light(state('IDLE'))
    assert [one.name for one in Stage if light(state(one.name)) == awake] == ['IDLE']


def test_an_oled_gets_three_lines_as_the_field_writes_them():
    master, terminal = pty.openpty()
    oled = Oled(os.ttyname(terminal))
    oled.show(('Charge loop', '100 A  57 %', '01:01'))
    assert os.read(master, 200) == b'lcCharge loop\nlc100 A  57 %\nlc01:01\n'
    oled.close()


def test_a_device_that_is_none_is_a_sentence(tmp_path):
    (tmp_path / 'file').write_text('')
    for device in (tmp_path / 'none', tmp_path / 'file'):
        with pytest.raises(CannotStart, match='cannot be opened'):
            Oled(str(device))
