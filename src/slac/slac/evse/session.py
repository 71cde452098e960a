# SPDX-License-Identifier: Apache-2.0
"""One vehicle's matching as the charger sees it: sounds heard, attenuation reported (R20)."""

from dataclasses import dataclass
from enum import Enum, auto

from scapy.packet import Packet

from plc_modem.homeplug.matching import (
    CM_ATTEN_CHAR_IND,
    CM_ATTEN_CHAR_RSP,
    CM_ATTEN_PROFILE_IND,
    CM_MNBC_SOUND_IND,
    CM_START_ATTEN_CHAR_IND,
    GROUPS,
)
from slac.attenuation import SYNTHETIC, mean_profile, measured
from slac.evse.validation import Validation
from slac.timing import (
    C_EV_MATCH_MNBC,
    C_EV_MATCH_RETRY,
    TT_EVSE_MATCH_MNBC,
    TT_EVSE_MATCH_SESSION,
    TT_MATCH_RESPONSE,
    TT_MATCH_SEQUENCE,
)


@dataclass(frozen=True)
class Settings:
    """What a user may choose."""

    attenuation_offset_db: int = 0
    attenuation_margin_db: float = 3.0
    synthetic_attenuation: bool = False
    timers: str = 'field'


class State(Enum):
    """Where the charger stands with this vehicle."""

    WAITING = auto()  # CM_SLAC_PARM.CNF sent
    LISTENING = auto()  # for sounds
    REPORTING = auto()  # CM_ATTEN_CHAR.IND sent
    REPORTED = auto()  # the vehicle has it; it may ask to match
    OVER = auto()


class Session:
    """Says what to send to its vehicle; `reason` tells why it is over."""

    def __init__(self, vehicle: str, run_id: bytes, settings: Settings, now: float) -> None:
        self.vehicle, self.run_id = vehicle, run_id
        self.state = State.WAITING
        self.deadline: float | None = None
        self.profile = b''  # as reported
        self.reason = ''
        self._validation = Validation()
        self._settings = settings
        self._announced = C_EV_MATCH_MNBC  # sounds
        self._sounds: set[int] = set()  # heard, by their countdown: one may come twice (lesson 20)
        self._profiles: list[bytes] = []
        self._reports = 0
        self._await_start(now)

    def _await_start(self, now: float) -> None:
        self.deadline = now + TT_MATCH_SEQUENCE[self._settings.timers]

    def is_asked_again(self, run_id: bytes, now: float) -> bool:
        """Take another CM_SLAC_PARM.REQ; False: it begins a matching anew (R21)."""
        again = self.state is State.WAITING and run_id == self.run_id
        if again:
            self._await_start(now)
        return again

    @property
    def may_match(self) -> bool:
        """Whether this vehicle was told its attenuation."""
        return self.state in (State.REPORTING, State.REPORTED)

    @property
    def validated(self) -> bool:
        """Whether our own pilot has shown its toggles."""
        return self._validation.succeeded

    @property
    def due(self) -> float | None:
        """When tick() is due next."""
        due = (self.deadline, self._validation.deadline)
        return min((d for d in due if d is not None), default=None)

    def validate(self, timer: int, edges: int | None, now: float) -> list[Packet]:
        """Take a CM_VALIDATE.REQ: it says, too, that the vehicle has its report."""
        if not self.may_match:
            edges = None
        else:
            self.state, self.deadline = State.REPORTED, now + TT_EVSE_MATCH_SESSION
        return self._validation.asked(timer, edges, now)

    def stop_counting(self) -> list[Packet]:
        """Another vehicle is at this cable."""
        return self._validation.cancel()

    def receive(self, message: Packet, now: float) -> list[Packet]:
        """Take a message of this vehicle, or our own modem's profile of its sound."""
        match self.state, message:
            case State.WAITING, CM_START_ATTEN_CHAR_IND():
                self.state, self.deadline = State.LISTENING, now + TT_EVSE_MATCH_MNBC
                self._announced = message.NumberOfSounds or C_EV_MATCH_MNBC
            case State.LISTENING, CM_MNBC_SOUND_IND():
                self._sounds.add(message.Countdown)
                return self._maybe_report(now)
            case State.LISTENING, CM_ATTEN_PROFILE_IND():
                self._profiles.append(message.Groups[:GROUPS])
                return self._maybe_report(now)
            case State.REPORTING, CM_ATTEN_CHAR_RSP(Result=0):
                self.state, self.deadline = State.REPORTED, now + TT_EVSE_MATCH_SESSION
        return []

    def tick(self, edges: int | None, now: float) -> list[Packet]:
        """Do what is due; `edges`: between B and C on our pilot so far, None: not counted."""
        if counted := self._validation.tick(edges, now):
            return counted
        if self.deadline is None or now < self.deadline:
            return []
        match self.state:
            case State.WAITING:
                return self._end('the vehicle sent no CM_START_ATTEN_CHAR.IND')
            case State.LISTENING:
                return self._evaluate(now)
            case State.REPORTING if self._reports <= C_EV_MATCH_RETRY:
                return self._report(now)
            case State.REPORTING:
                return self._end('the vehicle did not confirm CM_ATTEN_CHAR.IND')
        return self._end('the vehicle did not ask to match; it may have chosen another charger')

    def _maybe_report(self, now: float) -> list[Packet]:
        """Report before the window ends, once all that START announced has been heard (R20)."""
        heard = min(len(self._sounds), len(self._profiles))
        return self._evaluate(now) if heard >= self._announced else []

    def _evaluate(self, now: float) -> list[Packet]:
        if not self._sounds and not self._profiles:
            return self._end('no M-Sound was heard')
        whole = [profile for profile in self._profiles if measured(profile)]
        if whole:
            self.profile = mean_profile(whole, self._settings.attenuation_offset_db)
        elif self._settings.synthetic_attenuation:
            self.profile = SYNTHETIC
        else:
            return self._end(
                'the modem measures no attenuation; with a single outlet: '
                'synthetic_attenuation:=true'
            )
        self._heard = len(whole) or len(self._sounds)
        return self._report(now)

    def _report(self, now: float) -> list[Packet]:
        self.state, self.deadline = State.REPORTING, now + TT_MATCH_RESPONSE
        self._reports += 1
        return [
            CM_ATTEN_CHAR_IND(
                SourceAddress=self.vehicle,
                RunID=self.run_id,
                NumSounds=min(self._heard, 255),
                Groups=self.profile,
            )
        ]

    def _end(self, reason: str) -> list[Packet]:
        self.state, self.deadline, self.reason = State.OVER, None, reason
        return []
