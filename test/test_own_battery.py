# SPDX-License-Identifier: Apache-2.0
"""The example of docs/integration.md, tried as a newcomer would."""

from pathlib import Path
import sys

EXAMPLE = Path(__file__).parents[1] / 'docs' / 'examples' / 'own_battery_node.py'


def test_a_battery_of_ones_own_charges_in_the_simulation(start, watch, network):
    heard = watch.follow('/pev/charging/state')
    own = start(sys.executable, str(EXAMPLE), '--ros-args', '-r', '__ns:=/pev')
    launch = start(
        *('ros2', 'launch', 'plc_bringup', 'sim.launch.py', 'vehicle:=external'),
        *('exit_when_done:=true', f'network:={network}'),
    )
    watch.wait(lambda: launch.process.poll() is not None, 90)
    assert launch.process.returncode == 0, launch.output
    assert heard[-1].soc >= 0.8
    own.interrupt()
    assert own.end() == 0
    assert 'Traceback' not in own.output
