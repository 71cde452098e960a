# SPDX-License-Identifier: Apache-2.0
"""abuse_44: nodes killed in a session; some cells of `make kills` (tools/kill_matrix.py)."""

from kill_matrix import kill
import pytest


@pytest.mark.parametrize(
    ('node', 'stage'), [('pev/session', 'CHARGE_LOOP'), ('evse/slac', 'CABLE_CHECK')]
)
def test_abuse_44_a_killed_node_leaves_both_sides_safe_and_nothing_resumes(domain, node, stage):
    cell = kill(node, stage)
    assert not cell.objections, str(cell)
