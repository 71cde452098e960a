# SPDX-License-Identifier: Apache-2.0
"""What is started beside a side that charges disturbs nothing (R6)."""

import pytest

from plc_msgs.msg import ChargingState

PATIENCE = 60.0  # s
REFUSED = 78  # a node that cannot start here


def sim(network, composed):
    """The command of a simulated charge that lasts for longer than a test."""
    command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}')
    return (*command, f'composed:={composed}', 'record:=false')


def node(package, name, *parameters):
    """The command of a single node of the vehicle's side."""
    return ('ros2', 'run', package, name, '--ros-args', '-r', '__ns:=/pev', *parameters)


@pytest.mark.parametrize('composed', ['false', 'true'])
def test_safety_3_what_is_started_twice_ends_in_a_sentence_and_the_charge_goes_on(
    start, watch, network, domain, composed
):
    states = watch.follow('/pev/charging/state')
    first = start(*sim(network, composed))
    watch.wait(lambda: any(s.stage == ChargingState.CHARGE_LOOP for s in states), PATIENCE)

    def refused(status, sentence, *command, **environment):
        second = start('env', *(f'{k}={v}' for k, v in environment.items()), *command)
        watch.wait(lambda: second.process.poll() is not None, PATIENCE)
        assert (second.end(), 'Traceback' in second.output) == (status, False), second.output
        assert sentence in second.output

    launcher = f'(process {first.process.pid})'
    side = f'the side /pev of ROS domain {domain} runs already {launcher}'
    line = f"a simulated network '{network}' runs already {launcher}"
    pev = ('ros2', 'launch', 'plc_bringup', 'pev.launch.py', 'modem:=none', 'interface:=lo')
    refused(1, side, *pev, 'allow_ipv4:=true')
    refused(1, side, *sim(f'{network}b', 'true'))
    refused(1, line, *sim(network, 'false'), ROS_DOMAIN_ID=domain + 100)
    for package, name in (('v2g', 'session'), ('slac', 'slac'), ('plc_sim', 'vehicle')):
        refused(REFUSED, f'/pev/{name} of ROS domain {domain} runs', *node(package, name))
    modem = node('plc_modem', 'modem', '-p', f'interface:=pev@{network}')
    refused(REFUSED, f'a modem node at pev@{network} runs', *modem, ROS_DOMAIN_ID=domain + 100)

    assert {state.error for state in states} == {''}
    assert states[-1].stage == ChargingState.CHARGE_LOOP
    first.interrupt()
    watch.wait(lambda: first.process.poll() is not None, PATIENCE)
    assert first.end() == 0, first.output
    assert states[-1].stage == ChargingState.FINISHED
