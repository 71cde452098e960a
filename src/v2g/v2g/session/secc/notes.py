# SPDX-License-Identifier: Apache-2.0
"""What is learnt of the vehicle that is plugged in, and when it is worth telling (R18)."""

from dataclasses import replace
from math import isnan, nan
from typing import Any

from v2g.session.events import VehicleTold
from v2g.session.exchange import Ask, Step
from v2g.session.facts import Acquaintance, VehicleFacts, evcc_id_text
from v2g.session.story import Story

_LIMITS = ('max_voltage', 'max_current', 'max_power')


class VehicleNotes:
    """`facts` is what may be told; numbers are kept back until somebody vouches for them."""

    def __init__(self, story: Story) -> None:
        self.facts = VehicleFacts()
        self._numbers: dict[str, Any] = {}
        self.story = story

    @property
    def has_numbers(self) -> bool:
        """A state of charge was told."""
        return 'soc' in self._numbers

    def plugged_in(self, now: float) -> None:
        if self.facts.status is Acquaintance.EMPTY:
            self._note(status=Acquaintance.PLUGGED_IN, plugged_in_at=now)

    def connected(self, mac: str, modem_mac: str, now: float) -> None:
        """SLAC has matched: an event of its own, with nothing but the address."""
        self._numbers = {}
        came = self.facts.plugged_in_at
        self._tell(
            VehicleFacts(
                status=Acquaintance.CONNECTED,
                plugged_in_at=now if came is None else came,
                connected_at=now,
                mac=mac,
                modem_mac=modem_mac,
            )
        )

    def modem(self, mac: str) -> None:
        """The other modem in the AVLN."""
        if mac and self.facts.status >= Acquaintance.CONNECTED:
            self._note(modem_mac=mac)

    def offered(self, protocols: tuple[str, ...]) -> None:
        if protocols:
            self._note(protocols=protocols)

    def learn(self, ask: Ask, now: float) -> None:
        """Take what a request tells; numbers are told by `vouch`."""
        if ask.step is Step.SESSION_SETUP:
            self._note(evcc_id=evcc_id_text(ask.evcc_id))
        if ask.energy_transfer:
            self._note(energy_transfer=ask.energy_transfer, departure_time=ask.departure_time)
        if ask.knows_soc:
            self._numbers['soc'] = ask.soc
            self._numbers['told_at'] = now
        if ask.step in (Step.CHARGE_PARAMETERS, Step.CHARGE_LOOP):
            self._limits(ask)
        if ask.step is Step.CHARGE_PARAMETERS and not isnan(ask.soc):
            self._numbers |= {
                'full_soc': _above_zero(ask.full_soc),
                'bulk_soc': _above_zero(ask.bulk_soc),
                'energy_capacity': _above_zero(ask.energy_capacity),
                'energy_request': _above_zero(ask.energy_request),
            }

    def vouch(self) -> None:
        """The numbers are the vehicle's own: tell them."""
        if self.has_numbers:
            self._note(status=Acquaintance.READ, reason='', **self._numbers)

    def end(self, reason: str, now: float) -> None:
        """It will tell nothing any more."""
        facts = self.facts
        if facts.status is Acquaintance.EMPTY or facts.ended_at is not None:
            return
        if facts.status is Acquaintance.READ:
            self._note(ended_at=now)
        else:
            self._note(status=Acquaintance.NO_DATA, reason=reason, ended_at=now)

    def forget(self) -> None:
        """The vehicle has gone."""
        self._numbers = {}
        if self.facts.status is not Acquaintance.EMPTY:
            self._tell(VehicleFacts())

    def _limits(self, ask: Ask) -> None:
        limits = ask.limits
        told = (limits.max_voltage, limits.max_current, limits.max_power)
        for name, value in zip(_LIMITS, told, strict=True):
            if not isnan(value):
                self._numbers[name] = value

    def _note(self, **more: Any) -> None:
        facts = replace(self.facts, **more)
        if _gist(facts) == _gist(self.facts):
            self.facts = facts
        else:
            self._tell(facts)

    def _tell(self, facts: VehicleFacts) -> None:
        self.facts = facts
        self.story.add(VehicleTold(facts))


def _above_zero(value: float) -> float:
    """0 is how a vehicle says that it does not know (lesson 64)."""
    return value if value > 0 else nan


def _gist(facts: VehicleFacts) -> VehicleFacts:
    """All that is worth telling at once; the rest changes with each message of an energy loop."""
    return replace(facts, told_at=None, max_voltage=nan, max_current=nan, max_power=nan)
