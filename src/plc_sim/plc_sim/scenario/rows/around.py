# SPDX-License-Identifier: Apache-2.0
"""What happens around a session: carrier, nodes, clocks, others; in virtual time only."""

from plc_sim.scenario.around import HOUR
from plc_sim.scenario.rows.words import CHARGED, FAST, again
from plc_sim.scenario.scenario import Deed, End, Incident, Scenario
from v2g.session.readings import STALE
from v2g.session.stage import Stage

_LOOP = Stage.CHARGE_LOOP
_STAGES = (Stage.CABLE_CHECK, Stage.PRECHARGE, _LOOP)
_SIDES = (('pev', 'vehicle'), ('evse', 'charger'))
_JUMPS = (('ahead', HOUR), ('back', -HOUR))


def _wait(stage: Stage) -> float:
    return 1.0 if stage is _LOOP else 0.05


def _breaks(what: str, source: str, story: str, error: str, side: str, stage: Stage) -> Scenario:
    who = dict(_SIDES)[side]
    return Scenario(
        f'{what}_at_{who}_in_{stage.name.lower()}',
        source,
        f'{story}, at the {who}',
        side,
        End(stage, error, retry=again(stage)),
        incidents=[Incident(side, what, stage, _wait(stage))],
    )


ROWS = (
    *(
        _breaks(*kind, side, stage)
        for kind in (
            ('carrier_lost', 'abuse_43', 'the interface loses its carrier', 'CARRIER_LOST'),
            ('slac_died', 'abuse_44', 'the SLAC node dies', 'NODE_DIED'),
            ('transport_died', 'abuse_44', 'the transport node dies', 'NODE_DIED'),
        )
        for side, _ in _SIDES
        for stage in _STAGES
    ),
    *(
        Scenario(
            f'all_clocks_jump_{word}_in_{stage.name.lower()}',
            'abuse_42',
            f'the system clock jumps an hour {word}: what is on its way is lost, no more (R26)',
            'pev',
            CHARGED,
            vehicle=FAST,
            incidents=[Incident('pev', 'clock_jumps', stage, 0.1, seconds)],
        )
        for word, seconds in _JUMPS
        for stage in _STAGES
    ),
    *(
        Scenario(
            f'clock_of_the_{who}_hardware_jumps_{word}',
            'abuse_42',
            f'only the computer with the {who} hardware jumps an hour {word}: nobody believes it',
            side,
            End(_LOOP, 'STALE_INPUT', notice=STALE, locked=side == 'pev'),
            incidents=[Incident(side, 'hardware_clock_jumps', _LOOP, 1.0, seconds)],
        )
        for side, who in _SIDES
        for word, seconds in _JUMPS
    ),
    *(
        Scenario(
            f'foreign_commands_to_the_{who}',
            'abuse_45',
            'commands of another session, of a bag, and without a number: none is obeyed (R6)',
            side,
            End(fault=False, amperes=(100.0, 210.0)),
            incidents=[Incident(side, 'foreign_commands', _LOOP, 1.0)],
            deeds=[Deed('pev', 'stop', _LOOP, 2.0)],
        )
        for side, who in _SIDES
    ),
)
