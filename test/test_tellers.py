# SPDX-License-Identifier: Apache-2.0
"""What tells people of a session, in a whole simulated charge: display, lamp, OLED, syslog."""

from contextlib import suppress
import os
import pty
import signal
import socket

import pytest

from plc_kit.qos import LATCHED, NEWEST
from plc_log.status import GREETING
from plc_msgs.msg import StatusLight, StatusText


@pytest.fixture
def server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(('127.0.0.1', 0))
        listening.setblocking(False)
        yield listening


def datagrams(server):
    """Return what has come since the last look."""
    got = []
    while True:
        try:
            got.append(server.recv(4096).decode())
        except BlockingIOError:
            return got


def test_a_charge_is_told_to_display_lamp_oled_and_syslog(start, watch, network, server):
    master, terminal = pty.openpty()
    os.set_blocking(master, False)
    texts = watch.follow('/pev/charging/display', StatusText, NEWEST)
    lights = watch.follow('/pev/charging/led', StatusLight, LATCHED)
    host = f'syslog:=127.0.0.1:{server.getsockname()[1]}'
    words = ('display:=true', host, f'network:={network}', 'speed:=60', 'exit_when_done:=true')
    launch = start('ros2', 'launch', 'plc_bringup', 'sim.launch.py', *words)
    oled = start('ros2', 'run', 'plc_log', 'status', '--ros-args', '-r', '__ns:=/pev', '-r',
                 '__node:=oled', '-p', f'oled:={os.ttyname(terminal)}')  # fmt: skip
    shown, logged = b'', []

    def over():
        nonlocal shown
        with suppress(BlockingIOError):
            shown += os.read(master, 4096)
        logged.extend(datagrams(server))
        return launch.process.poll() is not None

    watch.wait(over, 90)
    assert launch.end() == 0, launch.output
    lines = [tuple(text.lines) for text in texts]
    assert any(one[:2] == GREETING for one in lines)
    assert any(one[0] == 'Charge loop' and ' A  ' in one[1] for one in lines)
    assert b'lcCharge loop\n' in shown and b'lc00:0' in shown
    blue = [one for one in lights if (one.red, one.green, one.blue) == (0, 0, 255)]
    assert any(one.period == 0 for one in blue) and any(one.period > 0 for one in blue)
    told = ' '.join(logged)
    assert 'pev CHARGE_LOOP' in told and 'evse CHARGE_LOOP' in told and 'pev FINISHED' in told
    assert all(line.startswith('<134>1 ') for line in logged)
    os.killpg(oled.process.pid, signal.SIGINT)  # as a terminal does: `ros2 run` passes nothing on
    oled.end(20)
    assert 'Traceback' not in oled.output


@pytest.mark.parametrize(
    ('executable', 'parameter', 'sentence'),
    [
        ('status', 'oled:=/dev/none', 'the OLED at /dev/none cannot be opened'),
        ('syslog', 'server:=255.255.255.255', 'syslog goes to one host'),
        ('syslog', 'server:=no-such-host.invalid', 'the syslog server no-such-host.invalid'),
    ],
)
def test_what_cannot_be_told_to_is_a_sentence(start, domain, executable, parameter, sentence):
    one = start('ros2', 'run', 'plc_log', executable, '--ros-args', '-p', parameter)
    assert one.end(60) == 78
    assert sentence in one.output and 'Traceback' not in one.output


def test_one_that_cannot_tell_is_tried_again_and_ends_no_launch(start, watch, tmp_path):
    token = tmp_path / 'own.yaml'
    token.write_text('/evse/soc_callback: {ros__parameters: {token_file: /not/there}}')
    launch = start(
        *('ros2', 'launch', 'plc_bringup', 'evse.launch.py', 'interface:=lo', 'allow_ipv4:=true'),
        *('modem:=none', 'oled:=/dev/none', 'syslog:=no-such-host.invalid', 'record:=true'),
        *('bags:=/proc/none', 'soc_callback:=http://box', f'params_file:={token}'),
    )
    sentences = ('OLED at /dev/none', 'no-such-host.invalid', 'no bag can be', '/not/there')
    watch.wait(lambda: all(launch.output.count(one) > 1 for one in sentences), 60)
    assert launch.process.poll() is None, launch.output
    assert launch.pid_of('session', '/evse')
