# SPDX-License-Identifier: Apache-2.0
"""Hardware that fails: pilot, contactors, lock, supply, sensors; on either side."""

from plc_sim.referee import Rule as Foul
from plc_sim.scenario.rows.words import ANY_TIME, CHARGED, FAST, MISMATCH
from plc_sim.scenario.scenario import Deed, End, Scenario, Values
from plc_sim.scenario.script import ALWAYS, Let, Rule
from v2g.session.din.timing import CONNECTOR_LOCK, FIELD_CP_State_Detection
from v2g.session.readings import STALE
from v2g.session.stage import Stage

_LOOP = Stage.CHARGE_LOOP
_SILENCE = 0.5  # s until a charger without power is state E
_STANDARD = {'timers': 'standard'}
_STOP = (Deed('pev', 'stop', _LOOP, 1.0),)

# What the charger's hardware can see of a session's stage, and which it is.
_STAGES = (
    ('test', Stage.CABLE_CHECK),
    ('precharge', Stage.PRECHARGE),
    ('current', _LOOP),
)


def _supply(fault: str, when: str, **more: float) -> Values:
    return {'fault': fault, 'fault_when': when, **more}


def _pilot(fault: str, story: str, notice: float, when: str, stage: Stage) -> Scenario:
    return Scenario(
        f'{fault}_in_{stage.name.lower()}',
        'abuse_38, lesson_85',
        story,
        'pev',
        End(stage, 'PILOT_LOST', 'pilot', retry=stage is not _LOOP, notice=notice),
        supply=_supply(fault, when, fault_for=3.0 if stage is _LOOP else 0.2 + notice),
    )


_PILOT = tuple(
    _pilot(*kind, *at)
    for kind in (
        ('pilot_f', 'the pilot goes to F', 0.0),
        ('duty_0', "the pilot's duty goes to 0 %", 0.0),
        ('duty_100', "the pilot's duty goes to 100 %", 0.0),
        ('power_cut', 'the charger loses its power: E', _SILENCE),
    )
    for at in _STAGES
)

_TEST = 0.7  # s of an isolation test: 400 V by 1000 V/s, then 0.3 s (BASE_SUPPLY)
_ASKED_AGAIN = 0.25  # s between two requests (R12)


def _isolation_fault(notice: float) -> End:
    return End(Stage.CABLE_CHECK, 'ISOLATION_FAULT', notice=notice, since=Stage.CABLE_CHECK)


_DEAF = (('evse', Foul.LIVE_WITHOUT_C),)
_CHARGER = (
    Scenario(
        'overshoot_in_precharge',
        'lesson_71',
        'without load the voltage overshoots to 480 V',
        'pev',
        End(Stage.PRECHARGE, 'OVERVOLTAGE', retry=True, notice=0.1),
        supply={**_supply('overshoots', 'precharge'), 'voltage_ramp': 1e5},
    ),
    Scenario(
        'precharge_never_converges',
        'abuse_37',
        'the voltage stays 20 % below what is asked for',
        'pev',
        End(Stage.PRECHARGE, 'TIMEOUT_PRE_CHARGE_TOTAL', retry=True, notice=7.0),
        supply=_supply('sags', 'precharge'),
        pev=_STANDARD,
    ),
    Scenario(
        'voltage_drifts_before_closing',
        'abuse_37',
        'the voltage falls by a fifth while slow contactors close',
        'pev',
        End(Stage.PRECHARGE, 'VOLTAGE_DRIFT'),
        vehicle={'contactor_delay': 0.35},
        supply=_supply('sags', 'reached', fault_after=0.3),
    ),
    Scenario(
        'more_current_than_asked',
        'abuse_36',
        'the charger delivers 30 % more than was asked for',
        'pev',
        End(_LOOP, 'OVERCURRENT', notice=0.2),
        vehicle={'max_current': 100.0},
        supply=_supply('overcurrent', 'current', fault_after=1.0),
    ),
    Scenario(
        'supply_ignores_pilot_b',
        'lesson_86',
        'the charger goes on delivering whatever is said; then its output stays live',
        'pev',
        End(
            _LOOP,
            'WELD_SUSPECTED',
            fault=False,
            locked=True,
            fouls=_DEAF,
        ),
        supply=_supply('deaf', 'current', fault_after=1.0),
        deeds=(Deed('pev', 'stop', _LOOP, 3.0),),
    ),
    Scenario(
        'supply_ignores_power_delivery_stop',
        'safety_4',
        'the supply goes on delivering behind PowerDelivery(stop): the charger notices, and opens',
        'evse',
        End(_LOOP, 'WELD_SUSPECTED', fouls=_DEAF, notice=2.0),
        supply=_supply('deaf', 'current', fault_after=1.0),
        deeds=(Deed('pev', 'stop', _LOOP, 3.0),),
    ),
    Scenario(
        'output_stays_live',
        'safety_4',
        'the output keeps its voltage behind PowerDelivery(stop)',
        'evse',
        End(_LOOP, 'OUTPUT_LIVE', fault=False, fouls=_DEAF),
        supply=_supply('no_bleed', 'current', fault_after=1.0),
        deeds=(Deed('pev', 'stop', _LOOP, 3.0),),
    ),
    Scenario(
        'current_falls_slowly',
        'lesson_76, lesson_73',
        'the current needs 1.5 s to fall; the vehicle opens when it is small',
        'pev',
        End(fault=False),
        supply={'current_fall': 130.0},
        deeds=_STOP,
    ),
    *(
        Scenario(
            f'isolation_{result}',
            'abuse_36',
            f'the isolation test ends as {result}',
            tests,
            end,
            vehicle=FAST,
            supply={'isolation': result},
        )
        for result, tests, end in (
            ('fault', 'pev', _isolation_fault(_TEST + _ASKED_AGAIN)),
            ('warning', 'pev', CHARGED),
        )
    ),
    Scenario(
        'isolation_fault_found',
        'abuse_36',
        'the isolation test ends as fault: the charger says so and stops',
        'evse',
        _isolation_fault(_TEST),
        supply={'isolation': 'fault'},
    ),
    *(
        Scenario(
            f'supply_{fault}_in_{stage.name.lower()}',
            'lesson_86',
            story,
            'evse',
            End(stage, error, retry=retry and stage is not _LOOP, notice=notice),
            supply={**_supply(fault, when, fault_for=3.0), 'voltage_ramp': 200.0},
        )
        for fault, story, error, retry, notice in (
            ('silent', 'supply and pilot tell nothing any more', 'STALE_INPUT', True, STALE),
            ('told', 'the supply tells of a fault', 'SUPPLY_FAULT', False, 0.0),
        )
        for when, stage in _STAGES
    ),
)


def _vehicle(fault: str, when: str, **more: float) -> Values:
    return {'fault': fault, 'fault_when': when, **more}


def _own(name: str, source: str, story: str, fault: str, error: str, **end: object) -> Scenario:
    """Make a scenario in which the vehicle's own hardware fails in the energy loop."""
    due = End(_LOOP, error, **end)  # type: ignore[arg-type]
    return Scenario(
        name, source, story, 'pev', due, vehicle=_vehicle(fault, 'current', fault_after=1.0)
    )


_UNLOCKED = (('pev', Foul.ENERGY_UNLOCKED), ('pev', Foul.UNLOCKED_LIVE))
_PACK_AT_THE_PLUG = (('pev', Foul.LIVE_WITHOUT_C),)
_VEHICLE = (
    _own(
        'proximity_lost_in_charge_loop',
        'abuse_38',
        "the plug's release button is pressed under current",
        'proximity_lost',
        'PROXIMITY_LOST',
    ),
    _own(
        'status_silent_in_charge_loop',
        'lesson_86',
        'vehicle/status does not come any more',
        'silent',
        'STALE_INPUT',
        notice=STALE,
        locked=True,
    ),
    _own(
        'vehicle_tells_of_a_fault',
        'lesson_86',
        'vehicle/status has a fault of its own',
        'told',
        'VEHICLE_FAULT',
        reason='pump',
    ),
    _own(
        'pack_over_its_limit',
        'abuse_36',
        'the pack measures 5 % more than it takes',
        'overvoltage',
        'OVERVOLTAGE',
    ),
    _own(
        'pack_voltage_missing',
        'abuse_36',
        "the pack's voltage is not measured any more",
        'no_voltage',
        'VALUE_MISSING',
    ),
    _own(
        'pack_disagrees_with_the_inlet',
        'safety_6',
        'the pack measures 100 V while the inlet has its voltage',
        'pack_low',
        'PACK_VOLTAGE_MISMATCH',
        notice=MISMATCH,
        reason='100 V',
    ),
    Scenario(
        'limits_told_late',
        'safety_1',
        'for three seconds it is not told what the pack takes: nothing begins till then',
        'pev',
        CHARGED,
        vehicle={**FAST, **_vehicle('no_limits', 'start', fault_for=3.0)},
    ),
    _own(
        'limits_lost_under_current',
        'safety_1',
        'what the pack takes is not told any more',
        'no_limits',
        'VALUE_MISSING',
        reason='max_current',
    ),
    _own(
        'contactor_opens_by_itself',
        'abuse_39',
        'a pole opens under current, as no session would',
        'contactor_open',
        'CONTACTOR_FEEDBACK',
        fouls=(('pev', Foul.OPENED_UNDER_LOAD),),
    ),
    _own(
        'lock_opens_under_current',
        'abuse_39',
        'the lock does not hold',
        'lock_open',
        'LOCK_LOST',
        fouls=_UNLOCKED,
    ),
    Scenario(
        'contactor_does_not_close',
        'abuse_39',
        'a pole does not close: within 2 s it is known',
        'pev',
        End(Stage.PRECHARGE, 'CONTACTOR_FEEDBACK', notice=2.0),
        vehicle=_vehicle('contactor_open', 'closing'),
    ),
    Scenario(
        'lock_fails',
        'abuse_39',
        'the lock is never confirmed: no state C, no cable check (R8)',
        'pev',
        End(
            Stage.CONNECTOR_LOCK,
            'TIMEOUT_CONNECTOR_LOCK_TOTAL',
            retry=True,
            notice=CONNECTOR_LOCK,
            since=Stage.CONNECTOR_LOCK,
        ),
        vehicle=_vehicle('lock_open', 'start'),
    ),
    Scenario(
        'contactors_without_feedback',
        'abuse_39',
        'no feedback: it charges, but nothing confirms that the plug is dead (R3)',
        'pev',
        End(fault=False, notice=ANY_TIME, locked=True),
        vehicle={**FAST, 'feedback': False},
    ),
    Scenario(
        'inlet_without_sensors',
        'abuse_39',
        "the inlet is not measured; the charger's voltage is believed, as the user has set",
        'pev',
        CHARGED,
        vehicle={**FAST, 'inlet_sensors': False},
        pev={'precharge_voltage': 'evse'},
    ),
    Scenario(
        'told_live_where_nothing_is_measured',
        'safety_5, abuse_50',
        'the inlet is not measured, WeldingDetectionRes tells 350 V: the plug stays locked (R3)',
        'pev',
        End(fault=False, locked=True),
        script=[Rule('WeldingDetectionRes', [Let({'EVSEPresentVoltage': 350.0})], times=ALWAYS)],
        vehicle={'inlet_sensors': False},
        pev={'precharge_voltage': 'evse'},
        deeds=_STOP,
    ),
    Scenario(
        'inlet_stays_live_behind_an_emergency_stop',
        'safety_5, abuse_50',
        'no welding detection is left, and yet a live inlet is a suspected weld in 10 s',
        'pev',
        End(error='WELD_SUSPECTED', locked=True, fouls=_DEAF),
        supply=_supply('deaf', 'current', fault_after=1.0),
        deeds=(Deed('pev', 'emergency_stop', _LOOP, 3.0),),
    ),
    *(
        Scenario(
            f'weld_of_{poles}',
            'abuse_39',
            f'of the contactors {poles} stays closed: a weld, the plug stays locked',
            'pev',
            End(error='WELD_SUSPECTED', fault=False, locked=True, fouls=fouls),
            vehicle={'weld': poles},
            deeds=_STOP,
        )
        for poles, fouls in (('plus', ()), ('both', _PACK_AT_THE_PLUG))
    ),
    Scenario(
        'reversed_polarity',
        'abuse_37',
        'the inlet measures a negative voltage: contactors never close (R9)',
        'pev',
        End(
            Stage.PRECHARGE,
            'INLET_VOLTAGE_MISMATCH',
            retry=True,
            notice=MISMATCH,
            since=Stage.PRECHARGE,
        ),
        vehicle=_vehicle('reversed', 'start'),
        pev=_STANDARD,
    ),
    _own(
        'inlet_overheats_in_charge_loop',
        'R1',
        'the inlet is 25 K above its limit',
        'overheats',
        'INLET_OVERHEATED',
        reason='95',
    ),
    Scenario(
        'warm_inlet_takes_half',
        'R10',
        'the inlet is 5 K above its limit: half the current, and the charge goes on (R10)',
        'pev',
        End(fault=False, amperes=(95.0, 105.0)),
        vehicle=_vehicle('warm', 'current', fault_after=1.0),
        deeds=(Deed('pev', 'stop', _LOOP, 4.0),),
    ),
    Scenario(
        'limit_falls_under_current',
        'abuse_36',
        "the pack's limit falls to a fifth; the next request obeys it",
        'pev',
        End(fault=False, amperes=(35.0, 45.0)),
        vehicle=_vehicle('limit_falls', 'current', fault_after=1.0),
        deeds=(Deed('pev', 'stop', _LOOP, 4.0),),
    ),
    Scenario(
        'vehicle_does_not_want_any_more',
        'lesson_83',
        'charge_wanted becomes false: a normal stop',
        'pev',
        End(fault=False),
        vehicle=_vehicle('declines', 'current', fault_after=1.0),
    ),
    Scenario(
        'contactors_of_350_ms',
        'lesson_76',
        'contactors that need 350 ms',
        'pev',
        CHARGED,
        vehicle={**FAST, 'contactor_delay': 0.35},
    ),
)

_LEAVES = (
    *(
        Scenario(
            f'vehicle_leaves_c_in_{stage.name.lower()}',
            'abuse_38',
            'the pilot goes to B, and the requests go on',
            'evse',
            End(stage, 'VEHICLE_LEFT_C', retry=stage is not _LOOP),
            vehicle=_vehicle('leaves_c', when, fault_after=after, fault_for=3.0),
        )
        for when, after, stage in (
            ('c', 0.2, Stage.CABLE_CHECK),
            ('current', 1.0, _LOOP),
        )
    ),
    Scenario(
        'vehicle_never_shows_c',
        'lesson_87',
        'CableCheckReq comes, state C does not',
        'evse',
        End(
            Stage.CABLE_CHECK,
            'NO_STATE_C',
            retry=True,
            notice=FIELD_CP_State_Detection,
            since=Stage.CABLE_CHECK,
        ),
        vehicle=_vehicle('leaves_c', 'start', fault_for=9.0),
    ),
    Scenario(
        'plug_torn_out_under_current',
        'abuse_38, abuse_47',
        'the plug is torn out, lock or no lock',
        'evse',
        End(_LOOP, 'PILOT_LOST', 'A'),
        vehicle=_vehicle('unplugged', 'current', fault_after=1.0),
    ),
)

ROWS = (*_PILOT, *_CHARGER, *_VEHICLE, *_LEAVES)
