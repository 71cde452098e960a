# SPDX-License-Identifier: Apache-2.0
"""A vehicle that misbehaves by what it says; the charger is under test."""

from plc_sim.scenario.rows.words import (
    CHARGED,
    CUT,
    FAST,
    IN_LOOP,
    PAIRS,
    nth,
    snake,
)
from plc_sim.scenario.scenario import Deed, End, Scenario
from plc_sim.scenario.script import ALWAYS, Act, As, Drop, Hold, Instead, Let, Octets, Rule, Scaled
from v2g.schema import din, sap
from v2g.session.stage import Stage

_LOOP = Stage.CHARGE_LOOP
_DIN = 'urn:din:70121:2012:MsgDef'
# Which stage a charger shows when a request is wrong: that of the last one it has answered.
_LAST = {
    stage: before
    for (stage, _), before in zip(
        PAIRS, (Stage.APP_PROTOCOL, *(s for s, _ in PAIRS)), strict=False
    )
}
_LAST[Stage.CABLE_CHECK] = (
    Stage.CONNECTOR_LOCK
)  # entered with the last ChargeParameterDiscoveryRes


def _stage(stage: Stage) -> Stage:
    """Where a charger stands that gets a wrong message in place of this stage's request."""
    return stage if nth(stage) > 1 else _LAST[stage]


def _says(name: str, source: str, story: str, on: str, do: Act, end: End, n: int = 1) -> Scenario:
    return Scenario(name, source, story, 'evse', end, [Rule(on, [do], n)])


def _borne(name: str, source: str, story: str, *rules: Rule, **more: object) -> Scenario:
    values = {'vehicle': FAST, **more}
    return Scenario(name, source, story, 'evse', CHARGED, rules, **values)  # type: ignore[arg-type]


def _every(on: str, *do: Act) -> Rule:
    return Rule(on, do, times=ALWAYS)


def _wrong(stage: Stage, message: str) -> Scenario:
    """In place of each request one that is not allowed there."""
    return _says(
        f'wrong_request_for_{snake(message)}',
        'abuse_31',
        f'in place of {message}Req comes a WeldingDetectionReq',
        f'{message}Req',
        Instead(_welding),
        End(
            _stage(stage), 'FAILED_SequenceError', 'WELDING_DETECTION', retry=stage <= Stage.START
        ),
        nth(stage),
    )


def _welding() -> din.BodyElement:
    return din.WeldingDetectionReq(DC_EVStatus=_fine())


def _fine() -> din.DC_EVStatus:
    return din.DC_EVStatus(EVReady=True, EVErrorCode=din.DC_EVErrorCode.NO_ERROR, EVRESSSOC=50)


def _stops(stage: Stage, message: str) -> Scenario:
    """SessionStop anywhere (R2)."""
    charged = stage is _LOOP
    return _says(
        f'session_stop_for_{snake(message)}',
        'abuse_33, lesson_80, lesson_69',
        f'in place of {message}Req comes a SessionStopReq',
        f'{message}Req',
        Instead(din.SessionStopReq),
        End(
            _stage(stage),
            '' if charged else 'VEHICLE_STOPS',
            retry=not charged,
            fault=False,
        ),
        nth(stage),
    )


def _cut(stage: Stage, message: str) -> Scenario:
    return Scenario(
        f'tcp_lost_for_{snake(message)}',
        'lesson_40',
        f'TCP ends in place of {message}Req',
        'evse',
        End(_stage(stage), 'CONNECTION_LOST', also=['VEHICLE_LEFT_C'], retry=stage <= Stage.START),
        [Rule(f'{message}Req', CUT, nth(stage))],
    )


_AFTER_SETUP = [pair for pair in PAIRS if pair[0] is not Stage.SESSION_SETUP]


def _protocols(*rows: tuple[str, int, int]) -> Let:
    """Namespace, SchemaID, priority of each."""
    return Let(
        {
            'AppProtocol': [
                sap.AppProtocol(
                    ProtocolNamespace=namespace,
                    VersionNumberMajor=2,
                    VersionNumberMinor=0,
                    SchemaID=schema_id,
                    Priority=priority,
                )
                for namespace, schema_id, priority in rows
            ]
        }
    )


_ISO = 'urn:iso:15118:2:2013:MsgDef'
_TESLA = 'urn:tesla:din:2018:MsgDef'
_OURS = Rule('supportedAppProtocolRes', [Let({'SchemaID': 1})])  # what the session had offered
_OFFERS = (
    *(
        _borne(
            f'offer_{name}',
            source,
            story,
            Rule('supportedAppProtocolReq', [_protocols(*rows)]),
            _OURS,
        )
        for name, source, story, rows in (
            ('with_schema_id_0', 'lesson_59', 'DIN has the SchemaID 0', [(_DIN, 0, 1)]),
            (
                'of_several_protocols',
                'lesson_59, abuse_30',
                'DIN stands behind Tesla and ISO',
                [
                    (_TESLA, 2, 1),
                    (_ISO, 7, 2),
                    ('urn:iso:15118:2:2010:MsgDef', 3, 3),
                    (_DIN, 9, 4),
                ],
            ),
            (
                'with_equal_ids_and_priorities',
                'abuse_30',
                'all protocols have the same SchemaID and priority',
                [(_TESLA, 5, 1), (_DIN, 5, 1), (_ISO, 5, 1)],
            ),
            (
                'of_20_protocols',
                'abuse_30',
                'twenty protocols, DIN the last',
                [*((f'urn:unknown:{n}', n, n) for n in range(1, 20)), (_DIN, 30, 20)],
            ),
        )
    ),
    _says(
        'offer_without_din',
        'lesson_59, abuse_30',
        'no protocol in common: Failed_NoNegotiation, then the charger closes (R15)',
        'supportedAppProtocolReq',
        _protocols((_ISO, 1, 1), (_TESLA, 2, 2)),
        End(Stage.TCP, 'NO_PROTOCOL', _ISO, retry=True),
    ),
    _says(
        'offer_of_nothing',
        'abuse_30',
        'supportedAppProtocolReq has no entry, which no EXI of it can have',
        'supportedAppProtocolReq',
        Octets(b'\x80\x40'),
        End(Stage.TCP, 'MALFORMED_MESSAGE', retry=True),
    ),
)

_IDENTITY = (
    *(
        _says(
            f'{name}_session_id_asked_with',
            'abuse_32',
            f'CurrentDemandReq has a {name} SessionID',
            'CurrentDemandReq',
            As(octets),
            End(_LOOP, 'FAILED_UnknownSession'),
            IN_LOOP,
        )
        for name, octets in (('zero', bytes(8)), ('foreign', b'\xaa' * 8), ('short', b'\xaa'))
    ),
    _borne(
        'session_setup_with_1_octet',
        'lesson_48',
        'SessionSetupReq has the SessionID 00',
        Rule('SessionSetupReq', [As(b'\x00')]),
    ),
)


def _values(name: str, source: str, story: str, on: str, values: dict[str, object]) -> Scenario:
    return _borne(name, source, story, _every(on, Let(values)))


_VALUES = (
    _values(
        'capacity_of_0',
        'lesson_64',
        'EVEnergyCapacity is 0: not known',
        'ChargeParameterDiscoveryReq',
        {'EVChargeParameter.EVEnergyCapacity': 0.0},
    ),
    _values(
        'capacity_not_told',
        'lesson_64',
        'EVEnergyCapacity is absent',
        'ChargeParameterDiscoveryReq',
        {'EVChargeParameter.EVEnergyCapacity': None, 'EVChargeParameter.EVEnergyRequest': None},
    ),
    _values(
        'ev_not_ready_in_cable_check',
        'lesson_87',
        'EVReady is false where it should be true',
        'CableCheckReq',
        {'DC_EVStatus.EVReady': False},
    ),
    _values(
        'precharge_asks_for_0_a',
        'lesson_87',
        'EVTargetCurrent is 0 in PreCharge',
        'PreChargeReq',
        {'EVTargetCurrent': 0.0},
    ),
    _values(
        'vehicle_tells_an_error',
        'lesson_81',
        'each CurrentDemandReq carries FAILED_ChargingCurrentdifferential; it is told, not judged',
        'CurrentDemandReq',
        {'DC_EVStatus.EVErrorCode': din.DC_EVErrorCode.FAILED_ChargingCurrentdifferential},
    ),
    _values(
        'absurd_targets',
        'abuse_29',
        'the vehicle asks for 32 767 000 V; the output stays within the limits of both (R13)',
        'CurrentDemandReq',
        {'EVTargetVoltage': 32_767_000.0},
    ),
    _borne(
        'negative_target_current',
        'abuse_29',
        'a CurrentDemandReq asks for -100 A: nothing flows for a moment',
        Rule('CurrentDemandReq', [Let({'EVTargetCurrent': -100.0})], 3),
    ),
    _borne(
        'limits_not_repeated',
        'lesson_56',
        'CurrentDemandReq without limits',
        _every(
            'CurrentDemandReq',
            Let(
                {
                    'EVMaximumVoltageLimit': None,
                    'EVMaximumCurrentLimit': None,
                    'EVMaximumPowerLimit': None,
                }
            ),
        ),
    ),
)

_STOP = (Deed('pev', 'stop', _LOOP, 1.0),)
_ENDINGS = (
    Scenario(
        'no_welding_detection',
        'lesson_79',
        'PowerDelivery(stop), then SessionStop at once',
        'evse',
        End(fault=False),
        [Rule('WeldingDetectionReq', [Instead(din.SessionStopReq)])],
        deeds=_STOP,
    ),
    Scenario(
        'power_delivery_stop_and_gone',
        'lesson_40',
        'PowerDelivery(stop), then TCP ends without SessionStop',
        'evse',
        End(error='CONNECTION_LOST', fault=False),
        [Rule('WeldingDetectionReq', CUT)],
        deeds=_STOP,
    ),
    _borne(
        'full_vehicle',
        'lesson_83',
        'the pack is full already: the vehicle ends the session at once',
        vehicle={'soc': 0.7, 'target_soc': 0.65},
    ),
    Scenario(
        'stop_is_ignored',
        'lesson_83, lesson_41',
        'the charger asks to stop, and the vehicle goes on: after 5 s it is switched off',
        'evse',
        End(error='VEHICLE_IGNORES_STOP', reason='went on', notice=5.0),
        [
            _every(
                'CurrentDemandRes',
                Let(
                    {
                        'DC_EVSEStatus.EVSENotification': din.EVSENotification.None_,
                        'DC_EVSEStatus.EVSEStatusCode': din.DC_EVSEStatusCode.EVSE_Ready,
                    }
                ),
            )
        ],
        deeds=(Deed('evse', 'stop', _LOOP, 1.0),),
    ),
    _borne(
        'energies_in_hundreds',
        'lesson_63, lesson_64',
        'the vehicle tells its 78.5 kWh, and what it wants of them, with multiplier 2',
        _every('ChargeParameterDiscoveryReq', Scaled(('EVEnergyCapacity', 'EVEnergyRequest'), 2)),
        vehicle={**FAST, 'energy_capacity': 78_500.0, 'target_soc': 0.7},
    ),
    _borne(
        'requests_every_90_ms',
        'lesson_82',
        'a CurrentDemandReq each 90 ms',
        pev={'request_period': 0.09},
    ),
    _borne(
        'a_request_comes_3_s_late',
        'lesson_82, abuse_35',
        'nothing is asked for three seconds, then the charge goes on',
        Rule('CurrentDemandReq', [Hold(3.0)], 3),
    ),
    _says(
        'requests_end_in_current_demand',
        'abuse_34, lesson_86',
        'no CurrentDemandReq comes any more, TCP and pilot stay',
        'CurrentDemandReq',
        Drop(),
        End(_LOOP, 'TIMEOUT_SEQUENCE', notice=5.0),
        IN_LOOP,
    ),
    _says(
        'payload_type_of_another_protocol_asked',
        'lesson_42, lesson_46',
        'CurrentDemandReq comes with a payload type of ISO 15118-20',
        'CurrentDemandReq',
        Octets(b'\x80\x40\x00', 0x8002),
        End(_LOOP, 'MALFORMED_MESSAGE', '0x8002'),
        IN_LOOP,
    ),
    _says(
        'octets_that_are_no_request',
        'lesson_42',
        'CurrentDemandReq is nonsense',
        'CurrentDemandReq',
        Octets(bytes(range(32))),
        End(_LOOP, 'MALFORMED_MESSAGE'),
        IN_LOOP,
    ),
    _says(
        'payment_details_asked',
        'abuse_31',
        'a message of Plug and Charge gets its own response with FAILED_SequenceError (R15)',
        'ContractAuthenticationReq',
        Instead(lambda: din.ServiceDetailReq(ServiceID=1)),
        End(Stage.SERVICE_SELECTION, 'FAILED_SequenceError', retry=True),
    ),
)

ROWS = (
    *_OFFERS,
    *(_wrong(*pair) for pair in PAIRS),
    *(_stops(*pair) for pair in _AFTER_SETUP),
    *(_cut(*pair) for pair in PAIRS),
    *_IDENTITY,
    *_VALUES,
    *_ENDINGS,
)
