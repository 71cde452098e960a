# SPDX-License-Identifier: Apache-2.0
"""Requests with their responses: how long each took, and what the standard allows (R26)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf, nan
from statistics import median

from plc_log.events import Event, Kind, Side
from v2g.session.din.timing import FIELD, STANDARD
from v2g.session.exchange import Step

_LIMITS_OF = {'PowerDelivery': Step.START, 'CurrentDemand': Step.CHARGE_LOOP}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and, where one came, its response."""

    request: Event
    response: Event | None = None

    @property
    def name(self) -> str:
        """What both are about, e.g. CurrentDemand."""
        return self.request.name.removesuffix('Req')

    @property
    def waited(self) -> float | None:
        """From the request to its response, s; where it was recorded."""
        return None if self.response is None else self.response.time - self.request.time


@dataclass(frozen=True, slots=True)
class Pace:
    """All exchanges of one name: times in s."""

    name: str
    count: int
    unanswered: int
    median: float
    slowest: float
    slowest_at: float  # time of that request
    standard: float  # how long the vehicle waits by the standard
    field: float  # how long ours waits
    late: int  # responses beyond the standard
    round: float  # between two requests, median; 0: there was one


def exchanges(events: Iterable[Event]) -> Iterator[Exchange]:
    """Pair each request with the next response of its name; a new request ends the wait."""
    waiting: Event | None = None
    for event in events:
        if event.kind is not Kind.V2G or event.flawed:
            continue
        if event.side is Side.VEHICLE:
            if waiting is not None:
                yield Exchange(waiting)
            waiting = event
        elif waiting is not None and event.name[:-3] == waiting.name[:-3]:
            yield Exchange(waiting, event)
            waiting = None
    if waiting is not None:
        yield Exchange(waiting)


def lasted(several: Iterable[Exchange], pause: float = 10.0) -> float:
    """Return from a first request to its last response, s; NaN: there is none.

    Behind a pause (s) it is another attempt: the longest counts.
    """
    spans, begun, before = [], 0.0, -inf
    for one in several:
        begun = one.request.time if one.request.time - before > pause else begun
        before = one.request.time + (one.waited or 0.0)
        spans.append(before - begun)
    return max(spans, default=nan)


def limits_of(name: str) -> tuple[float, float]:
    """Return how long a vehicle waits for a response, s: by the standard, and ours."""
    step = _LIMITS_OF.get(name, Step.APP_PROTOCOL)
    return STANDARD.message[step], FIELD.message[step]


def paces(found: Iterable[Exchange]) -> list[Pace]:
    """Return the paces in the order in which their messages came first."""
    by_name: dict[str, list[Exchange]] = defaultdict(list)
    for one in found:
        by_name[one.name].append(one)
    return [_pace(name, several) for name, several in by_name.items()]


def _pace(name: str, several: list[Exchange]) -> Pace:
    waits = [(one.waited, one.request.time) for one in several if one.waited is not None]
    times = [waited for waited, _ in waits]
    slowest, when = max(waits, default=(0.0, several[0].request.time))
    standard, field = limits_of(name)
    gaps = [b.request.time - a.request.time for a, b in pairwise(several)]
    return Pace(
        name,
        len(several),
        len(several) - len(waits),
        median(times) if times else 0.0,
        slowest,
        when,
        standard,
        field,
        sum(waited > standard for waited in times),
        median(gaps) if gaps else 0.0,
    )
