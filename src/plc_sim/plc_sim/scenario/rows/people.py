# SPDX-License-Identifier: Apache-2.0
"""What people do at a bad moment; each side is under test."""

from plc_sim.referee import Rule as Foul
from plc_sim.scenario.rows.words import CHARGED, FAST, IN_LOOP
from plc_sim.scenario.scenario import Deed, End, Scenario
from plc_sim.scenario.script import ALWAYS, Drop, Rule
from v2g.session.stage import Stage

_LOOP = Stage.CHARGE_LOOP
_STAGES = (
    Stage.AUTHORIZATION,
    Stage.CHARGE_PARAMETERS,
    Stage.CABLE_CHECK,
    Stage.PRECHARGE,
    Stage.START,
    _LOOP,
)


def _wait(stage: Stage) -> float:
    return 1.0 if stage is _LOOP else 0.0


def _stop(stage: Stage) -> Scenario:
    return Scenario(
        f'stop_in_{stage.name.lower()}',
        'abuse_47',
        f'charging/stop in {stage.name}',
        'pev',
        End(stage, fault=False),
        deeds=[Deed('pev', 'stop', stage, _wait(stage))],
    )


def _emergency(side: str, who: str, stage: Stage) -> Scenario:
    return Scenario(
        f'emergency_stop_of_{who}_in_{stage.name.lower()}',
        'abuse_47',
        f'charging/emergency_stop of the {who} in {stage.name}',
        side,
        End(stage, 'EMERGENCY_STOP'),
        deeds=[Deed(side, 'emergency_stop', stage, _wait(stage))],
    )


ROWS = (
    *(_stop(stage) for stage in _STAGES),
    *(_emergency('pev', 'vehicle', stage) for stage in _STAGES),
    *(
        _emergency('evse', 'charger', stage)
        for stage in (Stage.CABLE_CHECK, Stage.PRECHARGE, _LOOP)
    ),
    Scenario(
        'emergency_stop_of_charger_without_words',
        'safety_8',
        'charging/emergency_stop of a charger whose answers are lost: the vehicle sees the pilot',
        'pev',
        End(error='PILOT_LOST', notice=0.01),
        [Rule('CurrentDemandRes', [Drop()], IN_LOOP, ALWAYS)],
        deeds=[Deed('evse', 'emergency_stop', _LOOP, 1.5)],
    ),
    Scenario(
        'stop_by_the_charger',
        'lesson_74',
        'charging/stop of the charger: the vehicle is asked to, and does',
        'evse',
        End(fault=False),
        deeds=[Deed('evse', 'stop', _LOOP, 1.0)],
    ),
    Scenario(
        'emergency_stop_while_stopping',
        'abuse_47',
        'charging/stop, and 20 ms later charging/emergency_stop',
        'pev',
        End(error='EMERGENCY_STOP', fault=False),
        deeds=[
            Deed('pev', 'stop', _LOOP, 1.0),
            Deed('pev', 'emergency_stop', _LOOP, 1.02),
        ],
    ),
    Scenario(
        'both_sides_stop_at_once',
        'abuse_47',
        'charging/stop on both sides in the same moment',
        'pev',
        End(fault=False),
        deeds=[Deed('pev', 'stop', _LOOP, 1.0), Deed('evse', 'stop', _LOOP, 1.0)],
    ),
    Scenario(
        'unlock_under_current_is_refused',
        'abuse_39',
        'charging/release_lock while current flows: refused, the charge goes on (R3)',
        'pev',
        CHARGED,
        vehicle=FAST,
        deeds=[Deed('pev', 'release_lock', _LOOP, 0.5, granted=False)],
    ),
    Scenario(
        'unlock_after_the_end_under_current_is_refused',
        'abuse_39',
        'both poles are welded, the charger delivers on; charging/release_lock is refused (R3)',
        'pev',
        End(
            error='WELD_SUSPECTED',
            fault=False,
            locked=True,
            fouls=[('pev', Foul.LIVE_WITHOUT_C)],
        ),
        vehicle={'weld': 'both'},
        supply={'fault': 'deaf', 'fault_when': 'current', 'fault_after': 0.5},
        deeds=[
            Deed('pev', 'stop', _LOOP, 3.0),
            Deed('pev', 'release_lock', Stage.FAILED, 0.5, granted=False),
        ],
    ),
)
