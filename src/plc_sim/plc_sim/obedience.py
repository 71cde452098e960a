# SPDX-License-Identifier: Apache-2.0
"""What an owner of outputs keeps about those who command it: a lease, and what it refused."""

from collections.abc import Iterable
from typing import NamedTuple

from plc_kit.lease import Lease, Refused, Terms


class News(NamedTuple):
    """Something a person would like to read in the log."""

    text: str  # one sentence
    warning: bool = False


class Obedience:
    """Takes commands under a lease (R6), and counts and tells what it does not obey."""

    def __init__(self, owner: str, news: list[News]) -> None:
        self.refused = 0
        self.why_refused = ''
        self._owner, self._news = owner, news
        self._lease = Lease()
        self._told_lapse = True

    @property
    def deadline(self) -> float | None:
        """When the lease lapses, s; None: nobody holds it yet."""
        return self._lease.deadline

    def takes(
        self,
        terms: Terms,
        now: float,
        *,
        safe: bool,
        objection: str = '',
        setpoints: Iterable[float] = (),
    ) -> bool:
        """Tell whether to obey; `objection` says what is wrong with the command itself."""
        try:
            if objection:
                raise Refused(objection)
            self._lease.renew(terms, now, safe=safe, setpoints=setpoints)
        except Refused as refusal:
            self._refuse(str(refusal))
            return False
        self._told_lapse = False
        return True

    def lapsed(self, now: float) -> bool:
        """Tell whether the outputs must be safe now."""
        lapsed = self._lease.lapsed(now)
        if lapsed and not self._told_lapse:
            self._told_lapse = True
            self._news.append(News(f'{self._owner}: the lease lapsed, outputs go safe', True))
        return lapsed

    def _refuse(self, why: str) -> None:
        self.refused += 1
        if why != self.why_refused:
            self._news.append(News(f'{self._owner}: a command is not obeyed: {why}', True))
        self.why_refused = why
