# SPDX-License-Identifier: Apache-2.0
"""SIGINT at a stage is a safe end; some cells of `make interrupts` (tools/interrupt_matrix.py)."""

from interrupt_matrix import interrupt
from test_whole_charge import entered, recorded

from plc_msgs.msg import ChargingState

STOP, FINISHED = ChargingState.STOP, ChargingState.FINISHED


def test_sigint_to_a_charger_in_precharge_is_a_safe_end_without_a_traceback(domain):
    cell = interrupt('evse/launcher', 'PRECHARGE')
    assert not cell.objections, str(cell)


def test_the_end_of_an_interrupted_charge_is_in_its_bag(start, watch, network, tmp_path):
    states = watch.follow('/pev/charging/state')
    launch = start(
        *('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}'),
        *('record:=true', f'bag:={tmp_path}/bag'),
    )
    watch.wait(lambda: states and states[-1].present_current > 5, 60)
    launch.interrupt()
    assert launch.end() == 0, launch.output
    told = recorded(tmp_path / 'bag', '/pev/charging/state')
    assert entered(told)[-4] == STOP and entered(told)[-1] == FINISHED
    assert not told[-1].active
