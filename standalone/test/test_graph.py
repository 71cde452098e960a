# SPDX-License-Identifier: Apache-2.0
"""`ros2 topic|node|service|param|interface` print the genuine text, over real DDS."""

from contextlib import nullcontext
import re
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from rclpy.qos import DurabilityPolicy, QoSProfile
from ros2cli import topic

NODE = """
import rclpy
from rclpy.node import Node
from std_srvs.srv import Trigger

class Some(Node):
    def __init__(self):
        super().__init__('some', namespace='/pev')
        self.declare_parameter('speed', 1.5)
        self.declare_parameter('names', ['a', 'b'])
        self.create_service(Trigger, 'stop', self.stop)

    def stop(self, request, response):
        response.success, response.message = True, 'stopped'
        return response

rclpy.init()
rclpy.spin(Some())
"""


@pytest.fixture
def some(env, tmp_path):
    process = subprocess.Popen([sys.executable, '-c', NODE], env=env, cwd=tmp_path)
    yield
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_latched_message_is_echoed_as_yaml(start, ros2):
    start('topic', 'pub', '-r', '0.01', '--qos-durability', 'transient_local', '/latched',
          'sensor_msgs/msg/BatteryState',
          '{voltage: 3, current: .nan, cell_voltage: [1, 2.5], '
          'header: {frame_id: "1"}}')  # fmt: skip
    assert (
        ros2('topic', 'echo', '--once', '/latched').stdout
        == """\
header:
  stamp:
    sec: 0
    nanosec: 0
  frame_id: '1'
voltage: 3.0
temperature: 0.0
current: .nan
charge: 0.0
capacity: 0.0
design_capacity: 0.0
percentage: 0.0
power_supply_status: 0
power_supply_health: 0
power_supply_technology: 0
present: false
cell_voltage:
- 1.0
- 2.5
cell_temperature: []
location: ''
serial_number: ''
---
"""
    )
    field = ros2('topic', 'echo', '--once', '--field', 'header.frame_id', '/latched')
    assert field.stdout == '1\n---\n'
    text = ros2('topic', 'info', '-v', '/latched').stdout
    text = re.sub(r'_ros2cli_\d+', 'NODE', re.sub(r'(RIHS01_|GID: ).*', r'\1N', text))
    assert (
        text
        == """\
Type: sensor_msgs/msg/BatteryState

Publisher count: 1

Node name: NODE
Node namespace: /
Topic type: sensor_msgs/msg/BatteryState
Topic type hash: RIHS01_N
Endpoint type: PUBLISHER
GID: N
QoS profile:
  Reliability: RELIABLE
  History (Depth): UNKNOWN
  Durability: TRANSIENT_LOCAL
  Lifespan: Infinite
  Deadline: Infinite
  Liveliness: AUTOMATIC
  Liveliness lease duration: Infinite

Subscription count: 0

"""
    )


class Graph:
    """A graph in which a topic is known by its listeners, and its publisher shows up later."""

    def __init__(self):
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.offers = [SimpleNamespace(qos_profile=latched)]
        self.empty = 2  # so often it is asked in vain

    def resolve_topic_name(self, topic):
        return topic

    def get_topic_names_and_types(self):
        return [('/late', ['std_msgs/msg/String'])]

    def get_publishers_info_by_topic(self, topic):
        self.empty -= 1
        return [] if self.empty >= 0 else self.offers


@pytest.mark.parametrize('verb', [topic.echo_, topic.hz_])
def test_desk_5_a_topic_is_heard_as_its_publisher_offers_it_however_late(verb, monkeypatch):
    asked = []
    monkeypatch.setattr(topic, 'node', lambda: nullcontext(Graph()))
    monkeypatch.setattr(topic, 'received', lambda *what, **_: asked.append(what[3]) or ())
    verb('/late')
    assert [qos.durability for qos in asked] == [DurabilityPolicy.TRANSIENT_LOCAL]


def test_long_arrays_end_with_dots(start, ros2):
    start('topic', 'pub', '/long', 'std_msgs/msg/UInt8MultiArray', f'data: {[7] * 130}')
    cut = ros2('topic', 'echo', '--once', '/long').stdout.splitlines()
    assert cut[:4] == ['layout:', '  dim: []', '  data_offset: 0', 'data:']
    assert cut[4:] == ['- 7'] * 128 + ["- '...'", '---']
    assert ros2('topic', 'echo', '--once', '-f', '/long').stdout.count('- 7') == 130


def test_topics_are_listed_and_unknown_ones_named(start, ros2):
    start('topic', 'pub', '/chatter', 'std_msgs/msg/String', 'data: x')
    assert '/chatter [std_msgs/msg/String]' in ros2('topic', 'list', '-t').stdout.splitlines()
    done = ros2('topic', 'echo', '/nothing')
    assert done.stdout.endswith('WARNING: topic [/nothing] does not appear to be published yet\n')
    assert done.stderr.endswith('Could not determine the type for the passed topic\n')
    assert done.returncode == 1
    assert ros2('topic', 'info', '/nothing').stderr.endswith("Unknown topic '/nothing'\n")


def test_hz_measures_and_ctrl_c_ends_it_with_2(start):
    start('topic', 'pub', '-r', '50', '/chatter', 'std_msgs/msg/String', 'data: x')
    hz = start('topic', 'hz', '/chatter')
    pattern = (
        r'average rate: (\d+\.\d{3})\n'
        r'\tmin: \d\.\d{3}s max: \d\.\d{3}s std dev: \d\.\d{5}s window: \d+\n'
    )
    rate = float(re.search(pattern, hz.until(lambda text: re.search(pattern, text)))[1])
    assert 25 < rate < 60
    assert hz.end() == 2


def test_pub_says_what_it_sends(start, ros2):
    echo = start('topic', 'echo', '/chatter', 'std_msgs/msg/String')
    done = ros2('topic', 'pub', '--once', '/chatter', 'std_msgs/msg/String', 'data: hallo')
    assert done.stdout.endswith(
        "publisher: beginning loop\npublishing #1: std_msgs.msg.String(data='hallo')\n\n"
    )
    echo.until('data: hallo\n---\n')
    wrong = ros2('topic', 'pub', '/chatter', 'std_msgs/msg/String', 'dat: 1')
    assert wrong.stderr.startswith('Failed to populate field: ')
    assert ros2('topic', 'pub', '/c', 'no_msgs/msg/No').stderr == (
        'The passed message type is invalid\n'
    )


def test_a_node_listens_by_udp_alone(env, tmp_path):
    listening = """
import os, rclpy
rclpy.init()
node = rclpy.create_node('lonely')
links = [f'/proc/self/fd/{number}' for number in os.listdir('/proc/self/fd')]
print(*(os.readlink(link) for link in links if os.path.islink(link)))
"""
    words = [sys.executable, '-c', listening]
    done = subprocess.run(words, env=env, cwd=tmp_path, text=True, capture_output=True, check=True)
    assert 'socket:' in done.stdout
    assert '/dev/shm/fastrtps_port' not in done.stdout


def test_nodes_services_and_parameters(some, ros2):
    info = ros2('node', 'info', '/pev/some').stdout
    assert info.startswith('/pev/some\n  Subscribers:\n')
    assert '\n    /pev/stop: std_srvs/srv/Trigger\n' in info
    assert info.endswith('  Action Servers:\n\n  Action Clients:\n\n')
    assert ros2('node', 'list').stdout == '/pev/some\n'
    assert '/pev/stop [std_srvs/srv/Trigger]\n' in ros2('service', 'list', '-t').stdout
    called = ros2('service', 'call', '/pev/stop', 'std_srvs/srv/Trigger')
    assert called.stdout.endswith(
        'requester: making request: std_srvs.srv.Trigger_Request()\n\n'
        "response:\nstd_srvs.srv.Trigger_Response(success=True, message='stopped')\n\n"
    )
    assert ros2('param', 'get', '/pev/some', 'speed').stdout == 'Double value is: 1.5\n'
    assert ros2('param', 'get', 'pev/some', 'names').stdout == "String values are: ['a', 'b']\n"
    assert ros2('param', 'set', '/pev/some', 'speed', '2.5').stdout == (
        'Set parameter successful\n'
    )
    assert ros2('param', 'get', '/pev/some', 'speed').stdout == 'Double value is: 2.5\n'
    assert '  names\n  speed\n' in ros2('param', 'list', '/pev/some').stdout
    assert ros2('param', 'list').stdout.startswith('/pev/some:\n  ')
    wrong = ros2('param', 'set', '/pev/some', 'speed', 'fast')
    assert wrong.stderr.startswith('Setting parameter failed: ')


def test_interfaces_are_shown_with_what_is_in_them(ros2):
    assert (
        ros2('interface', 'show', 'geometry_msgs/msg/PoseStamped').stdout
        == """\
# A Pose with reference coordinate frame and timestamp

std_msgs/Header header
\tbuiltin_interfaces/Time stamp
\t\tint32 sec
\t\tuint32 nanosec
\tstring frame_id
Pose pose
\tPoint position
\t\tfloat64 x
\t\tfloat64 y
\t\tfloat64 z
\tQuaternion orientation
\t\tfloat64 x 0
\t\tfloat64 y 0
\t\tfloat64 z 0
\t\tfloat64 w 1
"""
    )
    assert ros2('interface', 'show', '--no-comments', 'std_srvs/srv/Trigger').stdout == (
        '---\nbool success\nstring message\n'
    )
    assert 'uint8 POWER_SUPPLY_STATUS_CHARGING = 1' in (
        ros2('interface', 'show', 'sensor_msgs/msg/BatteryState').stdout
    )
    assert ros2('interface', 'show', 'Pose').stderr == (
        "Invalid name 'Pose'. Expected three parts separated by '/'\n"
    )
