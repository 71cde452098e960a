# SPDX-License-Identifier: Apache-2.0
"""A node's log in which a line of one kind stands once a second, whatever is repeated (R30)."""

from dataclasses import dataclass
from math import inf
import re

from plc_kit.clock import STEADY, now
from plc_kit.closing import ClosingNode

PERIOD = 1.0  # s between two lines of a kind
KINDS = 40  # that are told apart in a second; what is beyond is one kind, if it warns or not
_NUMBERS = re.compile(r'[0-9A-Fa-f.:]*\d[0-9A-Fa-f.:]*')  # addresses and identities are some too

Kind = tuple[bool, str]  # whether it warns, and its text without numbers


@dataclass
class _Held:
    text: str
    count: int = 0


class SparingLog:
    """Says the first line of a kind at once, and of those that follow within 1 s the last.

    A kind is a text without its numbers. What is left out is counted in the line that is said.
    """

    def __init__(self, node: ClosingNode) -> None:
        self._logger = node.get_logger()
        self._due: dict[Kind, float] = {}  # s, from when on the next of a kind is said
        self._held: dict[Kind, _Held] = {}
        node.create_timer(PERIOD, self._tell, clock=STEADY)
        node.closing.callback(self._tell, at=inf)

    def info(self, text: str) -> None:
        self._say(False, text)

    def warning(self, text: str) -> None:
        self._say(True, text)

    def _say(self, warns: bool, text: str) -> None:
        kind = (warns, _NUMBERS.sub('0', text))
        if kind not in self._due and len(self._due) >= KINDS:
            kind = (warns, '')
        if now() >= self._due.get(kind, 0.0) and kind not in self._held:
            self._write(kind, text)
        else:
            held = self._held.setdefault(kind, _Held(text))
            held.text, held.count = text, held.count + 1

    def _tell(self, at: float | None = None) -> None:
        """Say what was held, where its second is over."""
        at = now() if at is None else at
        self._due = {kind: due for kind, due in self._due.items() if at < due}
        for kind in [kind for kind in self._held if kind not in self._due]:
            held = self._held.pop(kind)
            more = f' (and {held.count - 1} more lines like it)' if held.count > 1 else ''
            self._write(kind, f'{held.text}{more}')

    def _write(self, kind: Kind, text: str) -> None:
        self._due[kind] = now() + PERIOD
        warns, _ = kind
        if warns:  # rclpy allows each line of code one severity
            self._logger.warning(text)
        else:
            self._logger.info(text)
