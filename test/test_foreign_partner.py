# SPDX-License-Identifier: Apache-2.0
"""Two sides that share a wire and no cable: each in a graph of its own, with a stand-in (D2)."""

import os
from pathlib import Path
import subprocess

import pytest

from plc_msgs.msg import ChargingState

ROOT = Path(__file__).resolve().parents[1]
CACHE = Path(os.environ.get('XDG_CACHE_HOME', Path.home() / '.cache')) / 'ros2_ccs/peers'
PEER = Path(os.environ.get('CCS_PEERS', CACHE)) / 'ecog/installed'

LOOP = ChargingState.CHARGE_LOOP


def side(role, interface, *arguments):
    """The command of one side, without modem and SLAC."""
    command = ('ros2', 'launch', 'plc_bringup', f'{role}.launch.py', f'interface:={interface}')
    return (*command, 'slac:=skip', 'modem:=none', *arguments)


def test_desk_2_each_side_charges_with_a_partner_that_has_no_plug(start, watch, domain, ends):
    foreign = ('env', f'ROS_DOMAIN_ID={100 + domain}')  # its cable is another
    evse = start(*foreign, *side('evse', ends[1], 'partner:=foreign', 'exit_when_done:=true'))
    pev = start(*side('pev', ends[0], 'partner:=foreign'))
    states = watch.follow('/pev/charging/state')
    watch.wait(lambda: states and states[-1].stage == LOOP and states[-1].present_current > 5, 60)
    pev.interrupt()
    watch.wait(lambda: states[-1].stage == ChargingState.FINISHED, 20)
    assert evse.end() == 0, evse.output
    assert 'FINISHED' in evse.output


def test_desk_2_without_a_stand_in_the_wait_is_named(start, watch, ends):
    start(*side('pev', ends[0]))
    states = watch.follow('/pev/charging/state')
    told = 'waiting for the pilot: it shows E, no charger with power'
    watch.wait(lambda: states and states[-1].reason == told, 40)


@pytest.mark.skipif(not PEER.exists(), reason='EcoG is not installed: tools/peer_ecog.sh vehicle')
@pytest.mark.parametrize('which', ['vehicle', 'charger'])
def test_desk_2_ecog_is_met_by_one_command(domain, which):
    done = subprocess.run(
        ('tools/peer_ecog.sh', which), cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'CHARGE_LOOP' in done.stdout if which == 'vehicle' else 'PRECHARGE' in done.stdout
