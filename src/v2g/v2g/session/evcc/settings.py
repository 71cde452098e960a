# SPDX-License-Identifier: Apache-2.0
"""What a user may set on the vehicle's side."""

from dataclasses import dataclass

from plc_kit.setting import Change, setting


@dataclass(frozen=True)
class EvccSettings:
    """Parameters of the session node with role pev."""

    timers: str = setting(
        'field', 'set of timer values (R26): field or standard', choices=('field', 'standard')
    )
    autostart: bool = setting(
        True,
        'a charge begins with the plug; false: it waits for a goal of charging/charge. Behind'
        ' charging/reset a charge begins once this is set from false to true (R5)',
        change=Change.ANY_TIME,
    )
    request_period: float = setting(
        0.1,
        's between two CurrentDemandReq; loops before take 2.5 times that, PreCharge no more than'
        ' 0.25 s; 0: at once (R12)',
        0.0,
        1.0,
    )
    session_retries: int = setting(
        2, 'further attempts after a failure before current flowed (R5)', 0, 10
    )
    unplug_time: float = setting(
        3.0, 's the plug must be seen out before a plug-in counts as a new one (R5)', 0.0, 60.0
    )
    target_soc: float = setting(
        1.0,
        '0..1 state of charge at which a charge ends at the latest, whatever the vehicle or a goal'
        ' wants',
        0.0,
        1.0,
        change=Change.LOWER,
    )
    max_current: float = setting(
        1000.0,
        'A asked for at most, beside what vehicle, goal and charger allow',
        1.0,
        1000.0,
        change=Change.LOWER,
    )
    max_power: float = setting(
        1e6,
        'W asked for at most, beside what vehicle, goal and charger allow',
        100.0,
        1e6,
        change=Change.LOWER,
    )
    precharge_voltage: str = setting(
        'inlet',
        'what is compared with the pack before contactors close (R9): the measured inlet, or what'
        ' the charger tells (evse)',
        choices=('inlet', 'evse'),
    )
    contactor_close_time: float = setting(
        0.5, 's after which contactors without feedback count as closed or open', 0.0, 5.0
    )
    voltage_margin: float = setting(
        15.0,
        'V by which EVMaximumVoltageLimit is above the limit of the pack; some chargers stop'
        ' where it is too close (lesson 57)',
        0.0,
        100.0,
    )
    minimum_current: float = setting(
        1.0, 'A that a charger must be able to deliver (R11)', 0.0, 100.0
    )
    precharge_current: float = setting(1.0, 'A asked for in PreCharge (R10)', 0.0, 2.0)
    inlet_voltage_tolerance: float = setting(
        20.0,
        'V that inlet and charger may say differently for 2 s, and the pack and the charger when'
        ' contactors close (R9)',
        5.0,
        1000.0,
    )
    inlet_temperature_limit: float = setting(
        70.0,
        'degrees Celsius of the inlet from which less current is asked for; 10 above it the'
        ' charge ends',
        0.0,
        150.0,
    )
    energy_capacity: float = setting(
        0.0, 'Wh of the pack where vehicle/status does not tell it; 0: not known', 0.0, 1e6
    )
    evcc_id: str = setting(
        '', 'EVCCID in hexadecimal, 6 octets; empty: the MAC of the charging interface'
    )
