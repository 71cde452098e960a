# SPDX-License-Identifier: Apache-2.0
"""The sixteen cases of the field's own fault injection; the vehicle is under test."""

from plc_sim.scenario.rows.words import (
    CHARGED,
    FAST,
    IN_LOOP,
    MESSAGE_TIMEOUT,
    PAIRS,
    Response,
    Status,
    again,
    code,
    nth,
    snake,
    status,
)
from plc_sim.scenario.scenario import End, Scenario
from plc_sim.scenario.script import Drop, Let, Rule
from v2g.session.stage import Stage

_CODES = {
    'SessionSetup': Response.FAILED_SequenceError,
    'ServiceDiscovery': Response.FAILED_SequenceError,
    'ServicePaymentSelection': Response.FAILED_SequenceError,
    'ContractAuthentication': Response.FAILED_SequenceError,
    'ChargeParameterDiscovery': Response.FAILED_ServiceSelectionInvalid,
}


def _refusal(number: int, stage: Stage, message: str) -> Scenario:
    response = _CODES.get(message, Response.FAILED)
    word = response.value.removeprefix('FAILED_').removeprefix('FAILED')
    return Scenario(
        name=f'failed{"_" if word else ""}{snake(word)}_in_{snake(message)}',
        source=f'case {number}',
        story=f'{message}Res says {response.value}',
        tests='pev',
        script=[Rule(f'{message}Res', [code(response)], nth(stage))],
        end=End(stage, 'CHARGER_REFUSES', response.value, retry=again(stage)),
    )


def _silence(number: int, stage: Stage, message: str) -> Scenario:
    return Scenario(
        name=f'timeout_in_{snake(message)}',
        source=f'case {number}',
        story=f'{message}Req stays without answer',
        tests='pev',
        script=[Rule(f'{message}Res', [Drop()], nth(stage))],
        end=End(
            stage,
            f'TIMEOUT_{snake(message).upper()}',
            f'{message}Req',
            retry=again(stage),
            notice=MESSAGE_TIMEOUT,
        ),
    )


def _shutdown(number: int, stage: Stage, message: str, at: Let) -> Scenario:
    return Scenario(
        name=f'shutdown_in_{snake(message)}',
        source=f'case {number}, lesson_74',
        story=f'{message}Res says EVSE_Shutdown: a normal stop',
        tests='pev',
        script=[Rule(f'{message}Res', [at], nth(stage))],
        end=End(
            stage,
            '' if stage is Stage.CHARGE_LOOP else 'CHARGER_STOPS',
            'EVSE_Shutdown',
            fault=False,
            retry=again(stage),
        ),
    )


_SHUTDOWN = status('DC_EVSEStatus', Status.EVSE_Shutdown)
ROWS = (
    *(_refusal(number, *pair) for number, pair in enumerate(PAIRS, 1)),
    _silence(10, Stage.CABLE_CHECK, 'CableCheck'),
    _silence(11, Stage.PRECHARGE, 'PreCharge'),
    _silence(12, Stage.CHARGE_LOOP, 'CurrentDemand'),
    _shutdown(13, Stage.PRECHARGE, 'PreCharge', _SHUTDOWN),
    _shutdown(14, Stage.CHARGE_LOOP, 'CurrentDemand', _SHUTDOWN),
    Scenario(
        name='malfunction_in_current_demand',
        source='case 15, lesson_75',
        story='CurrentDemandRes says OK and EVSE_Malfunction',
        tests='pev',
        script=[
            Rule('CurrentDemandRes', [status('DC_EVSEStatus', Status.EVSE_Malfunction)], IN_LOOP)
        ],
        end=End(Stage.CHARGE_LOOP, 'CHARGER_FAULT', 'EVSE_Malfunction'),
    ),
    Scenario(
        name='good_case',
        source='case 16',
        story='nobody misbehaves; the vehicle stops at its target',
        tests='pev',
        vehicle=FAST,
        end=CHARGED,
    ),
)
