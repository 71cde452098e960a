# SPDX-License-Identifier: Apache-2.0
"""A whole charge with a QCA7005 by SPI at both ends, while what can go wrong there does."""

from modem_faults import ROWS, play
import pytest

from plc_kit.network import Network, NetworkUnavailable, open_tap

FAULTS = 'signature@0,garbage@12,short@25,garbage@60,short@100,cpu-on@180,reset@230,stuck@290'


@pytest.fixture
def tap(network):
    """Skip where no TAP interface can be made."""
    try:
        with Network(f'{network}t', [('pev', '02:70:65:76:00:01')]) as probe:
            open_tap(probe.name, 'pev')
    except (PermissionError, FileNotFoundError, NetworkUnavailable) as error:
        pytest.skip(f'no TAP interface can be made here (/dev/net/tun): {error}')


def test_a_charge_outlives_every_fault_of_its_modems_and_tells_which_it_was(start, network, tap):
    command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}')
    options = ('modem:=qca7005', f'spi:=sim,{FAULTS}', 'exit_when_done:=true', 'speed:=40')
    launch = start(*command, *options)
    assert launch.end(120) == 0, launch.output
    assert 'Traceback' not in launch.output
    for side in ('pev', 'evse'):
        told = [
            line.partition('QCA7005: ')[2]
            for line in launch.output.splitlines()
            if f'[{side}.modem]: QCA7005: ' in line
        ]
        assert 'it was reset: it has had no room for a frame' in told
        assert len(told) >= 3, told  # cpu-on and reset too


@pytest.mark.parametrize('fault', ['signature', 'short', 'garbage', 'reset'])
def test_each_fault_is_outlived_or_ends_the_session_safely_and_is_told(tap, domain, fault):
    rows = [row for row in ROWS if row.fault.partition('@')[0] == fault]
    outcome = play(rows[-1])
    assert outcome.good, str(outcome)
    assert outcome.told
    assert outcome.charged
