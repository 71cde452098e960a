# SPDX-License-Identifier: Apache-2.0
"""The ready-made vehicles of plc_vehicle, from their launch command to the end of a charge."""

import subprocess

from sensor_msgs.msg import BatteryState

from plc_kit.qos import NEWEST
from plc_msgs.msg import CableVehicleEnd, ChargingState

FILL = 2e-5  # of the pack for each ampere and message


def sim(network, *arguments):
    """The command of a simulated charge that ends by itself."""
    command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}')
    return (*command, 'exit_when_done:=true', *arguments)


class Battery:
    """Somebody's battery driver: fuller for each ampere it is told of, ten times a second."""

    def __init__(self, node, states):
        self.soc, self._states = 0.78, states
        self._publisher = node.create_publisher(BatteryState, '/pev/battery_state', 10)
        node.create_timer(0.1, self._tell)

    def _tell(self):
        last = self._states[-1] if self._states else ChargingState()
        charging = last.stage == ChargingState.CHARGE_LOOP and last.present_current > 0
        amperes = last.present_current if charging else 0.0
        self.soc = min(1.0, self.soc + FILL * amperes)
        self._publisher.publish(BatteryState(voltage=360.0, current=amperes, percentage=self.soc))


def test_any_battery_state_charges_in_the_simulation(start, watch, network):
    states = watch.follow('/pev/charging/state')
    battery = Battery(watch.node, states)
    launch = start(*sim(network, 'vehicle:=battery'))
    watch.wait(lambda: launch.process.poll() is not None, 90)
    assert launch.process.returncode == 0, launch.output
    assert 'Traceback' not in launch.output
    assert 0.8 <= battery.soc < 0.95
    assert any(state.present_current > 50.0 for state in states)
    assert 'the pack has reached' in states[-1].reason


def test_lesson_71_a_bench_load_is_connected_two_seconds_into_the_loop(
    start, watch, network, tmp_path
):
    short = tmp_path / 'short.yaml'
    short.write_text('/pev/vehicle:\n  ros__parameters: {load_time: 2.0}\n')
    states = watch.follow('/pev/charging/state')
    ends = watch.follow('/cable/vehicle_end', CableVehicleEnd, NEWEST)
    launch = start(*sim(network, 'vehicle:=bench_load', f'params_file:={short}'))
    watch.wait(lambda: launch.process.poll() is not None, 90)
    assert launch.process.returncode == 0, launch.output
    assert 'Traceback' not in launch.output

    looping = [state for state in states if state.stage == ChargingState.CHARGE_LOOP]
    connected = [end for end in ends if end.connected]
    assert connected and not ends[-1].connected
    waited = seconds(connected[0].stamp) - seconds(looping[0].stamp)
    assert 2.0 <= waited < 3.0
    assert any(state.present_current > 4.0 for state in looping)  # 230 V at 50 ohm
    assert not any(state.target_voltage > 230.0 for state in states)


def seconds(stamp):
    return stamp.sec + stamp.nanosec * 1e-9


def run(executable, **parameters):
    """Run a node of plc_vehicle that cannot start; return its sentence."""
    given = [word for name, value in parameters.items() for word in ('-p', f'{name}:={value}')]
    command = ('ros2', 'run', 'plc_vehicle', executable, '--ros-args', *given)
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode != 0
    assert 'Traceback' not in done.stderr
    return done.stderr


def test_a_chip_that_is_not_there_and_a_pack_at_a_bench_load_are_said(domain):
    lines = {f'{name}_line': 'gpiochip99:1' for name in ('contactor_plus', 'contactor_minus')}
    lines |= {'pilot_c_line': 'gpiochip99:3', 'assume_plugged': 'true', 'assume_lock': 'true'}
    limits = {'max_voltage': '400.0', 'max_current': '50.0', 'max_power': '10000.0'}
    assert '/dev/gpiochip99 is not there' in run('vehicle', **lines, **limits)
    assert 'battery:=topic is a pack' in run('bench_load', battery='topic', outputs='sim')
