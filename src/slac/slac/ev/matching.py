# SPDX-License-Identifier: Apache-2.0
"""The vehicle's matching (ISO 15118-3, A.9): find the charger at the cable, join its AVLN."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from scapy.packet import Packet

from plc_modem.homeplug import BROADCAST, Mme
from plc_modem.homeplug.keys import known_to_all
from plc_modem.homeplug.matching import (
    CM_AMP_MAP_CNF,
    CM_AMP_MAP_REQ,
    CM_ATTEN_CHAR_IND,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_PARM_CNF,
    CM_VALIDATE_CNF,
)
from plc_modem.state import Modem, ModemState
from slac.attenuation import mean
from slac.ev import requests
from slac.ev.choice import Chosen, Undecided, choose
from slac.ev.validation import Validation
from slac.key_wish import KeyWish
from slac.pilot_watch import PilotWatch
from slac.timing import (
    ASKED_AGAIN,
    ASKING_WINDOW,
    C_CONN_MAX_MATCH,
    C_EV_MATCH_MNBC,
    C_EV_MATCH_RETRY,
    CROWDED_PAUSE,
    PARM_REPEAT,
    TP_EV_BATCH_MSG_INTERVAL,
    TT_EV_ATTEN_RESULTS,
    TT_MATCH_JOIN,
    TT_MATCH_RESPONSE,
    TT_MATCHING_RATE,
    TT_MATCHING_REPETITION,
)
from slac.values import Changed, Event, LinkChanged, Phase, Pilot, Send, Status

MOST_CHARGERS = 32  # that are kept in mind at once
MOST_SOUNDS = 20


@dataclass(frozen=True)
class Settings:
    """What a user may choose."""

    attenuation_margin_db: float = 3.0
    validation: bool = True
    timers: str = 'field'


class State(Enum):
    """Where the vehicle stands."""

    UNMATCHED = auto()  # nothing plugged in, or nothing wanted
    ASKING = auto()  # CM_SLAC_PARM.REQ sent
    ANSWERED = auto()  # a charger answered so soon that others are still asked again
    SOUNDING = auto()  # START and sounds sent; chargers report
    VALIDATING = auto()  # the pilot shall tell which charger is ours
    PAUSING = auto()  # before matching starts over
    REQUESTING = auto()  # CM_SLAC_MATCH.REQ sent
    JOINING = auto()  # key known, the AVLN forms
    MATCHED = auto()
    FAILED = auto()


PHASES = {
    State.UNMATCHED: Phase.UNMATCHED,
    State.JOINING: Phase.JOINING,
    State.MATCHED: Phase.MATCHED,
    State.FAILED: Phase.FAILED,
}


# Reports may come late and twice; in a session SLAC is nobody's business (lesson 14).
_REPORTS_ANSWERED = (
    State.SOUNDING,
    State.VALIDATING,
    State.REQUESTING,
    State.JOINING,
    State.PAUSING,
)


_WITH_ONE = (State.REQUESTING, State.JOINING, State.MATCHED)  # a charger is chosen


class EvMatching:
    """Told of pilot, attempt, modem, frames and time; each call returns what happened."""

    def __init__(self, settings: Settings, entropy: Callable[[int], bytes]) -> None:
        """`entropy(n)` returns n random octets."""
        self.state = State.UNMATCHED
        self.status = Status()
        self.mac = ''  # of the interface; the node tells it before anything else
        self._settings, self._entropy = settings, entropy
        self._pilot = PilotWatch()
        self._modem = Modem()
        self._wish = KeyWish()
        self._due: float | None = None
        self._connected = False
        self._wanted = self._served = 0  # attempts
        self._matchings = self._tries = 0
        self._no_more_at = 0.0  # no matching of this attempt begins later
        self._validation: Validation | None = None
        self._unproven = ''  # why nothing proves that the chosen charger is at our cable
        self._has_key = False  # of a charger, or so it was told
        self._run_id = bytes(8)
        self._answered: dict[str, int] = {}  # sounds that each charger asked for
        self._profiles: dict[str, bytes] = {}
        self._sound_at = 0.0  # when the first START is due, if a charger has answered
        self._try_again_at = 0.0  # if none has
        self._sounded = 0.0  # when the last sound goes out
        self._peer = ''

    @property
    def deadline(self) -> float | None:
        """When tick() is due next."""
        due = (self._due, self._wish.deadline, self._pilot.deadline)
        return min((d for d in due if d is not None), default=None)

    def pilot(self, pilot: Pilot, now: float) -> list[Event]:
        """Take a look at the control pilot."""
        before = self._pilot.look(pilot, now)
        if pilot.unplugged and not before.unplugged:
            return self._unplugged(now)
        matching = PHASES.get(self.state, Phase.MATCHING) is Phase.MATCHING
        if matching and not pilot.digital:
            return self._go(State.UNMATCHED, None, reason='the pilot does not ask for it any more')
        return self._consider(now)

    def attempt(self, attempt: int, now: float) -> list[Event]:
        """Take the number of the data link that the session wants; 0: none."""
        if attempt == self._wanted:
            return []
        self._wanted = attempt
        events: list[Event] = []
        if attempt in (0, self._served):
            return []  # a session that was started anew wants nothing yet
        if self.state is not State.UNMATCHED:
            self._wish.clear()
            events = self._drop_link() + self._go(State.UNMATCHED, None)
        return events + self._consider(now)

    def modem(self, modem: Modem, now: float) -> list[Event]:
        """Take what is known of the modem."""
        self._modem = modem
        if self._connected:
            return []
        events = self._wish.modem(modem, now)
        linked = self._wish.linked(modem)
        if self.state is State.JOINING and linked:
            events += self._joined(modem)
        elif self.state is State.JOINING and modem.state is ModemState.FAILED:
            events += self._again(modem.reason, now)
        elif self.state is State.MATCHED and not linked:
            reason = modem.reason or 'the modem lost its key'
            events = self._drop_link() + self._go(State.FAILED, None, reason=reason)
            events += self._leave(now)
        return events + self._consider(now)

    def connected(self, connected: bool, now: float) -> list[Event]:
        """Take note of the TCP session: while it lives it proves the link better than a modem."""
        self._connected = connected
        return self.modem(self._modem, now)

    def approached(self, now: float) -> list[Event]:
        """Nothing depends on it: it is the vehicle that asks by SDP."""
        return []

    def receive(self, mme: Mme, now: float) -> list[Event]:
        """Take a frame from the line; what is not for us is not an error."""
        if mme.destination != self.mac or bool(getattr(mme.message, 'SecurityType', False)):
            return []
        match mme.message:
            case CM_SLAC_PARM_CNF(RunID=self._run_id):
                return self._charger_answered(mme.source, mme.message.NumberMSounds, now)
            case CM_ATTEN_CHAR_IND(RunID=self._run_id, SourceAddress=self.mac):
                return self._reported(mme.source, mme.message, now)
            case CM_SLAC_MATCH_CNF(VariableField=answer) if self._is_for_us(mme.source, answer):
                return self._confirmed(answer.NMK, answer.NetworkID, now)
            case CM_VALIDATE_CNF() if self._validation is not None:
                self._validation.confirmed(mme.source, mme.message, now)
                return self._validate(now)
            case CM_AMP_MAP_REQ() if mme.source == self._peer and not self._connected:
                return self._send(mme.source, CM_AMP_MAP_CNF())
        return []

    def tick(self, now: float) -> list[Event]:
        """Do what is due."""
        events = self._wish.tick(now)
        if self._pilot.lapsed(now):
            events += self.pilot(Pilot(), now)
        if self._due is None or now < self._due:
            return events
        match self.state:
            case State.ASKING:
                return events + (self._try(now) if now >= self._try_again_at else self._ask(now))
            case State.ANSWERED:
                return events + (self._sound(now) if now >= self._sound_at else self._ask(now))
            case State.SOUNDING:
                return events + self._decide(now)
            case State.VALIDATING:
                return events + self._validate(now)
            case State.PAUSING:
                return events + self._begin(now)
            case State.REQUESTING:
                return events + self._request(now)
        return events + self._again('no AVLN with the charger came up', now)  # JOINING

    def _consider(self, now: float) -> list[Event]:
        """Begin where everything that is needed is there."""
        wanted = self._wanted not in (0, self._served) and self._pilot.seen.digital
        if self.state is not State.UNMATCHED or not wanted or not self._modem.answers:
            return []
        self._matchings = 0
        return self._begin(now)

    def _begin(self, now: float) -> list[Event]:
        self._matchings, self._tries, self._peer = self._matchings + 1, 0, ''
        self._run_id = self._entropy(8)
        self._answered.clear()
        self._profiles.clear()
        return self._go(State.ASKING, now, checkpoint=100) + self._try(now)

    def _try(self, now: float) -> list[Event]:
        self._tries += 1
        often = self._tries <= C_EV_MATCH_RETRY
        self._try_again_at = now + (TT_MATCH_RESPONSE if often else PARM_REPEAT)
        self._sound_at = now + ASKING_WINDOW
        return self._ask(now) + self._say_that_none_answers()

    def _say_that_none_answers(self) -> list[Event]:
        if self._tries <= C_EV_MATCH_RETRY + 1 or self.status.reason:
            return []
        return self._go(State.ASKING, self._due, reason='no charger answers CM_SLAC_PARM.REQ')

    def _ask(self, now: float) -> list[Event]:
        """Ask all chargers, a few times: a neighbour's may have heard what ours has missed."""
        last = self._sound_at if self.state is State.ANSWERED else self._try_again_at
        again = now + ASKED_AGAIN
        self._due = again if again < self._sound_at else last
        return self._send(BROADCAST, requests.parm_req(self._run_id))

    def _charger_answered(self, charger: str, sounds: int, now: float) -> list[Event]:
        if self.state not in (State.ASKING, State.ANSWERED, State.SOUNDING):
            return []
        if charger not in self._answered and len(self._answered) < MOST_CHARGERS:
            self._answered[charger] = sounds
        if self.state is not State.ASKING:
            return []
        if self._matchings == 1:
            self._no_more_at = now + TT_MATCHING_REPETITION[self._settings.timers]
        assert self._due is not None
        events = self._go(State.ANSWERED, min(self._due, self._sound_at), checkpoint=102)
        return events + (self._sound(now) if now >= self._sound_at else [])

    def _sound(self, now: float) -> list[Event]:
        wanted = min(max(self._answered.values()) or C_EV_MATCH_MNBC, MOST_SOUNDS)
        messages = requests.batch(self._run_id, self.mac, wanted, self._entropy)
        frames = tuple(Mme(BROADCAST, self.mac, message) for message in messages)
        self._sounded = now + (len(frames) - 1) * TP_EV_BATCH_MSG_INTERVAL
        events = self._go(State.SOUNDING, now + TT_EV_ATTEN_RESULTS, checkpoint=104)
        return [*events, Send(frames, TP_EV_BATCH_MSG_INTERVAL)]

    def _reported(self, charger: str, report: Packet, now: float) -> list[Event]:
        """Answer each report at once, repeats too: there is no "no" (R19)."""
        if self.state not in _REPORTS_ANSWERED:
            return []
        if self.state is State.SOUNDING and len(self._profiles) < MOST_CHARGERS:
            self._profiles[charger] = report.Groups
            if self._answered.keys() <= self._profiles.keys():
                self._due = max(now, self._sounded)
        return self._send(charger, requests.atten_char_rsp(report)) + self.tick(now)

    def _decide(self, now: float) -> list[Event]:
        silent = self._answered.keys() - self._profiles.keys()
        if silent and self._profiles and self._matchings == 1:  # was it lost?
            return self._again(
                f'{len(silent)} of {len(self._answered)} chargers told nothing', now
            )
        if not self._profiles:
            return self._again('no charger reported an attenuation', now)
        match choose(self._profiles, self._settings.attenuation_margin_db):
            case Chosen(mac):
                return self._choose(mac, now)
            case Undecided() as doubt if self._settings.validation:
                self._validation = Validation(doubt, self._entropy(1)[0], now)
                return self._validate(now)
            case Undecided() as doubt:
                return self._doubt(doubt, now)

    def _doubt(self, doubt: Undecided, now: float) -> list[Event]:
        """Match again; in the last try take the one heard best of those that are left (R19)."""
        if doubt.macs and doubt.measured and not self._may_repeat(now):
            self._unproven = f'{doubt.reason}; the one heard best is taken, which is not proven'
            return self._choose(doubt.macs[0], now)
        crowd = CROWDED_PAUSE * self._entropy(1)[0] / 255 if doubt.crowded else 0.0
        return self._again(doubt.reason, now, crowd)

    def _choose(self, charger: str, now: float) -> list[Event]:
        self._peer, self._tries = charger, 0
        return self._request(now)

    def _validate(self, now: float) -> list[Event]:
        """Let the pilot tell who is ours; undecided still: match again (R19)."""
        assert self._validation is not None
        to_send = self._validation.tick(now)
        events = [event for whom, message in to_send for event in self._send(whom, message)]
        match self._validation.outcome:
            case Chosen(mac):
                return events + self._choose(mac, now)
            case Undecided() as doubt:
                return events + self._doubt(doubt, now)
        self._due = self._validation.deadline
        if (self.state, self.status.show_c) != (State.VALIDATING, self._validation.show_c):
            events += self._go(State.VALIDATING, self._due, reason=self._validation.why)
        return events

    def _request(self, now: float) -> list[Event]:
        if self._tries > C_EV_MATCH_RETRY:
            return self._again('the charger does not answer CM_SLAC_MATCH.REQ', now)
        self._tries += 1
        due = now + TT_MATCH_RESPONSE
        events = self._go(State.REQUESTING, due, checkpoint=150) if self._tries == 1 else []
        self._due = due
        request = requests.match_req(self._run_id, self.mac, self._peer)
        return events + self._send(self._peer, request)

    def _is_for_us(self, source: str, answer: Packet) -> bool:
        expected = (self.state, source, answer.RunID, answer.EVMAC)
        return expected == (State.REQUESTING, self._peer, self._run_id, self.mac)

    def _confirmed(self, nmk: bytes, nid: bytes, now: float) -> list[Event]:
        if known_to_all(nmk):
            return self._again('the charger gave a key that everybody has', now)
        due = now + TT_MATCH_JOIN[self._settings.timers]
        self._has_key = True
        return self._go(State.JOINING, due, checkpoint=160) + self._wish.set(nmk, now, nid)

    def _joined(self, modem: Modem) -> list[Event]:
        self._served = self._wanted
        link = LinkChanged(True, self._peer, next(iter(modem.remote_macs), ''))
        return [*self._go(State.MATCHED, None, checkpoint=190), link]

    def _may_repeat(self, now: float, pause: float = 0.0) -> bool:
        in_time = now + TT_MATCHING_RATE + pause < self._no_more_at
        return in_time and self._matchings < C_CONN_MAX_MATCH

    def _again(self, reason: str, now: float, pause: float = 0.0) -> list[Event]:
        """Begin anew after TT_matching_rate, and a pause beside it where there is time for it."""
        self._wish.clear()
        if self._may_repeat(now):
            wait = TT_MATCHING_RATE + (pause if self._may_repeat(now, pause) else 0.0)
            return self._go(State.PAUSING, now + wait, reason=reason)
        self._served = self._wanted
        return self._go(State.FAILED, None, reason=reason) + self._leave(now)

    def _unplugged(self, now: float) -> list[Event]:
        events = self._drop_link()
        self._served, self._peer = self._wanted, ''
        self._answered.clear()
        self._profiles.clear()
        if self.state is not State.UNMATCHED:
            events += self._go(State.UNMATCHED, None)
        return events + self._leave(now)

    def _leave(self, now: float) -> list[Event]:
        """Leave the AVLN: nobody may go on with our key (R21)."""
        had_key, self._has_key = self._has_key, False
        return self._wish.set(self._entropy(16), now) if had_key else []

    def _drop_link(self) -> list[Event]:
        return [LinkChanged(False)] if self.state is State.MATCHED else []

    def _go(
        self, state: State, due: float | None, checkpoint: int = 0, reason: str = ''
    ) -> list[Event]:
        self.state, self._due = state, due
        if state is not State.VALIDATING:
            self._validation = None
        if state not in _WITH_ONE:
            self._unproven = ''
        phase = PHASES.get(state, Phase.MATCHING)
        fresh = state in (State.UNMATCHED, State.ASKING)
        self.status = replace(
            self.status,
            phase=phase,
            checkpoint=checkpoint or (0 if fresh else self.status.checkpoint),
            attempt=self._wanted,
            peer_mac=self._peer,
            run_id=self._run_id,
            heard=tuple((m, mean(self._profiles.get(m, b''))) for m in self._all_heard()),
            profile=self._profiles.get(self._peer, b''),
            show_c=self._validation is not None and self._validation.show_c,
            reason=reason or self._unproven,
        )
        return [Changed(self.status)]

    def _all_heard(self) -> list[str]:
        return sorted(self._answered.keys() | self._profiles.keys())

    def _send(self, destination: str, message: Packet) -> list[Event]:
        return [Send((Mme(destination, self.mac, message),))]
