# SPDX-License-Identifier: Apache-2.0
"""Whole launches for the tests that need more than one package: real processes, DDS and frames."""

from collections.abc import Iterator
from contextlib import contextmanager
import itertools
import os
from pathlib import Path
import signal
import subprocess
import time

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from sourced import daemons, stop

from plc_kit.qos import STATES
from plc_msgs.msg import ChargingState

_NUMBERS = itertools.count(os.getpid() % 50 * 2)


@pytest.fixture(scope='session', autouse=True)
def _no_daemon_is_left():
    """End the daemons that `ros2` commands of tests leave behind, and no other."""
    before = daemons()
    yield
    stop(daemons() - before)


@pytest.fixture
def domain(monkeypatch):
    """A DDS domain of the test's own."""
    number = 2 + next(_NUMBERS) % 99
    monkeypatch.setenv('ROS_DOMAIN_ID', str(number))
    monkeypatch.setenv('CCS_RECORD', 'false')  # a launch that is recorded says so
    return number


@pytest.fixture
def network():
    """The name of a simulated network of the test's own."""
    return f't{os.getpid()}x{next(_NUMBERS)}'


@pytest.fixture
def ends():
    """A veth pair without IPv4; its two interface names."""
    pair = [f'ccs{os.getpid() % 9999}{letter}{next(_NUMBERS)}' for letter in 'pe']
    made = subprocess.run(
        ('ip', 'link', 'add', pair[0], 'type', 'veth', 'peer', 'name', pair[1]),
        capture_output=True,
        text=True,
    )
    if made.returncode:
        pytest.skip(f'no veth pair can be made here: {made.stderr.strip()}')
    for end in pair:
        subprocess.run(('ip', 'link', 'set', end, 'up'), check=True)
    yield pair
    subprocess.run(('ip', 'link', 'del', pair[0]), check=True)


class Launched:
    """A `ros2 launch` (or any command) in a process group of its own, and what it prints."""

    def __init__(self, command, log):
        self.log = Path(log)
        with self.log.open('wb') as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=out, start_new_session=True
            )

    def end(self, patience=60):
        """Wait until it ends by itself, and return its status."""
        return self.process.wait(patience)

    def interrupt(self):
        """Send SIGINT to the launcher alone, as `kill -INT` does."""
        self.process.send_signal(signal.SIGINT)

    def kill_group(self):
        """Kill the launcher and all its nodes at once."""
        os.killpg(self.process.pid, signal.SIGKILL)

    def members(self):
        """Return the processes of its group that live, as {pid: command line}."""
        found = {}
        for stat in Path('/proc').glob('[0-9]*/stat'):
            try:
                fields = stat.read_text().rpartition(')')[2].split()
                words = (stat.parent / 'cmdline').read_bytes().split(b'\0')
            except OSError:
                continue
            if int(fields[2]) == self.process.pid and fields[0] != 'Z':
                found[int(stat.parent.name)] = b' '.join(words).decode()
        return found

    def pid_of(self, executable, namespace=''):
        """Return the process that runs lib/PACKAGE/EXECUTABLE in a namespace."""
        return next(
            pid
            for pid, words in self.members().items()
            if f'/{executable} ' in words and f'__ns:={namespace}' in words
        )

    @property
    def output(self):
        """What it has printed so far."""
        return self.log.read_text(errors='replace')


@pytest.fixture
def start(tmp_path, domain):
    """Start commands; whatever still lives at the end of the test is killed.

    What a simulated vehicle's referee calls fails the test.
    """
    running = []

    def start_one(*command):
        running.append(Launched(command, tmp_path / f'{len(running)}.log'))
        return running[-1]

    yield start_one
    for one in running:
        if one.members():
            one.kill_group()
        one.process.wait()
    lines = [line for one in running for line in one.output.splitlines()]
    assert [line for line in lines if 'referee:' in line] == []


class Watch:
    """Follows topics, and waits for what is to come on them."""

    def __init__(self, context):
        self.node = rclpy.create_node('watch', context=context)
        self.executor = SingleThreadedExecutor(context=context)
        self.executor.add_node(self.node)
        self.heard = {}

    def follow(self, topic, kind=ChargingState, qos=STATES):
        """Collect what comes on a topic."""
        into = self.heard.setdefault(topic, [])
        self.node.create_subscription(kind, topic, into.append, qos)
        return into

    def wait(self, until, patience=30.0):
        """Spin until something holds, and return it; fail when it does not in time."""
        end = time.monotonic() + patience
        while not (found := until()):
            assert time.monotonic() < end, f'not within {patience} s; last heard {self.summary()}'
            self.executor.spin_once(0.05)
        return found

    def summary(self):
        """Tell what was heard last, for a failure's message."""
        last = {topic: messages[-1] for topic, messages in self.heard.items() if messages}
        return {
            t: (getattr(m, 'stage_name', m), getattr(m, 'reason', '')) for t, m in last.items()
        }


@contextmanager
def watching(domain) -> Iterator[Watch]:
    """Watch the topics of a domain."""
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=domain)
    watch = Watch(context)
    try:
        yield watch
    finally:
        watch.node.destroy_node()
        rclpy.shutdown(context=context)


@pytest.fixture
def watch(domain):
    """Watch the topics of the test's domain."""
    with watching(domain) as one:
        yield one
