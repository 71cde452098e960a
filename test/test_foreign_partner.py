# SPDX-License-Identifier: Apache-2.0
"""Two sides that share a wire and no cable: each in a graph of its own, with a stand-in (D2)."""

from plc_msgs.msg import ChargingState

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
