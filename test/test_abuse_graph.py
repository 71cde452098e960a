# SPDX-License-Identifier: Apache-2.0
"""abuse_45 to abuse_47 in one running charge: a second session node, slow readers, all at once.

And what becomes of it when its modem node is deactivated.
"""

import os
import signal

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
import pytest
from sourced import needs_bag_command
from std_srvs.srv import SetBool, Trigger
from two_sides import Group, two_sides

from plc_kit.qos import STREAM
from plc_msgs.msg import V2gMessage
from v2g.session.side import UNPLUG_TIME

SPAN = 2.0  # s that are looked at


@pytest.fixture(scope='module')
def charge():
    """Both sides while current flows; what is done to them by one test, the next one meets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('ROS_DOMAIN_ID', str(2 + os.getpid() % 99))
        with two_sides() as sides:
            assert sides.reach('pev', 'CHARGE_LOOP'), sides.output
            assert sides.wait(lambda: sides.truth['pev'].state.present_current > 5)
            yield sides


@pytest.fixture
def beside(charge, tmp_path):
    """Start a command beside them."""
    running = []

    def start(*command):
        running.append(Group(command, tmp_path / f'{len(running)}.log'))
        return running[-1]

    yield start
    for one in running:
        one.end()


def still_charging(charge):
    """Tell whether current has flowed all the time of the last look, and flows."""
    return all(not truth.changes[-1][1] for truth in charge.truth.values())


@pytest.mark.parametrize('name', ['session', 'another'])
def test_abuse_45_a_second_session_node_ends_and_changes_nothing(charge, beside, name):
    changes = [len(truth.changes) for truth in charge.truth.values()]
    role = ('-r', '__ns:=/pev', '-r', f'__node:={name}', '-p', 'role:=pev')
    second = beside('ros2', 'run', 'v2g', 'session', '--ros-args', *role)
    assert charge.wait(lambda: second.process.poll() is not None)
    assert '/pev/session of ROS domain' in second.log.read_text()
    charge.wait(lambda: False, SPAN)
    assert [len(truth.changes) for truth in charge.truth.values()] == changes
    assert still_charging(charge)


@needs_bag_command
def test_abuse_46_readers_that_stand_still_do_not_delay_the_charge(charge, beside, tmp_path):
    exchanges = []

    def note(message):
        if message.name == 'CurrentDemandRes':
            exchanges.append(message)

    charge.node.create_subscription(V2gMessage, '/pev/v2g_log', note, STREAM)
    echo = beside('ros2', 'topic', 'echo', '/pev/v2g_log')
    record = beside('ros2', 'bag', 'record', '-a', '-o', str(tmp_path / 'bag'))
    assert charge.wait(lambda: 'CurrentDemandRes' in echo.log.read_text())
    assert charge.wait(lambda: "Subscribed to topic '/pev/v2g_log'" in record.log.read_text())
    free = rate(charge, exchanges)
    for reader in (echo, record):
        for pid in reader.members():
            os.kill(pid, signal.SIGSTOP)
    assert rate(charge, exchanges) > 0.7 * free
    assert still_charging(charge)


def rate(charge, exchanges):
    before = len(exchanges)
    charge.wait(lambda: False, SPAN)
    return (len(exchanges) - before) / SPAN


def test_abuse_47_stops_and_plug_all_at_once_end_safe_and_a_new_charge_begins(charge):
    client = charge.node.create_client
    stops = [client(Trigger, f'/{side}/charging/stop') for side in ('pev', 'evse')]
    plug = client(SetBool, '/pev/vehicle/plug')
    assert charge.wait(lambda: all(one.service_is_ready() for one in (*stops, plug)))
    for wanted in (False, True, False, True):
        plug.call_async(SetBool.Request(data=wanted))
        for stop in stops:
            stop.call_async(Trigger.Request())
    assert charge.wait(lambda: all(t.changes[-1][1] for t in charge.truth.values()), 10)
    assert charge.wait(lambda: not any(t.state.active for t in charge.truth.values()), 20)
    assert charges_again(charge, plug)
    assert 'referee:' not in charge.output and 'Traceback' not in charge.output


def plugged(charge, plug, wanted):
    """Plug in or pull out; tell whether it could be done."""
    answer = plug.call_async(SetBool.Request(data=wanted))
    return charge.wait(answer.done) and answer.result().success


def charges_again(charge, plug):
    """Pull the plug once the lock has let it go, put it in again, and wait for current."""
    states = charge.truth['pev'].states
    assert charge.wait(lambda: plugged(charge, plug, False))
    charge.wait(lambda: False, 1.2 * UNPLUG_TIME)
    over = len(states)
    assert plugged(charge, plug, True)
    return charge.wait(lambda: any(state.present_current > 5 for _, state in states[over:]))


def test_a_deactivated_modem_is_a_normal_stop_and_once_activated_carries_the_next(charge):
    modem = charge.node.create_client(ChangeState, '/pev/modem/change_state')
    plug = charge.node.create_client(SetBool, '/pev/vehicle/plug')
    truth = charge.truth['pev']
    assert charge.wait(lambda: truth.state.present_current > 5 and modem.service_is_ready())
    assert changed(charge, modem, Transition.TRANSITION_DEACTIVATE)
    assert charge.wait(lambda: not truth.state.active and truth.changes[-1][1], 15)
    assert (truth.state.stage_name, truth.state.error) == ('FINISHED', '')
    assert 'not active' in truth.state.reason
    assert changed(charge, modem, Transition.TRANSITION_ACTIVATE)
    assert charges_again(charge, plug)
    assert 'referee:' not in charge.output and 'Traceback' not in charge.output


def changed(charge, modem, transition):
    """Command a transition; tell whether it was carried out."""
    request = ChangeState.Request(transition=Transition(id=transition))
    answer = modem.call_async(request)
    return charge.wait(answer.done) and answer.result().success
