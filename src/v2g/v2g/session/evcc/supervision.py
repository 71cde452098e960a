# SPDX-License-Identifier: Apache-2.0
"""What ends the vehicle's session: readings of its own, and what the charger says (R1, R10)."""

from math import inf, isfinite, isnan

from v2g.session.cause import Cause, fault
from v2g.session.evcc.demand import DERATING
from v2g.session.exchange import Answer, Health, Notification, Step
from v2g.session.outputs import VehicleOutputs
from v2g.session.readings import Isolation, PilotState, Switch, VehicleReading

DUTY_LOW, DUTY_HIGH = 0.03, 0.07  # of 5 %: digital communication
OVERVOLTAGE = 1.02  # times the limit of the pack
OVERSHOOT = 1.1  # the same in PreCharge: no load, some chargers overshoot (lesson 71)
OVERCURRENT_RATIO, OVERCURRENT = 1.05, 5.0  # times, and A, above what was asked for
APART_TIME = 2.0  # s that inlet and charger may tell voltages too far apart
_ENERGY = (Step.CABLE_CHECK, Step.PRECHARGE, Step.START, Step.CHARGE_LOOP)
_CLOSED = (Step.START, Step.CHARGE_LOOP)  # contactors are closed
_SHUT = (Health.EMERGENCY, Health.MALFUNCTION)
_OF_PACK = ('pack_voltage', 'max_voltage')  # V
MOST_VOLTS = 1500.0  # where IEC 61851-23 ends; what is above is a bus's "not available"
_NEEDED = (*_OF_PACK, 'soc', 'max_current', 'max_power', 'max_inlet_current')  # by R10
_MEASURED = (*_NEEDED, 'inlet_voltage', 'inlet_temperature', 'current', 'duty')
_POLES = ('contactor_plus', 'contactor_minus')


def ailing(reading: VehicleReading) -> Cause | None:
    """What is wrong at the vehicle, while a session runs or ends."""
    if not reading.proximity:
        return fault('PROXIMITY_LOST', 'the plug is pulled, or its release button pressed')
    if not reading.pilot.plugged:
        return fault('PILOT_LOST', f'the control pilot shows {reading.pilot.name}')
    if not isnan(reading.duty) and not DUTY_LOW <= reading.duty <= DUTY_HIGH:
        return fault('PILOT_LOST', f'the control pilot has {reading.duty:.0%} instead of 5 %')
    if reading.weld_suspected:
        reason = 'the vehicle suspects a welded contactor'
        return fault('WELD_SUSPECTED', reason, retry=False, latch=True)
    if reading.fault:
        return fault('VEHICLE_FAULT', reading.fault)
    if reading.lease_lapsed:
        return fault('LEASE_LAPSED', 'the vehicle has not got its commands in time')
    if isnan(reading.pack_voltage) or isnan(reading.max_voltage):
        return fault('VALUE_MISSING', 'vehicle/status lacks the pack voltage or its limit')
    highest = reading.max_voltage * OVERVOLTAGE
    if reading.pack_voltage > highest:
        return fault('OVERVOLTAGE', f'the pack has {reading.pack_voltage:.0f} V')
    return None


def _makes_sense(name: str, value: float) -> bool:
    if name in _OF_PACK:
        return 0.0 < value <= MOST_VOLTS
    return isfinite(value) and value >= (0.0 if name in _NEEDED else -inf)


def lacking(reading: VehicleReading) -> str:
    """Why no attempt may begin without a value that R10 needs; empty: all are there."""
    names = [name for name in _NEEDED if not _makes_sense(name, getattr(reading, name))]
    return f'vehicle/status does not tell {" and ".join(names)}' if names else ''


def told_of(reading: VehicleReading) -> frozenset[str]:
    """Names of what the vehicle measures, out of what a session needs if it is there."""
    measured = {name for name in _MEASURED if _makes_sense(name, getattr(reading, name))}
    poles = {name for name in _POLES if getattr(reading, name) is not Switch.UNKNOWN}
    return frozenset(measured | poles)


def missing(reading: VehicleReading, before: frozenset[str]) -> Cause | None:
    """A measurement that a session had, or needs, and has not; `before`: what was told so far."""
    lost = sorted((before | set(_NEEDED)) - told_of(reading))
    if not lost:
        return None
    if lost[0] in _POLES:
        reason = f'{lost[0]} tells no more whether it is closed'
        return fault('CONTACTOR_FEEDBACK', reason, retry=False)
    if lost[0] == 'duty':
        return fault('PILOT_LOST', 'the control pilot has no duty any more')
    return fault('VALUE_MISSING', f'vehicle/status tells no {", ".join(lost)} any more')


def overheated(reading: VehicleReading, limit: float) -> Cause | None:
    """An inlet that is too hot even for a lowered current; `limit`: degrees Celsius."""
    if reading.inlet_temperature > limit + DERATING:
        reason = f'the inlet has {reading.inlet_temperature:.0f} degrees Celsius'
        return fault('INLET_OVERHEATED', reason, retry=False)
    return None


def disagrees(reading: VehicleReading, outputs: VehicleOutputs) -> Cause | None:
    """Feedback that is not what a running session commands."""
    if reading.any_closed and not (outputs.contactor_plus or outputs.contactor_minus):
        reason = 'a contactor is closed that nobody has closed'
        return fault('WELD_SUSPECTED', reason, retry=False, latch=True)
    return unlocked(reading, outputs)


def unlocked(reading: VehicleReading, outputs: VehicleOutputs) -> Cause | None:
    """State C without a confirmed lock (R8)."""
    if outputs.pilot is PilotState.C and reading.lock is not Switch.CLOSED:
        return fault('LOCK_LOST', 'the plug is no longer locked')
    return None


def told_by(answer: Answer, step: Step) -> Cause | None:
    """What a response says of the end: its code, status, isolation and notification."""
    if answer.isolation is Isolation.FAULT:
        return fault('ISOLATION_FAULT', 'the charger found an isolation fault', retry=False)
    if answer.isolation is Isolation.INVALID and step in _CLOSED:
        reason = 'the charger has no valid isolation any more'
        return fault('ISOLATION_INVALID', reason, retry=False)
    if answer.failed:
        return fault('CHARGER_REFUSES', f'the charger answers {answer.code} in {step.name}')
    if answer.health in _SHUT:
        return fault('CHARGER_FAULT', f'the charger says {answer.status} in {step.name}')
    if answer.health is Health.SHUTDOWN or answer.notification is Notification.STOP:
        word = '' if step is Step.CHARGE_LOOP else 'CHARGER_STOPS'
        says = answer.status if answer.health is Health.SHUTDOWN else 'StopCharging'
        return Cause(f'the charger asks to stop: {says}', word)
    return None


def over_voltage(volts: float, step: Step, reading: VehicleReading) -> Cause | None:
    """A voltage of charger or inlet that the pack must not see."""
    ratio = OVERVOLTAGE if step is Step.CHARGE_LOOP else OVERSHOOT
    if step in _ENERGY and step is not Step.CABLE_CHECK and volts > reading.max_voltage * ratio:
        return fault('OVERVOLTAGE', f'{volts:.0f} V; the pack takes {reading.max_voltage:.0f} V')
    return None


def over_current(amperes: float, asked: float) -> Cause | None:
    """More current than was asked for, or the wrong way; as measured, or as the charger tells."""
    if amperes < -OVERCURRENT:
        return fault('REVERSE_CURRENT', f'{-amperes:.0f} A flow out of the vehicle')
    if amperes > asked * OVERCURRENT_RATIO + OVERCURRENT:
        return fault('OVERCURRENT', f'{amperes:.0f} A; {asked:.0f} A were asked for')
    return None


def over_power(volts: float, amperes: float, allowed: float) -> Cause | None:
    """More power than the vehicle takes (W), as measured or as the charger tells."""
    if volts * amperes > allowed * OVERCURRENT_RATIO + OVERCURRENT * volts:
        watts = f'{volts * amperes:.0f} W; the vehicle takes {allowed:.0f} W'
        return fault('OVERPOWER', watts)
    return None


class Mismatch:
    """Compares two voltages that must agree; what is not known agrees with everything."""

    def __init__(self, tolerance: float) -> None:
        self._tolerance = tolerance  # V
        self._since: float | None = None

    def lasts(self, one: float, other: float, now: float) -> bool:
        """Take both; tell whether they were apart for 2 s."""
        if not abs(one - other) > self._tolerance:
            self._since = None
            return False
        self._since = now if self._since is None else self._since
        return now - self._since >= APART_TIME
