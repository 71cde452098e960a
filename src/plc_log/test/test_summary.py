# SPDX-License-Identifier: Apache-2.0
"""The table of a recorded session, from bags as recorders leave them."""

from math import nan
from pathlib import Path

from hypothesis import HealthCheck, given, settings, strategies as st
from mcap_ros2.writer import Writer
import pytest

from plc_log.stages import FAILED, FINISHED, SAFE_END, Story
from plc_log.summary import main

MESSAGES = Path(__file__).parents[2] / 'plc_msgs' / 'msg'
TIME = '=' * 80 + '\nMSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n'
UNKNOWN = dict.fromkeys(
    ['soc', 'present_voltage', 'present_current', 'target_voltage', 'target_current',
     'remaining_time', 'vehicle_max_voltage', 'vehicle_max_current', 'vehicle_max_power',
     'charger_max_voltage', 'charger_min_voltage', 'charger_max_current', 'charger_min_current',
     'charger_max_power'], nan,
)  # fmt: skip
CHARGE = [
    (0.0, {'stage_name': 'IDLE'}),
    (2.0, {'stage_name': 'SLAC'}),
    (2.5, {'stage_name': 'SLAC'}),
    (3.0, {'stage_name': 'CHARGE_LOOP', 'soc': 0.5}),
    (5.0, {'stage_name': 'CHARGE_LOOP', 'soc': 0.6, 'present_voltage': 400.0,
           'present_current': 100.0, 'energy': 55.0}),
    (7.0, {'stage_name': 'SESSION_STOP', 'soc': 0.6, 'energy': 60.0}),
    (7.5, {'stage_name': FINISHED, 'soc': 0.6, 'energy': 60.0}),
    (9.5, {'stage_name': 'IDLE', 'reason': 'nothing is plugged in'}),
]  # fmt: skip
FAILURE = [
    (0.0, {'stage_name': 'SLAC'}),
    (1.0, {'stage_name': 'CABLE_CHECK'}),
    (4.0, {'stage_name': SAFE_END, 'reason': 'isolation fault'}),
    (4.5, {'stage_name': FAILED, 'reason': 'isolation fault'}),
]


def recorded(folder, **sides):
    """Write a bag of charging/state; returns its folder."""
    folder.mkdir()
    with (folder / 'bag_0.mcap').open('wb') as file:
        writer = Writer(file)
        text = (MESSAGES / 'ChargingState.msg').read_text() + TIME
        schema = writer.register_msgdef('plc_msgs/msg/ChargingState', text)
        for role, states in sides.items():
            for time, fields in states:
                stamp = {'sec': 1000 + int(time), 'nanosec': int(time % 1 * 1e9)}
                message = {'stamp': stamp, 'role': role, **UNKNOWN, **fields}
                writer.write_message(f'/{role}/charging/state', schema, message, int(time * 1e9))
        writer.finish()
    return folder


def test_finished_session_is_a_table_and_status_0(tmp_path, capsys):
    bag = recorded(tmp_path / 'bag', pev=CHARGE, evse=FAILURE)
    assert main([str(bag)]) == 0
    output = capsys.readouterr()
    lines = output.out.splitlines()
    assert [line.split() for line in lines[1:4]] == [
        ['SLAC', '0.00', 's', '1.00', 's'],
        ['CHARGE_LOOP', '1.00', 's', '4.00', 's'],
        ['SESSION_STOP', '5.00', 's', '0.50', 's'],
    ]
    assert lines[5:] == [
        'energy   60 Wh',
        'SoC      50.0% to 60.0%',
        'power    40.0 kW at most',
        'outcome  FINISHED after 5.5 s',
        f'bag      {bag}',
    ]
    assert output.err == ''


def test_failed_session_names_stage_and_reason_and_is_status_1(tmp_path, capsys):
    assert main([str(recorded(tmp_path / 'bag', evse=CHARGE, pev=FAILURE))]) == 1
    output = capsys.readouterr()
    assert output.err == 'summary: the session failed in CABLE_CHECK: isolation fault\n'
    assert 'FAILED after 4.5 s: isolation fault' in output.out


def test_session_that_did_not_end_is_status_1(tmp_path, capsys):
    assert main([str(recorded(tmp_path / 'bag', pev=CHARGE[:5]))]) == 1
    assert 'did not end; it was last seen in CHARGE_LOOP' in capsys.readouterr().err


def test_bag_of_the_charger_alone_tells_its_session(tmp_path, capsys):
    assert main([str(recorded(tmp_path / 'bag', evse=CHARGE))]) == 0


def test_last_attempt_counts():
    story = Story()
    again = [(time + 20, fields) for time, fields in CHARGE]
    for time, fields in [*FAILURE, *again]:
        story.take(type('State', (), {'role': 'pev', 'protocol': '', 'reason': '', 'energy': 0.0,
                                      **UNKNOWN, **fields}), time)  # fmt: skip
    assert story.outcome == FINISHED
    names = [step.name for step in story.steps]
    assert names == ['SLAC', 'CABLE_CHECK', SAFE_END, 'SLAC', 'CHARGE_LOOP', 'SESSION_STOP']


@pytest.mark.parametrize('content', [None, b'', b'nonsense', bytes(2000)])
def test_bag_that_is_none_is_one_sentence(tmp_path, capsys, content):
    if content is not None:
        (tmp_path / 'x.mcap').write_bytes(content)
    assert main([str(tmp_path)]) == 2
    output = capsys.readouterr()
    assert output.out == ''
    assert len(output.err.splitlines()) == (2 if content == b'' else 1)
    if content:
        assert output.err.endswith('x.mcap is no MCAP file\n')


def test_folder_that_is_not_there_is_one_sentence(tmp_path, capsys):
    assert main([str(tmp_path / 'none')]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1))
def test_cut_bag_is_read_up_to_the_cut(tmp_path, capsys, share):
    folder = tmp_path / 'bag'
    if not folder.exists():
        recorded(folder, pev=CHARGE)
    octets = (folder / 'bag_0.mcap').read_bytes()
    cut = tmp_path / 'cut.mcap'
    cut.write_bytes(octets[: int(share * (len(octets) - 1))])
    status = main([str(cut)])
    output = capsys.readouterr()
    assert status in (0, 1, 2)
    assert 'not closed by its recorder' in output.err
    assert 'Traceback' not in output.err
