# SPDX-License-Identifier: Apache-2.0
"""The stages of a session as its messages show them, where nobody told charging/state."""

from collections.abc import Iterable
from typing import Any

from plc_log.events import Event, Kind
from plc_log.messages import body_of
from plc_log.stages import Step

_BY_FRAME = {'CM_SLAC_PARM.REQ': 'SLAC', 'CM_SLAC_MATCH.CNF': 'AVLN'}
_BY_MESSAGE = {
    'supportedAppProtocolReq': 'APP_PROTOCOL',
    'SessionSetupReq': 'SESSION_SETUP',
    'ServiceDiscoveryReq': 'SERVICE_DISCOVERY',
    'ServicePaymentSelectionReq': 'SERVICE_SELECTION',
    'PaymentServiceSelectionReq': 'SERVICE_SELECTION',
    'ContractAuthenticationReq': 'AUTHORIZATION',
    'AuthorizationReq': 'AUTHORIZATION',
    'ChargeParameterDiscoveryReq': 'CHARGE_PARAMETERS',
    'CableCheckReq': 'CABLE_CHECK',
    'PreChargeReq': 'PRECHARGE',
    'CurrentDemandReq': 'CHARGE_LOOP',
    'WeldingDetectionReq': 'WELDING_DETECTION',
    'SessionStopReq': 'SESSION_STOP',
}
_WAY_UP = ('SLAC', 'AVLN', 'SDP', 'TCP')
_NEIGHBOUR = 2.0  # s after a V2G message in which SLAC is of somebody else (lesson 14)


class _Ladder:
    """Climbs with the events; each stage lasts until the next one begins."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._over = True
        self._spoke = float('-inf')  # when V2G was heard last

    def take(self, event: Event) -> None:
        if stage := self._stage(event):
            self._enter(stage, event.time)
        elif not self._over and event.kind is not Kind.MODEM:
            self.steps[-1].end = event.time
        if event.kind is Kind.V2G:
            self._spoke = event.time
            self._over = self._over or event.name == 'SessionStopRes'

    def _enter(self, stage: str, time: float) -> None:
        if not self._over:
            self.steps[-1].end = time
        if self._over or self.steps[-1].name != stage:
            self.steps.append(Step(stage, time, time))
        self._over = False

    def _stage(self, event: Event) -> str:
        """Return the stage that an event begins; empty where it begins none."""
        here = '' if self._over else self.steps[-1].name
        match event.kind:
            case Kind.SLAC:
                quiet = event.time - self._spoke > _NEIGHBOUR
                return _BY_FRAME.get(event.name, '') if quiet else ''
            case Kind.SDP:
                return 'SDP' if event.name == 'SDP request' and here in ('', *_WAY_UP) else ''
            case Kind.TCP:
                return 'TCP' if event.name == 'connects' and here in ('', *_WAY_UP) else ''
            case Kind.V2G:
                return self._of_message(event, here)
        return ''

    def _of_message(self, event: Event, here: str) -> str:
        if event.name == 'PowerDeliveryReq':
            return 'START' if ready_to_charge(body_of(event.message)) else 'STOP'
        return _BY_MESSAGE.get(event.name, '')


def ready_to_charge(request: Any) -> bool:
    """Tell whether a PowerDeliveryReq wants current: DIN says it so, ISO 15118-2 by a word."""
    progress = getattr(request, 'ChargeProgress', None)
    return bool(getattr(request, 'ReadyToChargeState', False)) or str(progress) == 'Start'


def inferred_steps(events: Iterable[Event]) -> list[Step]:
    """Return the stages one after the other; a new attempt begins with SLAC again."""
    ladder = _Ladder()
    for event in events:
        ladder.take(event)
    return ladder.steps
