# SPDX-License-Identifier: Apache-2.0
"""Who works on a modem besides charging: one job after the other, as a machine told the time.

A job is a generator (jobs.py): it yields what it asks the modem, and is sent the answer.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass

from scapy.packet import Packet

from plc_modem.homeplug import LOCAL_MODEM, Mme
from plc_modem.modem import Send
from plc_modem.pib import UncertainLayout


class Refused(Exception):
    """The modem, or we, will not; the text is a sentence for the user."""


@dataclass(frozen=True)
class Ask:
    """A question; None in answer: there was none."""

    message: Packet
    answer: type[Packet]
    patience: float
    tries: int = 1
    fits: Callable[[Packet], bool] = lambda _: True


@dataclass(frozen=True)
class Pause:
    """Let time pass."""

    seconds: float


Steps = Generator[Ask | Pause, Packet | None, object]


@dataclass(frozen=True)
class Done:
    """The job is over; `reason` says why it failed, empty: it did not."""

    result: object = None
    reason: str = ''


Event = Send | Done


class Upkeep:
    """Plays jobs; `deadline` says when tick() is due."""

    def __init__(self, host: str) -> None:
        """`host`: MAC address of the interface the modem is at, lower-case hex with colons."""
        self.deadline: float | None = None
        self._host, self._modem = host, ''
        self._steps: Steps | None = None
        self._step: Ask | Pause = Pause(0.0)
        self._tries = 0

    @property
    def busy(self) -> bool:
        """Whether a job is on."""
        return self._steps is not None

    def begin(self, steps: Steps, now: float, modem: str = '') -> list[Event]:
        """Begin a job at a modem with that address; raises Refused while another is on."""
        if self.busy:
            raise Refused('the modem is being read or written already')
        self._steps, self._modem = steps, modem
        return self._go_on(None, now)

    def abandon(self, reason: str) -> list[Event]:
        """Leave the job that is on, if any: its modem is not to be had any more."""
        on, self._steps, self.deadline = self.busy, None, None
        return [Done(reason=reason)] if on else []

    def receive(self, mme: Mme, now: float) -> list[Event]:
        """Take a frame from the wire."""
        step = self._step
        from_modem = mme.destination == self._host and mme.source == (self._modem or mme.source)
        if not self.busy or not from_modem or not isinstance(step, Ask):
            return []
        if not isinstance(mme.message, step.answer) or not step.fits(mme.message):
            return []
        return self._go_on(mme.message, now)

    def tick(self, now: float) -> list[Event]:
        """Ask again, or go on without an answer."""
        if self.deadline is None or now < self.deadline:
            return []
        if isinstance(self._step, Ask) and self._tries < self._step.tries:
            return self._ask(self._step, now)
        return self._go_on(None, now)

    def _go_on(self, answer: Packet | None, now: float) -> list[Event]:
        assert self._steps is not None
        try:
            self._step = self._steps.send(answer)
        except StopIteration as end:
            return self._end(Done(end.value))
        except (Refused, UncertainLayout) as error:
            return self._end(Done(reason=str(error)))
        self._tries = 0
        if isinstance(self._step, Ask):
            return self._ask(self._step, now)
        self.deadline = now + self._step.seconds
        return []

    def _ask(self, step: Ask, now: float) -> list[Event]:
        self._tries += 1
        self.deadline = now + step.patience
        return [Send(Mme(LOCAL_MODEM, self._host, step.message))]

    def _end(self, done: Done) -> list[Event]:
        self._steps, self.deadline = None, None
        return [done]
