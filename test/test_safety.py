# SPDX-License-Identifier: Apache-2.0
"""Where current flows, over whole launches: a latch outlives whoever started it (R5, R6)."""

import pytest
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from plc_msgs.msg import ChargingState

PATIENCE = 60.0  # s


def sim(network, composed):
    command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}')
    return (*command, f'composed:={composed}', 'record:=false')


def press(watch, service):
    """Call a service of the vehicle, and return what it answers."""
    client = watch.node.create_client(Trigger, f'/pev/charging/{service}')
    watch.wait(client.service_is_ready, PATIENCE)
    asked = client.call_async(Trigger.Request())
    watch.wait(asked.done, PATIENCE)
    return asked.result()


@pytest.mark.parametrize('composed', ['false', 'true'])
def test_safety_2_a_latch_outlives_the_launch_and_a_reset_starts_nothing(
    start, watch, network, composed
):
    states = watch.follow('/pev/charging/state')
    first = start(*sim(network, composed))
    watch.wait(lambda: any(s.stage == ChargingState.CHARGE_LOOP for s in states), PATIENCE)
    assert press(watch, 'emergency_stop').success
    watch.wait(lambda: states[-1].stage == ChargingState.FAILED, PATIENCE)
    first.interrupt()
    first.end()
    states.clear()

    start(*sim(f'{network}b', composed))
    watch.wait(lambda: states and 'emergency stop' in states[-1].reason, PATIENCE)
    assert press(watch, 'reset').success
    told = len(states)
    watch.wait(lambda: len(states) > told + 16, PATIENCE)  # 8 s at 2 Hz: longer than R5's pause
    after = states[told:]
    assert not any(state.active or state.attempt for state in after), after
    assert 'autostart' in states[-1].reason


@pytest.mark.parametrize('composed', ['false', 'true'])
def test_safety_9_no_charge_begins_against_a_stop_that_stands_latched(
    start, watch, network, composed
):
    states, latched = watch.follow('/pev/charging/state'), QoSProfile(depth=1)
    latched.durability = DurabilityPolicy.TRANSIENT_LOCAL
    watch.node.create_publisher(Bool, '/pev/emergency_stop', latched).publish(Bool(data=True))
    start(*sim(network, composed))
    watch.wait(lambda: states and states[-1].error == 'EMERGENCY_STOP', PATIENCE)
    told = len(states)
    watch.wait(lambda: len(states) > told + 16, PATIENCE)  # 8 s at 2 Hz: a charge would begin
    assert not any(state.active for state in states)
