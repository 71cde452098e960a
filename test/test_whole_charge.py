# SPDX-License-Identifier: Apache-2.0
"""A whole charge over real frames, from the launch command to the bag."""

import os
from pathlib import Path
import subprocess

import pytest
from rosbags.highlevel import AnyReader
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from sensor_msgs.msg import BatteryState
from sourced import needs_bag_command

from plc_kit.qos import READINGS
from plc_msgs.msg import ChargingState

# Every stage of a charge, in order.
CHARGE = range(ChargingState.MODEM_SEARCH, ChargingState.FINISHED + 1)


def sim(network, *arguments):
    """The command of a whole simulated charge."""
    command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}')
    return (*command, 'exit_when_done:=true', 'speed:=60', *arguments)


def entered(messages):
    """The stages in the order in which they were entered."""
    stages = [message.stage for message in messages]
    return [
        stage for stage, before in zip(stages, [None, *stages], strict=False) if stage != before
    ]


def recorded(bag, topic):
    """All messages of a topic, read back by a library that is not ours."""
    interface = Path(__file__).parents[1] / 'src/plc_msgs/msg/ChargingState.msg'
    types = get_typestore(Stores.ROS2_JAZZY)
    types.register(get_types_from_msg(interface.read_text(), 'plc_msgs/msg/ChargingState'))
    with AnyReader([bag], default_typestore=types) as reader:
        connections = [one for one in reader.connections if one.topic == topic]
        return [
            reader.deserialize(raw, connection.msgtype)
            for connection, _, raw in reader.messages(connections)
        ]


@needs_bag_command
def test_plug_in_to_session_stop_with_every_stage_in_its_bag(
    start, watch, network, tmp_path, monkeypatch
):
    battery = watch.follow('/pev/charging/battery_state', BatteryState, READINGS)
    states = watch.follow('/pev/charging/state')
    launch = start(*sim(network, 'record:=true', f'bag:={tmp_path}/bag'))
    watch.wait(lambda: launch.process.poll() is not None, 60)
    assert launch.end() == 0, launch.output
    assert [word for word in ('Traceback', 'process has died') if word in launch.output] == []

    states = recorded(tmp_path / 'bag', '/pev/charging/state')
    assert [stage for stage in entered(states) if stage != ChargingState.IDLE] == list(CHARGE)
    last = states[-1]
    assert last.energy > 0 and not last.active and not last.error
    charging = [one for one in battery if one.current > 0.5]
    assert charging and all(300 < one.voltage < 420 for one in charging)
    assert 0.64 < last.soc < 0.67

    monkeypatch.setenv('ROS_DOMAIN_ID', '119')
    play_back_and_listen(tmp_path / 'bag')


def play_back_and_listen(bag):
    """Play a bag in another domain; the last state comes by again."""
    topic = ('/pev/charging/state', 'plc_msgs/msg/ChargingState')
    echo = subprocess.Popen(
        ('ros2', 'topic', 'echo', '--field', 'stage_name', *topic),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        play = ('ros2', 'bag', 'play', '--rate', '4', str(bag))
        assert subprocess.run(play, capture_output=True, timeout=60).returncode == 0
    finally:
        echo.terminate()
    assert 'CHARGE_LOOP' in echo.communicate(timeout=10)[0]


@pytest.mark.parametrize('composed', ['false', 'true'])
def test_a_charge_under_rclpy_s_own_executor_where_ours_does_not_fit(
    start, network, tmp_path, monkeypatch, composed
):
    hides = "import sys\nsys.modules['plc_kit.executor.lean'] = None\n"  # importing it raises
    (tmp_path / 'sitecustomize.py').write_text(hides)
    monkeypatch.setenv('PYTHONPATH', f'{tmp_path}:{os.environ.get("PYTHONPATH", "")}')
    launch = start(*sim(network, f'composed:={composed}'))
    assert launch.end(120) == 0, launch.output
    assert "rclpy's own executor runs" in launch.output
    assert 'pev.session]: FINISHED' in launch.output
    assert 'Traceback' not in launch.output


def test_the_interface_reads_as_documentation():
    shown = subprocess.run(
        ('ros2', 'interface', 'show', 'plc_msgs/msg/ChargingState'),
        capture_output=True,
        text=True,
        timeout=20,
    ).stdout
    assert 'float32 present_voltage' in shown and '# V' in shown


def test_a_second_shell_sees_the_stage(start, network):
    start(*sim(network, 'exit_when_done:=false'))  # a charge may be over before a shell is up
    # The genuine command looks for the type once, and only for half a second.
    topic = ('/pev/charging/state', 'plc_msgs/msg/ChargingState')
    echo = start('ros2', 'topic', 'echo', '--once', *topic)
    assert echo.end() == 0, echo.output
    assert 'stage_name: ' in echo.output


def test_a_failed_session_ends_the_launch_with_its_reason(start, network, tmp_path):
    declines = tmp_path / 'too_high.yaml'
    declines.write_text(
        '/pev/vehicle:\n  ros__parameters: {pack_voltage: 900.0, max_voltage: 950.0}\n'
    )
    launch = start(*sim(network, f'params_file:={declines}'))
    assert launch.end() == 1, launch.output
    assert 'Caught exception in launch' in launch.output
    assert 'the pack has 9' in launch.output.split('Caught exception in launch')[1]
