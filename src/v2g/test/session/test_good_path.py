# SPDX-License-Identifier: Apache-2.0
"""A whole charge of both machines, in virtual time."""

from itertools import groupby
from math import isnan

import pytest

from v2g.session.stage import Stage

WAY_UP = [stage.name for stage in Stage if Stage.MODEM_SEARCH <= stage <= Stage.CHARGE_LOOP]
WAY_DOWN = ['STOP', 'WELDING_DETECTION', 'SESSION_STOP', 'FINISHED']


def once(names):
    return [name for name, _ in groupby(names)]


def test_a_charge_passes_every_stage_on_both_sides(play):
    charge = play().finish()
    for side in ('pev', 'evse'):
        stages = once(charge.stages(side))
        assert stages[stages.index('MODEM_SEARCH') :] == WAY_UP + WAY_DOWN, charge.notes(side)
        assert charge.ends(side)[-1].error == ''
    assert charge.violations == []
    assert charge.vehicle.soc >= 0.8


def test_outputs_are_safe_at_the_end(play):
    charge = play().finish()
    command = charge.evcc.command
    assert (command.contactor_plus, command.contactor_minus, command.lock) == (False,) * 3
    assert command.pilot.name == 'B'
    assert charge.secc.command.duty == 1.0
    assert not charge.secc.command.output
    assert charge.supply.voltage < 60
    assert charge.evcc.battery(charge.now).current == 0


PRESENT = (
    'present_voltage', 'present_current', 'target_voltage', 'target_current', 'remaining_time',
)  # fmt: skip


@pytest.mark.parametrize('side', ['evcc', 'secc'])
def test_robot_7_what_was_so_only_in_the_session_is_not_known_behind_it(play, side):
    charge = play()
    charge.reach(Stage.CHARGE_LOOP)
    charge.run(charge.now + 1.0)
    state = getattr(charge, side).state
    assert not isnan(state.present_voltage) and not isnan(state.target_current)
    charge.finish()
    state = getattr(charge, side).state
    assert all(isnan(getattr(state, name)) for name in PRESENT)
    assert state.energy > 0 and state.soc > 0.5 and state.charger_max_current > 0
    charge.plugged = False
    charge.run(charge.now + 5.0)
    state = getattr(charge, side).state
    assert (state.stage, state.attempt, state.energy) == (Stage.IDLE, 1, 0)
    assert isnan(state.charger_max_current) and isnan(state.charger_max_voltage)


def test_energy_of_both_sides_is_what_the_battery_took(play):
    charge = play().finish()
    taken = (charge.vehicle.soc - 0.5) * charge.vehicle.capacity
    assert abs(charge.evcc.state.energy - taken) < 0.05 * taken
    assert abs(charge.secc.state.energy - taken) < 0.05 * taken


def test_session_id_is_eight_octets_and_echoed(play):
    charge = play().finish()
    assert len(charge.evcc.state.session_id) == 8
    assert any(charge.evcc.state.session_id)
    assert charge.evcc.state.session_id == charge.secc.state.session_id


def test_a_first_message_that_overtakes_the_news_of_its_connection_is_heard(play):
    charge = play()
    tell, late = charge.tell, []

    def tell_late(method, *arguments):
        connected = getattr(arguments[0], 'connection_id', 0) if arguments else 0
        if method == charge.secc.link and connected and not late:
            late.append(arguments)
            return []
        return tell(method, *arguments)

    def overtaken(side, send, message):
        if side == 'pev' and len(late) == 1:
            charge.tell_payload(charge.secc, send)  # v2g_rx is quicker than transport/status
            late.append(None)
            tell(charge.secc.link, *late[0])
            return None
        return send

    charge.tell, charge.tamper = tell_late, overtaken
    charge.finish()
    assert len(late) == 2
    assert charge.ends('evse')[-1].error == ''
    assert len(charge.ends('pev')) == 1
