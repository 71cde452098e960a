# SPDX-License-Identifier: Apache-2.0
"""The rungs of the way to the other side's application, for who asks why no charge begins."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import IntEnum
from math import nan

from v2g.session.ladder import Ladder
from v2g.session.readings import LinkState, ModemState, SlacState
from v2g.session.stage import Stage
from v2g.session.state import SessionState

_KEY_RECEIVED = 160  # checkpoint of SLAC: what fails later fails in the AVLN
NO_CARRIER = 'the charging interface has no Ethernet carrier'
_NODES = {
    'modem': 'modem',
    'slac': 'slac',
    'avln': 'slac',
    'sdp': 'transport',
    'tcp': 'transport',
}


class Level(IntEnum):
    """As plc_msgs/LinkLayer numbers them."""

    DOWN = 0
    WORKING = 1
    OK = 2
    FAILED = 3


@dataclass(frozen=True, slots=True)
class Layer:
    """plc_msgs/LinkLayer."""

    name: str
    level: Level
    reason: str = ''
    age: float = nan  # s since its last good sign

    @property
    def told(self) -> tuple[str, Level, str]:
        """All of it that is worth telling at once."""
        return self.name, self.level, self.reason


class Layers:
    """Judges each rung by what the ladder and the state say, and knows when it was last good.

    A rung that a state calls good is good now; the application by the last message it said.
    """

    def __init__(self) -> None:
        self._good_at: dict[str, float] = {}
        self._heard_at: float | None = None
        self._link_id = 0
        self._found = False  # SDP has found the partner on this data link

    def heard(self, now: float) -> None:
        """The other side's application has said something that can be read."""
        self._heard_at = now

    def look(
        self, ladder: Ladder, state: SessionState, now: float, gone: Collection[str] = ()
    ) -> list[Layer]:
        """All rungs, lowest first; `gone`: nodes that have died."""
        self._follow(ladder)
        return [self._look_at(name, ladder, state, now, gone) for name in _JUDGES]

    def _look_at(
        self, name: str, ladder: Ladder, state: SessionState, now: float, gone: Collection[str]
    ) -> Layer:
        node = _NODES.get(name, '')
        if node in gone:
            level, reason = Level.FAILED, f'the node {node} is gone'
        else:
            level, reason = _JUDGES[name](self, ladder, state)
        if level is Level.OK:
            self._good_at[name] = now if name != 'application' else self._heard_at or now
        return Layer(name, level, reason, now - self._good_at.get(name, nan))

    def _follow(self, ladder: Ladder) -> None:
        link = ladder.link
        if link.link_id != self._link_id:
            self._link_id, self._found = link.link_id, False
        self._found |= link.state in (LinkState.CONNECTING, LinkState.CONNECTED)

    # Each rung

    def _modem(self, ladder: Ladder, _: SessionState) -> tuple[Level, str]:
        modem, link = ladder.modem, ladder.link
        if link.state is not LinkState.DOWN and not link.carrier:
            return Level.FAILED, NO_CARRIER
        if modem is None:
            return Level.DOWN, 'nothing is known of the modem'
        if modem.state is ModemState.SEARCHING:
            return Level.WORKING, modem.reason
        if modem.state is ModemState.INACTIVE:
            return Level.DOWN, 'the modem node is not active'
        if modem.state is ModemState.FAILED:
            return Level.FAILED, modem.reason
        return Level.OK, ''

    def _slac(self, ladder: Ladder, _: SessionState) -> tuple[Level, str]:
        slac = ladder.slac
        if slac is None:
            return Level.DOWN, 'nothing is known of SLAC'
        match slac.state:
            case SlacState.UNMATCHED:
                return Level.DOWN, slac.reason
            case SlacState.MATCHING:
                return Level.WORKING, slac.reason
            case SlacState.FAILED if slac.checkpoint < _KEY_RECEIVED:
                return Level.FAILED, slac.reason
        return Level.OK, ''

    def _avln(self, ladder: Ladder, _: SessionState) -> tuple[Level, str]:
        slac = ladder.slac
        if ladder.data_link.ready:
            return Level.OK, ''
        if slac is not None and slac.state in (SlacState.JOINING, SlacState.MATCHED):
            return Level.WORKING, slac.reason
        late = slac is not None and slac.checkpoint >= _KEY_RECEIVED
        if slac is not None and slac.state is SlacState.FAILED and late:
            return Level.FAILED, slac.reason
        return Level.DOWN, ''

    def _sdp(self, ladder: Ladder, _: SessionState) -> tuple[Level, str]:
        link = ladder.link
        if not ladder.data_link.ready or link.state is LinkState.DOWN:
            return Level.DOWN, link.reason
        if self._found:
            return Level.OK, ''
        if link.state is LinkState.CLOSED:
            return Level.FAILED, link.reason
        return Level.WORKING, link.reason

    def _tcp(self, ladder: Ladder, state: SessionState) -> tuple[Level, str]:
        link = ladder.link
        if not (ladder.data_link.ready and self._found):
            return Level.DOWN, ''
        if link.state is LinkState.CONNECTED:
            return Level.OK, ''
        if link.state is LinkState.CONNECTING:
            return Level.WORKING, link.reason
        over = Stage.SESSION_STOP <= state.stage <= Stage.FINISHED
        return (Level.DOWN if over else Level.FAILED), link.reason

    def _application(self, ladder: Ladder, state: SessionState) -> tuple[Level, str]:
        if state.stage in (Stage.SAFE_END, Stage.FAILED):
            return (Level.FAILED, state.reason) if state.protocol else (Level.DOWN, '')
        if not state.active:
            return Level.DOWN, ''
        return (Level.OK, '') if state.protocol else (Level.WORKING, '')


_JUDGES: dict[str, Callable[[Layers, Ladder, SessionState], tuple[Level, str]]] = {
    'modem': Layers._modem,
    'slac': Layers._slac,
    'avln': Layers._avln,
    'sdp': Layers._sdp,
    'tcp': Layers._tcp,
    'application': Layers._application,
}


def reached(layers: list[Layer]) -> int:
    """How many rungs stand, counted from below."""
    standing = [layer.level is Level.OK for layer in layers]
    return standing.index(False) if False in standing else len(standing)
