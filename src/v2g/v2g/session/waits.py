# SPDX-License-Identifier: Apache-2.0
"""What a session waits for, as charging/state tells it: one sentence a wait."""

from math import isnan

from v2g.session.evcc.supervision import DUTY_HIGH, DUTY_LOW
from v2g.session.readings import PilotState, VehicleReading

PATIENCE = 1.0  # s a message may be outstanding before that is called a wait
NEXT_REQUEST = 'waiting for the next request of the vehicle'
_SHOWS = {
    PilotState.UNKNOWN: 'it is not measured',
    PilotState.A: 'it shows A, nothing is plugged in',
    PilotState.E: 'it shows E, no charger with power',
    PilotState.F: 'it shows F, the charger is out of order',
}


def for_pilot(state: PilotState) -> str:
    """Why a control pilot shows no plug; empty: it shows one."""
    return '' if state.plugged else f'waiting for the pilot: {_SHOWS[state]}'


def for_plug(reading: VehicleReading) -> str:
    """Why a vehicle is not plugged in; empty: it is."""
    if reading.proximity:
        return for_pilot(reading.pilot)
    seen = f': the pilot shows {reading.pilot.name}, but there is no proximity'
    return 'waiting for the plug' + (seen if reading.pilot.plugged else '')


def for_duty(duty: float) -> str:
    """Why a vehicle that is plugged in has nobody to talk to; empty: 5 % (0..1)."""
    if DUTY_LOW <= duty <= DUTY_HIGH:
        return ''
    told = 'it is not measured' if isnan(duty) else f'it is {duty:.0%}'
    return f"waiting for the pilot's duty of 5 %: {told}"


def for_voltage(what: str, volts: float, wanted: float, whose: str) -> str:
    """A voltage (V) that is still far from the one that is wanted."""
    told = 'not measured' if isnan(volts) else f'{volts:.0f} V'
    return f'waiting for the voltage {what}: {told}; {whose} {wanted:.0f} V'
