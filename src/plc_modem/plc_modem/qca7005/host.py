# SPDX-License-Identifier: Apache-2.0
"""The host's side of a QCA7005: found by its signature, polled, written to, reset when stuck.

Each call that talks to the modem is a generator: it yields a transfer, is sent what the modem
clocked out meanwhile, and returns the events. play() drives it. So the protocol needs no bus.
"""

from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum

from plc_modem.qca7005 import registers
from plc_modem.qca7005.bursts import LONGEST, Splitter, to_modem
from plc_modem.qca7005.registers import BROKEN, BUFFER, SIGNATURE, Cause, Register

EMPTY_TIME = 1.0  # s in which a modem that was found must have sent what it was given
STUCK_TIME = 1.0  # s without room for a frame: the modem is stuck
RESET_TIME = 3.0  # s in which a modem that was reset tells that it has started
SIGNATURE_INTERVAL = 1.0  # s between two looks whether the modem is still there
MISSING_TIME = 5.0  # s without a signature that are worth a word
REST_TIME = 0.05  # s in which the rest of a frame must come, once there is nothing to read
BURSTS_PER_POLL = 8
QUEUE = 64  # frames that wait for room in the modem
_ROOM = 4  # octets a frame takes in the modem besides itself
_ALARMING = BROKEN | Cause.CPU_ON
_WANTED = Cause.PKT_AVLBL | _ALARMING


@dataclass(frozen=True)
class Received:
    """A frame has come."""

    octets: bytes


@dataclass(frozen=True)
class Started:
    """The modem is there; it has forgotten whatever it was told before."""


@dataclass(frozen=True)
class Stopped:
    """The modem is gone, was reset, or cannot be found; what waited to be sent is lost."""

    reason: str


Event = Received | Started | Stopped
Steps = Generator[bytes, bytes, list[Event]]
_Read = Generator[bytes, bytes, int]


class State(Enum):
    """Where the host stands with its modem."""

    ABSENT = 'no signature'
    RESET = 'was reset'
    PRESENT = 'there'


class Qca7005Host:
    """Told the time; counts what went wrong on the bus."""

    def __init__(self) -> None:
        self.state = State.ABSENT
        self.counts = {'resets': 0, 'wrong signatures': 0, 'strange lengths': 0, 'frames lost': 0}
        self.splitter = Splitter()
        self._queue: deque[bytes] = deque()
        self._since = 0.0  # of this state
        self._full_since: float | None = None  # no room in the modem since then
        self._looked = 0.0  # for its signature
        self._fed = 0.0  # when the last burst came
        self._nonempty_since: float | None = None
        self._missing_since: float | None = None
        self._missed = False  # told that it is missing

    def send(self, frame: bytes) -> bool:
        """Queue a frame; False: too long, no modem, or too many wait; it is lost."""
        taken = self.state is State.PRESENT and len(frame) <= LONGEST and len(self._queue) < QUEUE
        if taken:
            self._queue.append(frame)
        else:
            self.counts['frames lost'] += 1
        return taken

    def poll(self, now: float) -> Steps:
        """Do whatever is due: look for the modem, or read from it and write to it."""
        if self.state is not State.PRESENT:
            return (yield from self._look(now))
        cause = yield from self._causes()
        if cause & _ALARMING or now - self._looked >= SIGNATURE_INTERVAL:
            self._looked = now
            if (yield from self._signature()) != SIGNATURE:
                return self._stop(State.ABSENT, 'it does not answer on the SPI bus any more', now)
        return (yield from self._serve(cause, now))

    def flush(self, now: float) -> Steps:
        """Give the modem the frames that wait, as far as it has room."""
        if not self._queue:
            return []
        space = yield from _read(Register.WRBUF_SPC_AVA)
        if space > BUFFER:  # read wrong; the next poll asks again
            self.counts['strange lengths'] += 1
            return []
        while self._queue and len(burst := to_modem(self._queue[0])) + _ROOM <= space:
            yield registers.write(Register.BFR_SIZE, len(burst))
            yield registers.WRITE_BURST + burst
            self._queue.popleft()
            self._full_since = None
            space -= len(burst) + _ROOM
        return (yield from self._wait_for_room(now)) if self._queue else []

    def _look(self, now: float) -> Steps:
        if (signature := (yield from self._signature())) != SIGNATURE:
            self._nonempty_since = None
            return self._miss(signature, now)
        if self.state is State.RESET and not (yield from self._has_started(now)):
            return []
        if (yield from _read(Register.WRBUF_SPC_AVA)) != BUFFER:
            return (yield from self._wait_until_empty(now))
        yield registers.write(Register.INTR_CAUSE, (yield from _read(Register.INTR_CAUSE)))
        yield registers.write(Register.INTR_ENABLE, _WANTED)
        self._enter(State.PRESENT, now)
        self._looked = now
        return [Started()]

    def _miss(self, signature: int, now: float) -> list[Event]:
        if self._missing_since is None:
            self._missing_since = now
        if self._missed or now - self._missing_since < MISSING_TIME:
            return []
        self._missed = True
        return [Stopped(f'there is no modem: its signature reads {signature:04X}, not AA55')]

    def _signature(self) -> _Read:
        """Read it twice: after a start the first answer may be wrong, and one may be disturbed."""
        first = yield from _read(Register.SIGNATURE)
        second = yield from _read(Register.SIGNATURE)
        self.counts['wrong signatures'] += (first, second) != (SIGNATURE, SIGNATURE)
        return first if first == SIGNATURE else second

    def _has_started(self, now: float) -> Generator[bytes, bytes, bool]:
        cause = yield from _read(Register.INTR_CAUSE)
        return bool(cause & Cause.CPU_ON) or now - self._since >= RESET_TIME

    def _wait_until_empty(self, now: float) -> Steps:
        if self._nonempty_since is None:
            self._nonempty_since = now
        if now - self._nonempty_since < EMPTY_TIME:
            return []
        return (yield from self._reset('its write buffer does not get empty', now))

    def _serve(self, cause: int, now: float) -> Steps:
        if cause & Cause.CPU_ON:
            stopped = self._stop(State.ABSENT, 'it has restarted by itself', now)
            return stopped + (yield from self._look(now))
        if cause & BROKEN:
            return (yield from self._reset(f'it reports {Cause(cause & BROKEN)!s}', now))
        if cause:  # as the chip wants it: mask, acknowledge, work, unmask
            yield registers.write(Register.INTR_ENABLE, 0)
            yield registers.write(Register.INTR_CAUSE, cause)
        events = yield from self._drain(now)
        if cause:
            yield registers.write(Register.INTR_ENABLE, _WANTED)
        if self.splitter.strange > BUFFER:
            return events + (yield from self._reset('its frames have no start', now))
        return events + (yield from self.flush(now))

    def _causes(self) -> _Read:
        """Read the cause; what would cost the modem its key must be read twice."""
        cause = yield from _read(Register.INTR_CAUSE)
        if cause & _ALARMING:
            cause &= yield from _read(Register.INTR_CAUSE)
        return cause

    def _drain(self, now: float) -> Steps:
        frames: list[bytes] = []
        for _ in range(BURSTS_PER_POLL):
            length = yield from _read(Register.RDBUF_BYTE_AVA)
            if not 0 < length <= BUFFER:
                self.counts['strange lengths'] += length > 0
                break
            yield registers.write(Register.BFR_SIZE, length)
            burst = (yield registers.READ_BURST + bytes(length))[registers.WORD :]
            frames += self.splitter.feed(burst)
            self._fed = now
        if self.splitter.waits and now - self._fed >= REST_TIME:
            frames += self.splitter.give_up()
        return [Received(frame) for frame in frames]

    def _wait_for_room(self, now: float) -> Steps:
        if self._full_since is None:
            self._full_since = now
        if now - self._full_since < STUCK_TIME:
            return []
        return (yield from self._reset('it has had no room for a frame', now))

    def _reset(self, reason: str, now: float) -> Steps:
        config = yield from _read(Register.SPI_CONFIG)
        yield registers.write(Register.SPI_CONFIG, config | registers.RESET)
        self.counts['resets'] += 1
        return self._stop(State.RESET, f'it was reset: {reason}', now)

    def _stop(self, state: State, reason: str, now: float) -> list[Event]:
        was_there = self.state is State.PRESENT
        self.counts['frames lost'] += len(self._queue)
        self._queue.clear()
        self.splitter.forget()
        self._enter(state, now)
        return [Stopped(reason)] if was_there else []

    def _enter(self, state: State, now: float) -> None:
        self.state, self._since = state, now
        self._full_since = self._nonempty_since = self._missing_since = None
        self._missed = False


def _read(register: Register) -> _Read:
    return registers.value((yield registers.read(register)))


def play(steps: Steps, transfer: Callable[[bytes], bytes]) -> list[Event]:
    """Drive steps over a bus: `transfer` clocks octets out and returns as many that came in."""
    try:
        octets = next(steps)
        while True:
            octets = steps.send(transfer(octets))
    except StopIteration as end:
        events: list[Event] = end.value
        return events
