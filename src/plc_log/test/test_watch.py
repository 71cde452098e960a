# SPDX-License-Identifier: Apache-2.0
"""A session as it goes: lines, the panel, and the end."""

from math import nan
import os
import pty
import signal
import subprocess
import sys
import time

import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rich.console import Console

from plc_kit.qos import LATCHED
from plc_log.panel import attenuations, line, panel
from plc_msgs.msg import ChargingState, SlacStatus

DOMAIN = 101


def state(stage, **fields):
    values = {'soc': 0.57, 'present_voltage': 400.0, 'present_current': 100.0, **fields}
    return ChargingState(stage_name=stage, **{'role': 'pev', **values})


def test_line_has_stage_soc_volts_and_amperes():
    text = line(3.25, state('CHARGE_LOOP'))
    assert text.split() == ['3.2', 's', 'CHARGE_LOOP', '57.0', '%', '400.0', 'V', '100.0', 'A']


def test_what_is_not_known_is_a_dash():
    text = line(
        0, state('SLAC', soc=nan, present_voltage=nan, present_current=nan, reason='waits')
    )
    assert text.split() == ['0.0', 's', 'SLAC', '-', '%', '-', 'V', '-', 'A', 'waits']


def test_panel_shows_both_sides():
    console = Console(width=100, record=True, file=open(os.devnull, 'w'))  # noqa: SIM115
    charger = state('CHARGE_LOOP', role='evse', reason='ramps up')
    console.print(panel({'pev': state('CHARGE_LOOP', energy=1234.0), 'evse': charger}, 9.0))
    text = console.export_text()
    for word in ('vehicle', 'charger', '400.0 V', '100.0 A', '40.0 kW', '1234 Wh', '57.0 %',
                 'charger: ramps up'):  # fmt: skip
        assert word in text


def test_panel_shows_the_last_messages_and_who_was_heard_how_well():
    slac = SlacStatus(
        chargers=['02:00:00:00:00:02', '02:00:00:00:00:03'],
        attenuation=[11.5, 40.0],
        peer_mac='02:00:00:00:00:02',
    )
    console = Console(width=120, record=True, file=open(os.devnull, 'w'))  # noqa: SIM115
    messages = ['    1.0 s  →  CurrentDemandReq', '    1.1 s  ←  CurrentDemandRes']
    console.print(panel({'pev': state('CHARGE_LOOP')}, 9.0, messages, attenuations(slac)))
    text = console.export_text()
    for word in ('02:00:00:00:00:02 11.5 dB (chosen), 02:00:00:00:00:03 40.0 dB', *messages):
        assert word in text


@pytest.fixture
def publisher():
    context = Context()
    rclpy.init(context=context, domain_id=DOMAIN)
    node = Node('session', namespace='pev', context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    yield node.create_publisher(ChargingState, 'charging/state', LATCHED)
    node.destroy_node()
    rclpy.shutdown(context=context)


def watching(**options):
    environment = {**os.environ, 'ROS_DOMAIN_ID': str(DOMAIN), 'TERM': 'xterm'}
    command = [sys.executable, '-m', 'plc_log.watch', '--until-done']
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, **options)


def subscribed(publisher):
    end = time.monotonic() + 20
    while not publisher.get_subscription_count():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(('last', 'status'), [('FINISHED', 0), ('FAILED', 1)])
def test_watch_tells_each_stage_and_ends_with_the_session(publisher, last, status):
    with watching(stdout=subprocess.PIPE, text=True) as watch:
        lines = []
        for stage in ('SLAC', 'CHARGE_LOOP'):
            publisher.publish(state(stage))  # the first is latched until it is met
            lines.append(watch.stdout.readline())
        publisher.publish(state('CHARGE_LOOP'))
        publisher.publish(state(last))
        out, err = watch.communicate(timeout=20)
    lines += out.splitlines()
    assert [told.split()[2] for told in lines] == ['SLAC', 'CHARGE_LOOP', last]
    assert (err, watch.returncode) == ('', status)


def read(master):
    """Return what a terminal shows next; empty once nobody writes any more."""
    try:
        return os.read(master, 4096)
    except OSError:
        return b''


def test_watch_shows_a_panel_in_a_terminal(publisher):
    master, terminal = pty.openpty()
    with watching(stdout=terminal):
        os.close(terminal)
        subscribed(publisher)
        publisher.publish(state('CHARGE_LOOP'))
        publisher.publish(state('FINISHED'))
        shown = b''.join(iter(lambda: read(master), b'')).decode()
    assert '╭' in shown
    assert 'FINISHED' in shown


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_watch_ends_quietly_when_told_to(publisher, number):
    with watching(stdout=subprocess.PIPE, text=True) as watch:
        subscribed(publisher)
        watch.send_signal(number)
        _, err = watch.communicate(timeout=20)
    assert (err, watch.returncode) == ('', 0)
