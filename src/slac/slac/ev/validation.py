# SPDX-License-Identifier: Apache-2.0
"""CM_VALIDATE by the vehicle (ISO 15118-3, A.9.5): toggle the pilot, and hear who has seen it.

All chargers in question count the same toggles at the same time, so that it takes no longer with
three of them than with one. How many toggles there are is drawn anew each time: a neighbour whose
own vehicle toggles just then has most likely counted another number.
"""

from dataclasses import replace

from scapy.packet import Packet

from plc_modem.homeplug.matching import CM_VALIDATE_REQ
from slac.ev.choice import Chosen, Undecided
from slac.timing import (
    C_EV_MATCH_RETRY,
    C_VALD_NB_TOGGLES,
    TP_EV_VALD_STATE_DURATION,
    TP_EV_VALD_TOGGLE,
    TT_MATCH_RESPONSE,
    TT_MATCH_SEQUENCE,
    VALIDATION_LEAD,
)
from slac.validation import Result

_TIMER = round(TP_EV_VALD_TOGGLE * 10) - 1  # of CM_VALIDATE.REQ: 0 is 100 ms, 1 is 200 ms …


class Validation:
    """Says what to send to whom, and what the pilot shall show, until there is an outcome."""

    def __init__(self, doubt: Undecided, random: int, now: float) -> None:
        """`doubt`: the chargers in question, and why; `random`: any number."""
        self.why = doubt.reason
        self.toggles = 1 + random % C_VALD_NB_TOGGLES
        self.show_c = False
        self.outcome: Chosen | Undecided | None = None
        self.deadline = now
        self._doubt = doubt
        self._told: dict[str, Result | None] = dict.fromkeys(doubt.macs)
        self._tries = 0
        self._counting: dict[str, int | None] = {}  # toggles that each has counted; None: yet to
        self._edges = 2 * self.toggles  # still to come
        self._ends = 0.0

    def confirmed(self, charger: str, answer: Packet, now: float) -> None:
        """Take a CM_VALIDATE.CNF."""
        if charger in self._counting:
            self._count_told(charger, answer)
        elif charger in self._told and not self._counting and answer.Result != Result.NOT_READY:
            self._told[charger] = answer.Result
            if None not in self._told.values():
                self.deadline = now

    def tick(self, now: float) -> list[tuple[str, Packet]]:
        """Do what is due, and return what to send to whom."""
        if now < self.deadline:
            return []
        if not self._counting:
            return self._ask(now)
        if self._edges:
            self._toggle(now)
        else:
            self._judge()
        return []

    def _ask(self, now: float) -> list[tuple[str, Packet]]:
        """Ask who counts toggles; again while one is silent, those that do too: they wait."""
        ready = [mac for mac, result in self._told.items() if result == Result.READY]
        if None not in self._told.values() or self._tries > C_EV_MATCH_RETRY:
            return self._begin(ready, now)
        self._tries += 1
        self.deadline = now + TT_MATCH_RESPONSE
        asked = [mac for mac, result in self._told.items() if result in (None, Result.READY)]
        return [(mac, CM_VALIDATE_REQ(Timer=0, Result=Result.READY)) for mac in asked]

    def _begin(self, ready: list[str], now: float) -> list[tuple[str, Packet]]:
        if not ready:
            self._exclude('none counts toggles of the pilot')
            return []
        self._counting = dict.fromkeys(ready)
        self.deadline = now + VALIDATION_LEAD
        self._ends = now + TP_EV_VALD_TOGGLE + TT_MATCH_SEQUENCE['standard']
        return [(mac, CM_VALIDATE_REQ(Timer=_TIMER, Result=Result.READY)) for mac in ready]

    def _toggle(self, now: float) -> None:
        self.show_c = not self.show_c
        self._edges -= 1
        self.deadline = now + TP_EV_VALD_STATE_DURATION if self._edges else self._ends

    def _count_told(self, charger: str, answer: Packet) -> None:
        if answer.Result == Result.READY or self._counting[charger] is not None:
            return  # its first answer, come again
        seen = answer.Result == Result.SUCCESS
        self._counting[charger] = int(answer.ToggleNum) if seen else 0
        if None not in self._counting.values():
            self._judge()

    def _judge(self) -> None:
        """Believe it only if one alone has seen them, and every other one says it has not."""
        seen = tuple(mac for mac, count in self._counting.items() if count == self.toggles)
        silent = None in self._counting.values()
        self.show_c = False
        if len(seen) > 1:
            self._undecided((), f'{len(seen)} have seen the toggles of the pilot', crowded=True)
        elif silent and seen:
            self._undecided(seen, 'one did not tell how many toggles of the pilot it has seen')
        elif seen:
            self.outcome = Chosen(seen[0])
        else:
            self._exclude('none has seen the toggles of the pilot')

    def _exclude(self, why: str) -> None:
        """Who has counted and seen none is not at our cable."""
        left = tuple(mac for mac in self._told if self._counting.get(mac) != 0)
        undecided = self._undecided(left, why)
        if undecided.left_alone:
            self.outcome = Chosen(undecided.left_alone)

    def _undecided(self, left: tuple[str, ...], why: str, *, crowded: bool = False) -> Undecided:
        reason = f'{self.why}, and {why}'
        undecided = replace(self._doubt, macs=left, reason=reason, crowded=crowded)
        self.outcome = undecided
        return undecided
