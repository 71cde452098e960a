# SPDX-License-Identifier: Apache-2.0
"""A side in one process is the same graph, and its outputs are as safe."""

import os
import signal
import time

from plc_kit.qos import NEWEST
from plc_msgs.msg import ChargingState, ControlPilot, VehicleStatus

CHARGE = range(ChargingState.MODEM_SEARCH, ChargingState.FINISHED + 1)
NODES = {
    *(('/pev', name) for name in ('modem', 'slac', 'transport', 'session', 'vehicle')),
    *(('/evse', name) for name in ('modem', 'slac', 'transport', 'session', 'supply')),
    ('/line', 'line'),
}
A_WHILE = 8.0  # s in which a charge would begin, were it allowed
LEASE = 0.5  # s, of a session's commands
PROCESSES = 5  # two sides, what owns their outputs, the line


def composed(network, *arguments):
    """The command of a simulated charge, each side in one process."""
    command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}')
    return (*command, 'composed:=true', 'speed:=60', *arguments)


def nodes(watch):
    """All nodes but the test's own, by namespace and name."""
    names = watch.node.get_node_names_and_namespaces()
    return sorted((space, name) for name, space in names if name != 'watch')


def test_a_composed_charge_comes_to_its_end(start, watch, network):
    states = watch.follow('/pev/charging/state')
    launch = start(*composed(network, 'exit_when_done:=true'))
    watch.wait(lambda: states and states[-1].stage == ChargingState.CHARGE_LOOP)
    watch.wait(lambda: nodes(watch) == sorted(NODES))
    ours = [words for words in launch.members().values() if '/lib/plc_' in words]
    assert len(ours) == PROCESSES, ours

    watch.wait(lambda: launch.process.poll() is not None, 60)
    assert launch.end() == 0, launch.output
    assert 'Traceback' not in launch.output
    heard = range(states[0].stage, CHARGE[-1] + 1)  # who listens may come when it has begun
    assert heard[0] < ChargingState.TCP
    assert {state.stage for state in states} >= set(heard) & set(CHARGE)
    assert not states[-1].error and not states[-1].active


def test_the_vehicle_is_safe_when_its_composed_side_dies(start, watch, network):
    states = watch.follow('/pev/charging/state')
    other = watch.follow('/evse/charging/state')
    vehicle = watch.follow('/pev/vehicle/status', VehicleStatus, NEWEST)
    launch = start(*composed(network))
    watch.wait(lambda: states and states[-1].stage == ChargingState.CHARGE_LOOP)
    watch.wait(lambda: vehicle and vehicle[-1].contactor_plus == VehicleStatus.CLOSED)

    os.kill(launch.pid_of('side', '/pev'), signal.SIGKILL)
    watch.wait(lambda: vehicle[-1].lease_lapsed, LEASE + 1)
    watch.wait(lambda: vehicle[-1].pilot.state == ControlPilot.B, 1)
    watch.wait(lambda: vehicle[-1].contactor_plus == VehicleStatus.OPEN, 2)
    watch.wait(lambda: not other[-1].active and other[-1].error, 10)
    assert 'referee' not in launch.output

    killed = len(states)
    watch.wait(lambda: len(states) > killed and states[-1].error == 'RESTARTED')
    end = time.monotonic() + A_WHILE
    watch.wait(lambda: time.monotonic() > end, A_WHILE + 1)
    assert not any(state.active for state in states[killed:])  # a fresh SLAC, but no fresh charge
    assert vehicle[-1].contactor_plus == VehicleStatus.OPEN
    launch.interrupt()
    watch.wait(lambda: launch.process.poll() is not None, 30)
    assert launch.end() == 0 and 'Traceback' not in launch.output, launch.output
