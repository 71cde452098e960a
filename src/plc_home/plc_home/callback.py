# SPDX-License-Identifier: Apache-2.0
"""What is posted when: the first value at once, then what changes, at most once in `period`.

One request is under way at a time and one value waits, the newest. A value is given up when it is
older than `max_age`, and at once when its vehicle has left: no vehicle gets another's.
"""

from dataclasses import dataclass
from enum import IntEnum
from math import inf, isnan, nan

FIRST_PAUSE = 1.0  # s after the first failure; twice as long after each further one
LONGEST_PAUSE = 30.0  # s
UNKNOWN = -1
_SAME = 1.0  # s by which the moment of one plug-in may be told differently


@dataclass(frozen=True, slots=True)
class Value:
    """The five of SmartEVSE's ev_state; plain integers, -1 for what is not known."""

    current_soc: int = UNKNOWN  # per cent
    full_soc: int = UNKNOWN  # per cent
    energy_capacity: int = UNKNOWN  # Wh
    energy_request: int = UNKNOWN  # Wh
    evccid: str = ''  # 12 lower-case hex digits

    @classmethod
    def of(
        cls, soc: float, full_soc: float, capacity: float, request: float, evcc_id: str
    ) -> 'Value':
        """Of ratios (0..1) and Wh; NaN: not known."""
        return cls(
            _whole(100 * soc), _whole(100 * full_soc), _whole(capacity), _whole(request), evcc_id
        )


def _whole(number: float) -> int:
    return UNKNOWN if isnan(number) or number < 0 else round(number)


class State(IntEnum):
    """As plc_msgs/CallbackStatus numbers them."""

    IDLE = 0
    SENDING = 1
    DELIVERED = 2
    FAILED = 3
    DROPPED = 4


@dataclass(frozen=True, slots=True)
class Post:
    """Send this value; the answer is told with its number."""

    number: int
    value: Value


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody wants the answer of this request any more; it shall not arrive."""

    number: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request; `http_status` 0: there was no answer."""

    number: int
    http_status: int = 0
    duration: float = nan  # s
    reason: str = ''  # of a failure
    body: bytes = b''  # as far as it was wanted

    @property
    def good(self) -> bool:
        return 200 <= self.http_status < 300


@dataclass(slots=True)
class Told:
    """How it goes, for plc_msgs/CallbackStatus."""

    state: State = State.IDLE
    http_status: int = 0
    duration: float = nan
    delivered: int = 0
    failed: int = 0
    tries: int = 0
    reason: str = ''


Event = Post | Cancel


class Callback:
    """Told of values, answers and time; returns what to send now."""

    def __init__(self, period: float, max_age: float) -> None:
        self.told = Told()
        self._period, self._max_age = period, max_age
        self._waiting: tuple[float, Value] | None = None  # told at, and what
        self._under_way: tuple[float, Value] | None = None
        self._delivered: Value | None = None  # of this vehicle
        self._number = 0
        self._not_before = -inf
        self._pause = FIRST_PAUSE
        self._plugged_in_at = 0.0

    @property
    def deadline(self) -> float | None:
        """When tick() is due."""
        due = []
        if self._waiting is not None:
            due.append(self._waiting[0] + self._max_age)
            if self._under_way is None:
                due.append(self._not_before)
        if self._under_way is not None:
            due.append(self._under_way[0] + self._max_age)
        return min(due, default=None)

    @property
    def next_try(self) -> float | None:
        """When the next request may leave; None: nothing waits."""
        return None if self._waiting is None else self._not_before

    def value(self, value: Value, told_at: float, now: float) -> list[Event]:
        """The vehicle has told this at `told_at`; what is said again only keeps it fresh."""
        if self._under_way is not None and self._under_way[1] == value:
            self._under_way, self._waiting = (told_at, value), None
        elif value == self._delivered and self._under_way is None:
            self._waiting = None
        else:
            self._waiting = (told_at, value)
        return self.tick(now)

    def vehicle(self, plugged_in_at: float, now: float) -> list[Event]:
        """The vehicle was plugged in at this time (s, any clock; 0: there is none)."""
        another = abs(plugged_in_at - self._plugged_in_at) > _SAME
        self._plugged_in_at = plugged_in_at
        return self._left(now) if another else []

    def _left(self, now: float) -> list[Event]:
        """What it told is gone with it; the next one is told at once."""
        if self._waiting is not None:
            self._drop('the vehicle has left')
        self._delivered, self._waiting = None, None
        self._not_before, self._pause = -inf, FIRST_PAUSE
        return self._give_up('the vehicle has left')

    def adjust(self, period: float, max_age: float, now: float) -> list[Event]:
        """Have other times from now on; a pause after a failure stays as it is."""
        if self.told.state is not State.FAILED:
            self._not_before += period - self._period
        self._period, self._max_age = period, max_age
        return self.tick(now)

    def elsewhere(self, now: float) -> list[Event]:
        """Another receiver counts from now on: it is told at once what the vehicle tells."""
        events: list[Event] = []
        if self._under_way is not None:
            events.append(Cancel(self._number))
            self._waiting, self._under_way = self._waiting or self._under_way, None
        self._delivered, self._not_before, self._pause = None, -inf, FIRST_PAUSE
        self.told.state, self.told.reason, self.told.tries = State.IDLE, '', 0
        return events + self.tick(now)

    def answered(self, answer: Answer, now: float) -> list[Event]:
        """A request has come to its end."""
        if self._under_way is None or answer.number != self._number:
            return []
        told_at, value = self._under_way
        self._under_way = None
        told = self.told
        told.http_status, told.duration, told.reason = (
            answer.http_status,
            answer.duration,
            answer.reason,
        )
        if answer.good:
            self._succeeded(value, now)
        else:
            self._failed(told_at, value, now)
        return self.tick(now)

    def tick(self, now: float) -> list[Event]:
        """Let time pass."""
        events: list[Event] = []
        if self._under_way is not None and now >= self._under_way[0] + self._max_age:
            events += self._give_up(f'not delivered within {self._max_age:.0f} s')
        if self._waiting is not None and now >= self._waiting[0] + self._max_age:
            self._waiting = None
            self._drop(f'not delivered within {self._max_age:.0f} s')
        if self._waiting is not None and self._under_way is None and now >= self._not_before:
            events.append(self._post(now))
        return events

    def _post(self, now: float) -> Post:
        assert self._waiting is not None
        self._under_way, self._waiting = self._waiting, None
        self._number += 1
        self._not_before = now + self._period
        self.told.state = State.SENDING
        self.told.tries += 1
        return Post(self._number, self._under_way[1])

    def _succeeded(self, value: Value, now: float) -> None:
        self._delivered, self._pause = value, FIRST_PAUSE
        self.told.state, self.told.tries = State.DELIVERED, 0
        self.told.delivered += 1
        if self._waiting is not None and self._waiting[1] == value:
            self._waiting = None

    def _failed(self, told_at: float, value: Value, now: float) -> None:
        self._not_before = now + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._waiting = self._waiting or (told_at, value)  # a newer one prevails
        self.told.state = State.FAILED
        self.told.failed += 1

    def _give_up(self, why: str) -> list[Event]:
        if self._under_way is None:
            return []
        self._under_way = None
        self._drop(why)
        return [Cancel(self._number)]

    def _drop(self, why: str) -> None:
        self.told.state, self.told.reason, self.told.tries = State.DROPPED, why, 0
