# SPDX-License-Identifier: Apache-2.0
"""R27: another computer sees no node and can call nothing, unless the user has asked for it.

Two network namespaces with a cable between them stand for the computers, and the other one knows
the address of ours.
"""

import json
import os
from pathlib import Path
import subprocess
import sys
import time

from ament_index_python.packages import get_package_prefix
import pytest

from plc_kit.reach import ANY_RMW, ASKED, NEW, OLD, OPENERS, RANGE

CLONE = Path(__file__).parents[1]
OURS, THEIRS = '10.9.0.1', '10.9.0.2'
UP, LONG_ENOUGH = 30.0, 5.0  # s for a node to come up; to find one that can be found takes 1 s
# Looks for others, and calls an emergency stop where it can.
CALLER = """
import json, sys, rclpy
from std_srvs.srv import Trigger
rclpy.init()
node = rclpy.create_node('caller')
client = node.create_client(Trigger, '/pev/charging/emergency_stop')
answered = client.wait_for_service(float(sys.argv[1]))
if answered:
    call = client.call_async(Trigger.Request())
    rclpy.spin_until_future_complete(node, call, timeout_sec=10)
    answered = call.done()
print(json.dumps([answered, sorted(set(node.get_node_names()) - {'caller'})]))
"""


def plain(**variables):
    """The environment of somebody who has sourced a ROS 2 and nothing of ours."""
    settled = (NEW, OLD, RANGE, ASKED, ANY_RMW, *OPENERS)
    settled += ('SKIP_DEFAULT_XML_FILE', 'FASTDDS_BUILTIN_TRANSPORTS', 'RMW_IMPLEMENTATION')
    kept = {name: value for name, value in os.environ.items() if name not in settled}
    return kept | {RANGE: 'SUBNET'} | variables


def namespace_of(pid):
    return os.readlink(f'/proc/{pid}/ns/net')


class Computer:
    """A network namespace, kept by a process that sleeps."""

    def __init__(self, *unshare):
        self._sleeper = subprocess.Popen((*unshare, 'sleep', 'infinity'), stderr=subprocess.PIPE)
        self.pid = self._sleeper.pid
        enter = ('--net',) if os.geteuid() == 0 else ('--user', '--net', '--preserve-credentials')
        self.prefix = ('nsenter', f'--target={self.pid}', *enter)

    def wait_until_apart(self, *others):
        """Wait for its namespace to be another than those of some processes."""
        end, taken = time.monotonic() + UP, {namespace_of(pid) for pid in others}
        while self._sleeper.poll() is None and time.monotonic() < end:
            if namespace_of(self.pid) not in taken:
                return
            time.sleep(0.01)
        pytest.skip(f'no network namespace here: {self._sleeper.communicate(timeout=5)[1]!r}')

    def run(self, *command):
        """Run something there to its end; skip the test where it is not permitted."""
        done = subprocess.run((*self.prefix, *command), capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f'{" ".join(command)}: {done.stderr.strip()}')

    def wait_until_up(self):
        """Wait for the cable: Fast DDS takes no interface that is not running yet."""
        look, end = (*self.prefix, 'ip', '-j', 'link', 'show', 'eth0'), time.monotonic() + UP
        while json.loads(subprocess.check_output(look))[0]['operstate'] != 'UP':
            assert time.monotonic() < end
            time.sleep(0.02)

    def call(self, patience, **variables):
        """Look from there for nodes; return whether a call was answered, and who was seen."""
        command = (*self.prefix, sys.executable, '-c', CALLER, str(patience))
        done = subprocess.run(
            command, env=plain(**variables), capture_output=True, text=True, timeout=90, check=True
        )
        return json.loads(done.stdout.splitlines()[-1])

    def end(self):
        self._sleeper.kill()
        self._sleeper.communicate()


@pytest.fixture
def computers():
    """Two computers with a cable between them."""
    made = []
    try:
        made.append(Computer('unshare', '--net' if os.geteuid() == 0 else '--map-root-user', '-n'))
        made[0].wait_until_apart(os.getpid())
        made.append(Computer(*made[0].prefix, 'unshare', '--net'))
        made[1].wait_until_apart(os.getpid(), made[0].pid)
        ends = ('eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', str(made[1].pid))
        made[0].run('ip', 'link', 'add', *ends)
        for one, address in zip(made, (OURS, THEIRS), strict=True):
            one.run('ip', 'addr', 'add', f'{address}/24', 'dev', 'eth0')
            one.run('ip', 'link', 'set', 'eth0', 'up')
            one.run('ip', 'link', 'set', 'lo', 'up')
        for one in made:
            one.wait_until_up()
        yield made
    finally:
        for one in made:
            one.end()


@pytest.fixture
def begin(start, monkeypatch):
    """Start something at a computer, from a plain environment or a shell that sources env.sh."""

    def begin_there(computer, *command, env_sh=False, **variables):
        if env_sh:
            command = ('bash', '-c', f'source {CLONE}/env.sh && exec "$@"', 'bash', *command)
        with monkeypatch.context() as theirs:
            for name in set(os.environ) - set(env := plain(**variables)):
                theirs.delenv(name)
            for name, value in env.items():
                theirs.setenv(name, value)
            return start(*computer.prefix, *command)

    return begin_there


def node(package, name, *more):
    """The command of a node, as `ros2 run` starts it."""
    executable = f'{get_package_prefix(package)}/lib/{package}/{name}'
    return (executable, '--ros-args', '-r', '__ns:=/pev', *more)


@pytest.mark.parametrize(
    ('env_sh', 'variables', 'said'),
    [
        (False, {}, True),
        (True, {}, True),
        (False, {RANGE: ''}, False),
        (False, {'ROS_STATIC_PEERS': THEIRS}, True),
    ],
    ids=['sourced', 'sourced-env.sh', 'nothing', 'peers'],
)
def test_another_computer_sees_no_node_and_can_call_nothing(
    computers, begin, env_sh, variables, said
):
    here, there = computers
    session = begin(here, *node('v2g', 'session', '-p', 'role:=pev'), env_sh=env_sh, **variables)
    assert here.call(UP)[0], session.output  # a process of this computer can, with any range
    assert there.call(LONG_ENOUGH, ROS_STATIC_PEERS=OURS) == [False, []]
    assert session.output.count('the graph ends at this computer') == said, session.output


@pytest.mark.parametrize('env_sh', [False, True], ids=['alone', 'env.sh'])
def test_our_own_variable_lets_it_in_and_says_so(computers, begin, env_sh):
    here, there = computers
    command = node('v2g', 'session', '-p', 'role:=pev')
    session = begin(here, *command, env_sh=env_sh, **{ASKED: 'SUBNET'})
    assert there.call(UP) == [True, ['session']], session.output
    said = [
        line for line in session.output.splitlines() if 'the graph reaches the network' in line
    ]
    assert len(said) == 1, session.output


def test_a_whole_launch_keeps_to_its_computer(computers, begin, network, tmp_path):
    here, there = computers
    given = (f'network:={network}', 'composed:=true', 'autostart:=false', 'display:=true')
    given += ('record:=true', f'bag:={tmp_path / "bag"}')
    launch = begin(here, 'ros2', 'launch', 'plc_bringup', 'sim.launch.py', *given)
    all_there = {'modem', 'slac', 'transport', 'session', 'vehicle', 'supply', 'line', 'status'}
    end = time.monotonic() + 2 * UP
    while not all_there <= (seen := set(here.call(UP)[1])):  # each call takes its time
        assert time.monotonic() < end, (seen, launch.output)
    assert there.call(LONG_ENOUGH, ROS_STATIC_PEERS=OURS) == [False, []]
    assert launch.output.count('the graph ends at this computer') == 1, launch.output
    launch.interrupt()
    assert launch.end() == 0, launch.output


@pytest.mark.parametrize('env_sh', [False, True], ids=['alone', 'env.sh'])
def test_roots_modem_node_and_a_users_echo_meet(start, begin, computers, env_sh):
    if os.geteuid() != 0:
        pytest.skip('only root can be another user')
    here, _ = computers
    modem = begin(here, *node('plc_modem', 'modem', '-p', 'autostart:=false'), env_sh=env_sh)
    # Reading is allowed it everywhere: a Python below /root too. Shared memory wants writing.
    may_read = ('--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search')
    user = ('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', *may_read)
    # The genuine command looks for a topic once, or asks a daemon that would stay behind.
    patient = ('--no-daemon', '--spin-time=5') if 'ROS_DISTRO' in os.environ else ()
    echo = ('ros2', 'topic', 'echo', *patient, '--once', '/pev/modem/status')
    told = begin(
        here, *user, *echo, env_sh=env_sh, ROS_LOG_DIR='/tmp', PYTHONDONTWRITEBYTECODE='1'
    )
    assert told.end(UP) == 0 and 'the modem node is not active' in told.output, (
        told.output,
        modem.output,
    )
