# SPDX-License-Identifier: Apache-2.0
"""The owner of the charger's control pilot: puts out the duty it is told, reads the vehicle."""

from dataclasses import dataclass

from plc_kit.lease import Terms
from plc_sim.cable import Pilot
from plc_sim.obedience import Obedience

NO_OSCILLATION = 1.0  # duty: no digital communication, no energy
_BC = {Pilot.B, Pilot.C}


@dataclass(frozen=True)
class PilotOrder:
    """What the charger's session asks of the pilot."""

    duty: float  # 0..1; 0.05: digital communication, 1: none
    out_of_order: bool  # state F
    ac: bool = False  # a wallbox: go on with AC


class PilotOwner:
    """Obeys a lease; when it lapses the pilot goes to 100 % (R6)."""

    def __init__(self, obedience: Obedience) -> None:
        self.duty = NO_OSCILLATION
        self.out_of_order = False
        self.toggles = 0  # B/C edges since the plug went in
        self.obedience = obedience
        self.lease_lapsed = True
        self._seen = Pilot.A

    def command(self, order: PilotOrder, terms: Terms, now: float) -> None:
        """Obey, or count a refusal and change nothing."""
        objection = ''
        if not 0.0 <= order.duty <= 1.0:  # NaN neither
            objection = f'a duty of {order.duty:g} cannot be; it is 0 to 1'
        # Nothing closes by a duty alone, so any may begin a lease.
        if self.obedience.takes(terms, now, safe=True, objection=objection):
            self.duty, self.out_of_order = order.duty, order.out_of_order

    def watch(self, vehicle: Pilot, now: float) -> None:
        """See what the vehicle's resistor shows, and whether the lease still runs."""
        if vehicle is Pilot.A:
            self.toggles = 0
        elif {vehicle, self._seen} == _BC:
            self.toggles += 1
        self._seen = vehicle
        self.lease_lapsed = self.obedience.lapsed(now)
        if self.lease_lapsed:
            self.duty, self.out_of_order = NO_OSCILLATION, False
