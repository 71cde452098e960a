# SPDX-License-Identifier: Apache-2.0
"""A charger that misbehaves by what it says; the vehicle is under test."""

from dataclasses import replace

from plc_sim.referee import Rule as Foul
from plc_sim.scenario.rows.words import (
    CHARGED,
    CUT,
    FAST,
    IN_LOOP,
    MISMATCH,
    PAIRS,
    STATUS_IN,
    Response,
    Status,
    again,
    code,
    nth,
    snake,
    status,
)
from plc_sim.scenario.scenario import Deed, End, Scenario, Values
from plc_sim.scenario.script import ALWAYS, Act, As, Drop, Hold, Instead, Let, Octets, Rule, Twice
from v2g.schema import din
from v2g.session.stage import Stage

_STANDARD = {'timers': 'standard'}
_STOP = (Deed('pev', 'stop', Stage.CHARGE_LOOP, 1.0),)
_STOPPED = End(fault=False, reason='')
_LOOP = Stage.CHARGE_LOOP


def _says(name: str, source: str, story: str, on: str, do: Act, end: End, n: int = 1) -> Scenario:
    """Make a scenario in which one answer is another one."""
    return Scenario(name, source, story, 'pev', end, [Rule(on, [do], n)])


def _borne(
    name: str,
    source: str,
    story: str,
    *rules: Rule,
    vehicle: Values = FAST,
    supply: Values | None = None,
    pev: Values | None = None,
) -> Scenario:
    """Make a scenario that does the vehicle's charge no harm."""
    row = Scenario(name, source, story, 'pev', CHARGED, rules, vehicle)
    return replace(row, supply=supply or {}, pev=pev or {})


def _every(on: str, *do: Act) -> Rule:
    return Rule(on, do, times=ALWAYS)


_NO_DIN = Let({'ResponseCode': 'Failed_NoNegotiation', 'SchemaID': None})
_PROTOCOL = (
    _says(
        'no_protocol_in_common',
        'lesson_59',
        'supportedAppProtocolRes says Failed_NoNegotiation',
        'supportedAppProtocolRes',
        _NO_DIN,
        End(Stage.APP_PROTOCOL, 'NO_PROTOCOL', 'din', retry=True),
    ),
    *(
        _borne(
            f'session_id_of_{what}',
            'lesson_48',
            f'the SessionID has {what.replace("_", " ")}',
            _every('*Res', As(octets)),
            _every('*Req', As(None)),
        )
        for what, octets in (
            ('1_octet', b'\x07'),
            ('4_octets', b'\x12\x34\x56\x78'),
            ('text', b'ABB00006'),
        )
    ),
    _says(
        'session_id_of_0_octets',
        'abuse_28',
        'SessionSetupRes has a SessionID without octets',
        'SessionSetupRes',
        As(b''),
        End(Stage.SESSION_SETUP, 'WRONG_SESSION', retry=True),
    ),
    _borne(
        'evse_id_of_a_control_character',
        'abuse_28, lesson_89',
        'the EVSEID is one octet that no text has',
        Rule('SessionSetupRes', [Let({'EVSEID': b'\x07'})]),
    ),
    *(
        _borne(
            f'session_setup_says_{word}',
            'lesson_50',
            f'SessionSetupRes says {response.value}',
            Rule('SessionSetupRes', [code(response)]),
        )
        for word, response in (
            ('ok', Response.OK),
            ('old_session_joined', Response.OK_OldSessionJoined),
        )
    ),
    _says(
        'foreign_session_id_in_current_demand',
        'abuse_32',
        'CurrentDemandRes is of another session',
        'CurrentDemandRes',
        As(b'\xaa' * 8),
        End(_LOOP, 'WRONG_SESSION'),
        IN_LOOP,
    ),
    Scenario(
        'unknown_session_in_cable_check',
        'lesson_49',
        'CableCheckRes says FAILED_UnknownSession, and the charger goes on answering so',
        'pev',
        End(Stage.CABLE_CHECK, 'CHARGER_REFUSES', 'FAILED_UnknownSession', retry=True),
        [_every('CableCheckRes', code(Response.FAILED_UnknownSession))],
    ),
    _borne(
        'authorisation_takes_10_s',
        'lesson_53',
        'ContractAuthenticationRes is Ongoing for ten seconds',
        Rule(
            'ContractAuthenticationRes',
            [Let({'EVSEProcessing': din.EVSEProcessing.Ongoing})],
            times=40,
        ),
    ),
)


def _ongoing(stage: Stage, message: str, total: float, *more: Act) -> Scenario:
    forever = Let({'EVSEProcessing': din.EVSEProcessing.Ongoing})
    return Scenario(
        f'{snake(message)}_ongoing_for_ever',
        'abuse_34',
        f'{message}Res is Ongoing without end',
        'pev',
        End(
            stage,
            f'TIMEOUT_{snake(message).upper()}_TOTAL',
            f'{message}Req',
            retry=True,
            notice=total,
        ),
        [_every(f'{message}Res', forever, *more)],
        pev=_STANDARD,
        until=120.0,
    )


_TESTING = Let(
    {
        'DC_EVSEStatus.EVSEStatusCode': Status.EVSE_IsolationMonitoringActive,
        'DC_EVSEStatus.EVSEIsolationStatus': din.IsolationLevel.Invalid,
    }
)
_LATE = (
    _ongoing(Stage.AUTHORIZATION, 'ContractAuthentication', 60.0),
    _ongoing(Stage.CHARGE_PARAMETERS, 'ChargeParameterDiscovery', 60.0),
    _ongoing(Stage.CABLE_CHECK, 'CableCheck', 40.0, _TESTING),
    _borne(
        'answers_200_ms_late_by_the_standard',
        'abuse_35',
        'every CurrentDemandRes takes 200 ms, the standard allows 250',
        _every('CurrentDemandRes', Hold(0.2)),
        pev=_STANDARD,
    ),
    Scenario(
        'answer_300_ms_late_by_the_standard',
        'abuse_35',
        'a CurrentDemandRes takes 300 ms, the standard allows 250',
        'pev',
        End(_LOOP, 'TIMEOUT_CURRENT_DEMAND', notice=0.25),
        [Rule('CurrentDemandRes', [Hold(0.3)], IN_LOOP)],
        pev=_STANDARD,
    ),
    _borne(
        'answers_1_s_late',
        'abuse_35',
        'every CurrentDemandRes takes a second',
        _every('CurrentDemandRes', Hold(1.0)),
    ),
    _borne(
        'answers_jitter',
        'abuse_35',
        'every third CurrentDemandRes takes 0.4 s',
        *(Rule('CurrentDemandRes', [Hold(0.4)], n) for n in range(3, 60, 3)),
    ),
    _borne(
        'answer_4_s_late',
        'lesson_37, lesson_36',
        'TCP is silent for four seconds, then all is well',
        Rule('CurrentDemandRes', [Hold(4.0)], 3),
    ),
    _borne(
        'power_delivery_answered_late',
        'lesson_45',
        'PowerDeliveryRes takes 0.9 s, and 1.5 s at the stop',
        Rule('PowerDeliveryRes', [Hold(0.9)]),
        Rule('PowerDeliveryRes', [Hold(1.5)], 2),
    ),
    Scenario(
        'power_delivery_stop_unanswered',
        'lesson_45',
        'the stop is not answered: pilot B comes after two seconds',
        'pev',
        End(fault=False),
        [Rule('PowerDeliveryRes', [Drop()], 2)],
        deeds=_STOP,
    ),
)


def _at_each(word: din.DC_EVSEStatusCode, name: str, source: str) -> list[Scenario]:
    return [
        _says(
            f'{name}_in_{snake(message)}',
            source,
            f'{message}Res says OK and {word.value}',
            f'{message}Res',
            status(path, word),
            End(stage, 'CHARGER_FAULT', word.value, retry=again(stage)),
            nth(stage),
        )
        for stage, message, path in STATUS_IN
        if (name, message) != ('malfunction', 'CurrentDemand')  # the field's own case
    ]


def _stop_at(stage: Stage, message: str, path: str) -> Scenario:
    return _says(
        f'stop_notified_in_{snake(message)}',
        'lesson_74',
        f'{message}Res carries StopCharging: a normal stop',
        f'{message}Res',
        Let({f'{path}.EVSENotification': din.EVSENotification.StopCharging}),
        End(
            stage,
            '' if stage is _LOOP else 'CHARGER_STOPS',
            'StopCharging',
            fault=False,
            retry=again(stage),
        ),
        nth(stage),
    )


_SLOW_FALL = {'current_fall': 250.0}  # A/s
_STOPS = (
    *_at_each(Status.EVSE_EmergencyShutdown, 'emergency_shutdown', 'lesson_71, abuse_36'),
    *_at_each(Status.EVSE_Malfunction, 'malfunction', 'lesson_75, abuse_36'),
    *(_stop_at(*row) for row in STATUS_IN),
    *(
        _says(
            f'shutdown_in_{snake(message)}',
            'lesson_74',
            f'{message}Res says EVSE_Shutdown: a normal stop',
            f'{message}Res',
            status(path, Status.EVSE_Shutdown),
            End(stage, 'CHARGER_STOPS', 'EVSE_Shutdown', fault=False, retry=again(stage)),
        )
        for stage, message, path in STATUS_IN
        if message in ('ChargeParameterDiscovery', 'CableCheck', 'PowerDelivery')
    ),
    Scenario(
        'shutdown_under_full_current',
        'lesson_73, lesson_76',
        'EVSE_Shutdown while 150 A and more flow, which fall within 0.8 s',
        'pev',
        End(fault=False, reason='EVSE_Shutdown'),
        [Rule('CurrentDemandRes', [status('DC_EVSEStatus', Status.EVSE_Shutdown)], 2 * IN_LOOP)],
        supply=_SLOW_FALL,
    ),
    *(
        _says(
            f'reserved_status_in_{snake(message)}',
            'lesson_65',
            f'{message}Res has a status that the standard reserves: a malfunction',
            f'{message}Res',
            status(path, Status.Reserved_A),
            End(stage, 'CHARGER_FAULT', retry=again(stage)),
            nth(stage),
        )
        for stage, message, path in STATUS_IN[-2:]
    ),
    _borne(
        'not_ready_is_no_failure',
        'lesson_72',
        'ChargeParameterDiscoveryRes and each CurrentDemandRes say EVSE_NotReady',
        _every(
            'ChargeParameterDiscoveryRes',
            status('EVSEChargeParameter.DC_EVSEStatus', Status.EVSE_NotReady),
        ),
        _every('CurrentDemandRes', status('DC_EVSEStatus', Status.EVSE_NotReady)),
    ),
    _borne(
        'renegotiation_is_no_stop',
        'lesson_74',
        'a CurrentDemandRes asks to renegotiate, which DIN does not know',
        Rule(
            'CurrentDemandRes',
            [Let({'DC_EVSEStatus.EVSENotification': din.EVSENotification.ReNegotiation})],
        ),
    ),
)

_FAILED_AND_SHUT = Let(
    {
        'ResponseCode': Response.FAILED,
        'EVSEProcessing': din.EVSEProcessing.Finished,
        'DC_EVSEStatus.EVSEStatusCode': Status.EVSE_Shutdown,
    }
)
_CABLE_CHECK = (
    Scenario(
        'cable_check_failed_and_gone',
        'lesson_67',
        'CableCheckRes is Finished with FAILED and EVSE_Shutdown, and TCP ends behind it',
        'pev',
        End(Stage.CABLE_CHECK, 'CHARGER_REFUSES', 'FAILED', retry=True),
        [Rule('CableCheckRes', [_FAILED_AND_SHUT]), Rule('CableCheckRes', CUT, 2)],
    ),
    _says(
        'cable_check_finished_without_isolation',
        'lesson_66',
        'CableCheckRes is Finished, its isolation Invalid',
        'CableCheckRes',
        Let(
            {
                'EVSEProcessing': din.EVSEProcessing.Finished,
                'DC_EVSEStatus.EVSEIsolationStatus': din.IsolationLevel.Invalid,
            }
        ),
        End(Stage.CABLE_CHECK, 'ISOLATION_INVALID', retry=True),
    ),
    _borne(
        'cable_check_of_14_s',
        'lesson_68',
        'the isolation test takes fourteen seconds',
        supply={'isolation_time': 14.0},
    ),
    _says(
        'isolation_fault_in_current_demand',
        'abuse_36',
        'CurrentDemandRes: the isolation has become a Fault',
        'CurrentDemandRes',
        Let({'DC_EVSEStatus.EVSEIsolationStatus': din.IsolationLevel.Fault}),
        End(_LOOP, 'ISOLATION_FAULT'),
        IN_LOOP,
    ),
)

_CLAIM = Let({'EVSEPresentVoltage': 355.0})
_VALUES = (
    _borne(
        'precharge_of_3_s', 'lesson_70', 'the voltage rises slowly', supply={'voltage_ramp': 150.0}
    ),
    Scenario(
        'precharge_claims_what_is_not_there',
        'abuse_37',
        'PreChargeRes tells the voltage of the pack, the inlet measures 20 % less',
        'pev',
        End(Stage.PRECHARGE, 'INLET_VOLTAGE_MISMATCH', retry=True, notice=MISMATCH),
        [_every('PreChargeRes', _CLAIM)],
        supply={'fault': 'sags', 'fault_when': 'precharge'},
        pev=_STANDARD,
    ),
    Scenario(
        'voltage_frozen_in_current_demand',
        'abuse_36',
        'CurrentDemandRes goes on telling 300 V, whatever the inlet has',
        'pev',
        End(_LOOP, 'INLET_VOLTAGE_MISMATCH', '300 V', notice=MISMATCH),
        [Rule('CurrentDemandRes', [Let({'EVSEPresentVoltage': 300.0})], IN_LOOP, ALWAYS)],
    ),
    _says(
        'absurd_voltage_in_current_demand',
        'abuse_29, abuse_36',
        'CurrentDemandRes tells 32 767 000 V',
        'CurrentDemandRes',
        Let({'EVSEPresentVoltage': 32_767_000.0}),
        End(_LOOP, 'OVERVOLTAGE'),
        IN_LOOP,
    ),
    *(
        _says(
            f'highest_voltage_of_{name}_in_current_demand',
            'safety_6, abuse_49',
            f"the charger's highest voltage becomes {volts:.0f} V: it does not fit any more (R11)",
            'CurrentDemandRes',
            Let({'EVSEMaximumVoltageLimit': volts}),
            End(_LOOP, 'UNSUITABLE_CHARGER', f'{volts:.0f} V', fault=False),
            IN_LOOP,
        )
        for name, volts in (('minus_400', -400.0), ('0', 0.0), ('100', 100.0))
    ),
    _says(
        'reverse_current_in_current_demand',
        'safety_6, abuse_49',
        'CurrentDemandRes tells -90 A',
        'CurrentDemandRes',
        Let({'EVSEPresentCurrent': -90.0}),
        End(_LOOP, 'REVERSE_CURRENT'),
        IN_LOOP,
    ),
    _borne(
        'absurd_limits',
        'abuse_29',
        'the charger claims to deliver 32 767 000 V and A',
        Rule(
            'ChargeParameterDiscoveryRes',
            [
                Let(
                    {
                        'EVSEChargeParameter.EVSEMaximumVoltageLimit': 32_767_000.0,
                        'EVSEChargeParameter.EVSEMaximumCurrentLimit': 32_767_000.0,
                    }
                )
            ],
        ),
    ),
    _borne(
        'limits_drop_below_what_flows',
        'abuse_36',
        "the charger's limit falls to 10 A while more flows",
        _every('CurrentDemandRes', Let({'EVSEMaximumCurrentLimit': 10.0})),
        vehicle={'speed': 5000.0},
    ),
    _borne(
        'limits_come_and_go',
        'abuse_36',
        "the charger's limit is 30 A, then 100 A, then not told",
        Rule('CurrentDemandRes', [Let({'EVSEMaximumCurrentLimit': 30.0})], 3, 4),
        Rule('CurrentDemandRes', [Let({'EVSEMaximumCurrentLimit': 100.0})], 7, 4),
        Rule('CurrentDemandRes', [Let({'EVSEMaximumCurrentLimit': None})], 11, 4),
    ),
    _says(
        'charger_below_the_pack',
        'lesson_92, lesson_57',
        "the charger's highest voltage is below the pack's: it does not fit (R11)",
        'ChargeParameterDiscoveryRes',
        Let({'EVSEChargeParameter.EVSEMaximumVoltageLimit': 300.0}),
        End(Stage.CHARGE_PARAMETERS, 'UNSUITABLE_CHARGER', '300 V', fault=False),
    ),
    _borne(
        'values_without_units_and_limits',
        'lesson_63',
        'optional values are absent, voltages have three decimals',
        _every(
            'CurrentDemandRes',
            Let(
                {
                    'EVSEMaximumVoltageLimit': None,
                    'EVSEMaximumCurrentLimit': None,
                    'EVSEMaximumPowerLimit': None,
                    'DC_EVSEStatus.EVSEIsolationStatus': None,
                    'EVSEPresentVoltage': 355.357,
                }
            ),
        ),
    ),
)


def _cut(stage: Stage, message: str) -> Scenario:
    return Scenario(
        f'tcp_lost_in_{snake(message)}',
        'lesson_40, lesson_67',
        f'TCP ends in place of {message}Res',
        'pev',
        End(stage, 'CONNECTION_LOST', retry=again(stage)),
        [Rule(f'{message}Res', CUT, nth(stage))],
    )


def _wrong(stage: Stage, message: str) -> Scenario:
    return Scenario(
        f'wrong_answer_in_{snake(message)}',
        'abuse_31',
        f'{message}Req is answered by SessionStopRes',
        'pev',
        End(stage, 'UNEXPECTED_MESSAGE', 'SessionStopRes', retry=again(stage)),
        [
            Rule(
                f'{message}Res',
                [Instead(lambda: din.SessionStopRes(ResponseCode=Response.OK))],
                nth(stage),
            )
        ],
    )


_LINES = (
    *(_cut(*pair) for pair in PAIRS),
    *(_wrong(*pair) for pair in PAIRS),
    _says(
        'payload_type_of_another_protocol',
        'lesson_42, lesson_46',
        'CurrentDemandRes comes with a payload type of ISO 15118-20',
        'CurrentDemandRes',
        Octets(b'\x80\x40\x00', 0x8002),
        End(_LOOP, 'MALFORMED_MESSAGE', '0x8002'),
        IN_LOOP,
    ),
    _says(
        'octets_that_are_no_message',
        'lesson_42',
        'CurrentDemandRes is nonsense',
        'CurrentDemandRes',
        Octets(bytes(range(32))),
        End(_LOOP, 'MALFORMED_MESSAGE'),
        IN_LOOP,
    ),
    _borne(
        'an_answer_comes_twice',
        'lesson_39, abuse_31',
        'a CurrentDemandRes comes twice; the second answers nothing that was asked',
        Rule('CurrentDemandRes', [Twice()], 3),
    ),
)

_NEVER_DEAD = (('evse', Foul.LIVE_WITHOUT_C),)
_WELDING = (
    *(
        Scenario(
            f'welding_detection_{word}',
            'lesson_78',
            story,
            'pev',
            _STOPPED,
            [Rule('WeldingDetectionRes', [do], times=ALWAYS)],
            deeds=_STOP,
        )
        for word, story, do in (
            ('refused', 'WeldingDetectionRes says FAILED', code(Response.FAILED)),
            ('unanswered', 'WeldingDetectionReq stays without answer', Drop()),
        )
    ),
    Scenario(
        'voltage_falls_slowly',
        'lesson_78',
        'the charger bleeds its output within four seconds',
        'pev',
        _STOPPED,
        supply={'bleed_time': 4.0},
        deeds=_STOP,
    ),
    Scenario(
        'voltage_never_falls',
        'lesson_78, abuse_39',
        "the charger's output keeps its voltage: a weld is suspected (R4), the plug stays locked",
        'pev',
        End(
            error='WELD_SUSPECTED',
            fault=False,
            locked=True,
            notice=0.0,
            fouls=_NEVER_DEAD,
            reason='voltage',
        ),
        supply={'fault': 'no_bleed', 'fault_when': 'current'},
        deeds=_STOP,
    ),
    Scenario(
        'session_stop_unanswered',
        'lesson_84',
        'SessionStopRes never comes; the plug comes free all the same',
        'pev',
        _STOPPED,
        [Rule('SessionStopRes', [Drop()])],
        deeds=_STOP,
    ),
)

ROWS = (*_PROTOCOL, *_LATE, *_STOPS, *_CABLE_CHECK, *_VALUES, *_LINES, *_WELDING)
