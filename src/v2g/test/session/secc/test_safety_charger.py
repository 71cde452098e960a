# SPDX-License-Identifier: Apache-2.0
"""Where current flows: what a charger watches until its output is dead (R5, R13, R14)."""

import pytest

from v2g.session.exchange import Step
from v2g.session.readings import LinkState, PilotState


def at_rest(client, seconds=30):
    client.wait(seconds, until=lambda client: client.ends())
    return client.ends()[-1]


# 2: a reset permits, it does not start


@pytest.mark.parametrize('step', [Step.CABLE_CHECK, Step.CHARGE_LOOP])
def test_safety_2_a_charger_that_was_latched_waits_for_a_new_plug_in(charger, step):
    client = charger().reach(step)
    client.take(client.secc.emergency_stop(client.now))
    client.link(LinkState.CLOSED)
    assert at_rest(client).error == 'EMERGENCY_STOP'
    client.take(client.secc.reset(client.now)[2])
    client.wait(30)
    assert client.command.duty == 1.0
    assert 'plug in again' in client.secc.state.reason
    for state in (PilotState.A, PilotState.B):
        client.pilot = state
        client.wait(3)
    assert client.command.duty == 0.05
