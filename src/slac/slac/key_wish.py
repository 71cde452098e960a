# SPDX-License-Identifier: Apache-2.0
"""The key this side's modem should have, asked for again until the modem has it."""

from plc_modem.homeplug.keys import nid_of, pseudonym
from plc_modem.state import Modem, ModemState
from slac.values import Event, SetKey

REPEAT = 1.0  # s between two requests to a modem that has nothing to do


class KeyWish:
    """Holds a key; `deadline` says when tick() is due."""

    def __init__(self) -> None:
        self.deadline: float | None = None
        self.nmk = b''
        self.nid = b''
        self._modem = Modem()
        self._of_before = False  # the modem is linked by this key since an earlier matching (R21)

    def set(self, nmk: bytes, now: float, nid: bytes = b'') -> list[Event]:
        """Wish for a key; its NID is made from it unless the partner told another."""
        self.nmk, self.nid = nmk, nid or nid_of(nmk)
        self._of_before = self.granted(self._modem) and self._modem.state is ModemState.LINKED
        return self._ask(now)

    def renew(self, now: float) -> list[Event]:
        """A new matching by the same key: who was in the AVLN before does not count any more."""
        linked = self._modem.state is ModemState.LINKED
        return self.set(self.nmk, now, self.nid) if linked else []

    def clear(self) -> None:
        """Wish for nothing any more; the modem keeps what it has."""
        self.nmk, self.nid, self.deadline = b'', b'', None

    def granted(self, modem: Modem) -> bool:
        """Tell whether the modem has this key and is back from its restart."""
        ours = bool(self.nmk) and modem.network == pseudonym(self.nmk)
        return ours and modem.state in (ModemState.READY, ModemState.LINKED)

    def linked(self, modem: Modem) -> bool:
        """Tell whether another has joined by this key, since it was wished for."""
        joined = self.granted(modem) and modem.state is ModemState.LINKED
        return joined and not self._of_before

    def modem(self, modem: Modem, now: float) -> list[Event]:
        """Look at the modem: one that is there with another key is asked again."""
        self._modem = modem
        self._of_before = self._of_before and modem.state is ModemState.LINKED
        has_it = modem.network == pseudonym(self.nmk) and not self._of_before
        if not self.nmk or has_it:
            self.deadline = None
            return []
        if modem.answers and self.deadline is None:
            return self._ask(now)
        return []

    def tick(self, now: float) -> list[Event]:
        """Ask again when that is due."""
        if self.deadline is None or now < self.deadline:
            return []
        if self._modem.answers:
            return self._ask(now)
        self.deadline = now + REPEAT  # it is busy with the key, or not there
        return []

    def _ask(self, now: float) -> list[Event]:
        self.deadline = now + REPEAT
        return [SetKey(self.nmk, self.nid)]
