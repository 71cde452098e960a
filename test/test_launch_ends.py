# SPDX-License-Identifier: Apache-2.0
"""How a launch ends: by whatever signal it is told to, and with what was done as its last word."""

import signal

import pytest

from plc_msgs.msg import ChargingState

SIM = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', 'speed:=60')


@pytest.fixture
def charging(start, watch, network):
    """Launch a whole charge, and return it and its vehicle's states once current flows."""

    def go(*arguments):
        states = watch.follow('/pev/charging/state')
        launch = start(*SIM, f'network:={network}', *arguments)
        watch.wait(lambda: states and states[-1].stage == ChargingState.CHARGE_LOOP, 60)
        return launch, states

    return go


@pytest.fixture
def as_in_the_background():
    """A script's `command &` begins with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


def ended_well(launch, states, watch):
    watch.wait(lambda: launch.process.poll() is not None, 30)
    assert launch.end() == 0, launch.output
    last = states[-1]
    assert (last.stage, last.active, last.error) == (ChargingState.FINISHED, False, '')
    assert [word for word in ('process has died', 'Traceback') if word in launch.output] == []


def test_sigterm_to_the_launcher_is_a_normal_stop(charging, watch):
    launch, states = charging()
    launch.process.send_signal(signal.SIGTERM)
    ended_well(launch, states, watch)


def test_sigint_ends_a_launch_in_the_background_of_a_script(as_in_the_background, charging, watch):
    launch, states = charging()
    launch.interrupt()
    ended_well(launch, states, watch)


def test_each_process_is_named_by_what_it_is(charging, watch):
    launch, states = charging('composed:=true')
    names = [line.split('[')[2].split('-')[0] for line in launch.output.splitlines()
             if 'process started with pid' in line]  # fmt: skip
    assert sorted(names) == ['line', 'side', 'side', 'supply', 'vehicle']
    launch.process.send_signal(signal.SIGTERM)
    ended_well(launch, states, watch)


def test_a_failure_is_told_in_the_last_line(start, domain, tmp_path):
    launch = start('ros2', 'launch', 'plc_bringup', 'pev.launch.py', 'interface:=nosuch0')
    assert launch.end() == 1
    assert launch.output.splitlines()[-1] == 'plc_bringup: there is no interface nosuch0'
