# SPDX-License-Identifier: Apache-2.0
"""The charger's matching (ISO 15118-3, A.9): reports to every vehicle heard, lets one in."""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto

from scapy.packet import Packet

from plc_modem.homeplug import Mme
from plc_modem.homeplug.matching import (
    CM_AMP_MAP_REQ,
    CM_ATTEN_PROFILE_IND,
    CM_SLAC_MATCH_REQ,
    CM_SLAC_PARM_REQ,
    CM_VALIDATE_REQ,
)
from plc_modem.state import Modem
from slac.attenuation import mean
from slac.evse import answers
from slac.evse.arrival import Arrival
from slac.evse.session import Session, Settings, State as SessionState
from slac.key_wish import KeyWish
from slac.pilot_watch import PilotWatch
from slac.timing import TT_EVSE_SLAC_INIT
from slac.values import Changed, Event, LinkChanged, Phase, Pilot, Send, Status

MOST_SESSIONS = 16  # matchings at once; a flood of vehicles replaces the oldest (abuse 9)


class State(Enum):
    """Where the charger stands."""

    UNMATCHED = auto()  # and answers, if the pilot lets it
    JOINING = auto()  # a vehicle has the key; the AVLN forms
    MATCHED = auto()


class EvseMatching:
    """Told of pilot, modem, TCP session, frames and time; each call returns what happened."""

    def __init__(self, settings: Settings, entropy: Callable[[int], bytes]) -> None:
        """`entropy(n)` returns n random octets."""
        self.state = State.UNMATCHED
        self.status = Status()
        self.mac = ''  # of the interface; the node tells it before anything else
        self._settings, self._entropy = settings, entropy
        self._pilot = PilotWatch()
        self._modem = Modem()
        self._wish = KeyWish()
        self._wanted = self._served = 0  # attempts
        self._connected = False
        self._gives_up: float | None = None  # when a vehicle that did not join has given up
        self._awaited = ''  # the MAC of that vehicle
        self._sessions: dict[str, Session] = {}  # by the vehicle's MAC, the oldest first
        self._peer: Session | None = None
        self._arrival: Arrival | None = None  # of the peer

    @property
    def deadline(self) -> float | None:
        """When tick() is due next."""
        due = [self._wish.deadline, self._pilot.deadline, self._gives_up]
        due += [s.due for s in self._sessions.values()]
        due += [self._arrival.deadline] if self._arrival is not None else []
        return min((d for d in due if d is not None), default=None)

    def pilot(self, pilot: Pilot, now: float) -> list[Event]:
        """Take a look at the control pilot."""
        before = self._pilot.look(pilot, now)
        if pilot.unplugged and not before.unplugged and self._wish.nmk:
            return self._start_over(now)
        pending = self._sessions or self.status.phase is Phase.FAILED
        if not pilot.digital and self.state is State.UNMATCHED and pending:
            self._sessions.clear()
            return self._tell(Phase.UNMATCHED)
        return []

    def attempt(self, attempt: int, now: float) -> list[Event]:
        """Take the number of the data link that the session wants: a new one ends the present."""
        self._wanted = attempt
        if self.state is State.UNMATCHED or attempt in (0, self._served):
            return []
        if self._served == 0:  # the session heard of the plug after the vehicle had matched
            self._served = attempt
            return self._tell(self.status.phase)
        return self._start_over(now)

    def connected(self, connected: bool, now: float) -> list[Event]:
        """Take note of the TCP session: while it lives the link stands, SLAC is ignored (R21)."""
        self._connected = connected
        if not connected:
            return self.modem(self._modem, now)
        self._sessions.clear()
        events = self._joined(now) if self.state is State.JOINING else []
        if self._arrival is not None:
            self._arrival.ended()
        return events

    def approached(self, now: float) -> list[Event]:
        """Take note that the peer has sent SDP over this link, or opened TCP (R21)."""
        if self._arrival is not None:
            self._arrival.approached(now)
        return []

    def modem(self, modem: Modem, now: float) -> list[Event]:
        """Take what is known of the modem."""
        self._modem = modem
        if self._connected:
            return []
        if not self._wish.nmk:
            return self._wish.set(self._entropy(16), now) if modem.answers else []
        events = self._wish.modem(modem, now)
        linked = self._wish.linked(modem)
        if self.state is State.JOINING and linked:
            events += self._joined(now)
        elif self.state is State.MATCHED and not linked:
            events += self._start_over(now, modem.reason or 'the vehicle has left the AVLN')
        return events

    def receive(self, mme: Mme, now: float) -> list[Event]:
        """Take a frame from the line; what is not for us is not an error."""
        if self._connected or not self.mac:
            return []
        match mme.message:
            case CM_SLAC_PARM_REQ(ApplicationType=0, SecurityType=0, RunID=run_id):
                return self._asked(mme.source, run_id, now)
            case CM_ATTEN_PROFILE_IND() if mme.source == self._modem.mac:
                return self._tell_session(mme.message.PEVMAC, mme.message, now)
            case CM_SLAC_MATCH_REQ() if mme.destination == self.mac:
                return self._match_asked(mme.source, mme.message.VariableField, now)
            case CM_VALIDATE_REQ() if mme.destination == self.mac and mme.source in self._sessions:
                return self._validate(mme.source, mme.message, now)
            case CM_AMP_MAP_REQ() if mme.destination == self.mac and self._is_peer(mme.source):
                return self._send(mme.source, answers.amp_map_cnf())
        return self._session_message(mme, now)

    def tick(self, now: float) -> list[Event]:
        """Do what is due."""
        events = self._wish.tick(now)
        if self._pilot.lapsed(now):
            events += self.pilot(Pilot(), now)
        for vehicle, session in list(self._sessions.items()):
            for message in session.tick(self._pilot.seen.edges, now):
                events += self._send(vehicle, message)
            events += self._after(session)
        if self._arrival is not None and (missed := self._arrival.missed(now)):
            events += self._start_over(now, missed)
        if self._gives_up is not None and now >= self._gives_up:
            events += self._give_up()
        return events

    def _give_up(self) -> list[Event]:
        """Nothing more of a vehicle that was let in: a pilot of 100 % lets it begin anew."""
        self._gives_up = None
        if not self._pilot.seen.digital or self._awaited in self._sessions:
            return []
        return self._tell(Phase.FAILED, reason='the vehicle did not join, and asks no more')

    def _asked(self, vehicle: str, run_id: bytes, now: float) -> list[Event]:
        """Answer a CM_SLAC_PARM.REQ: repeats alike before START, later as a new matching (R21)."""
        if not self._pilot.seen.digital or not self._wish.granted(self._modem):
            return []
        if self._peer is not None and not self._is_peer(vehicle):
            return self._passed_over(now)
        events = self._forget() if self._peer is not None else []
        known = self._sessions.get(vehicle)
        if known is not None and known.is_asked_again(run_id, now):
            return events + self._send(vehicle, answers.parm_cnf(vehicle, run_id))
        self._admit(Session(vehicle, run_id, self._settings, now))
        events += self._tell(Phase.MATCHING, checkpoint=102)
        return events + self._send(vehicle, answers.parm_cnf(vehicle, run_id))

    def _passed_over(self, now: float) -> list[Event]:
        """Another vehicle asks: whoever was let in goes if it cannot be the one at our cable."""
        toggled = self._arrival is not None and self._arrival.is_of_another(self._pilot.seen.edges)
        reason = 'the pilot was toggled: another vehicle is at this cable than the one let in'
        return self._start_over(now, reason) if toggled else []

    def _admit(self, session: Session) -> None:
        self._sessions.pop(session.vehicle, None)
        while len(self._sessions) >= MOST_SESSIONS:
            self._sessions.pop(next(iter(self._sessions)))
        self._sessions[session.vehicle] = session

    def _session_message(self, mme: Mme, now: float) -> list[Event]:
        session = self._sessions.get(mme.source)
        if session is None or getattr(mme.message, 'RunID', None) != session.run_id:
            return []
        return self._tell_session(mme.source, mme.message, now)

    def _tell_session(self, vehicle: str, message: Packet, now: float) -> list[Event]:
        session = self._sessions.get(vehicle)
        if session is None:
            return []
        before = session.state
        events: list[Event] = []
        for answer in session.receive(message, now):
            events += self._send(vehicle, answer)
        if session.state is not before:
            events += self._after(session)
            if self._peer is None and session.state is not SessionState.OVER:
                events += self._tell(Phase.MATCHING, checkpoint=104)
        return events

    def _after(self, session: Session) -> list[Event]:
        """Forget a session that is over, and say why."""
        if session.state is not SessionState.OVER:
            return []
        self._sessions.pop(session.vehicle, None)
        phase = Phase.MATCHING if self._sessions else Phase.UNMATCHED
        return self._tell(phase, reason=session.reason) if self._peer is None else []

    def _validate(self, vehicle: str, asked: Packet, now: float) -> list[Event]:
        free = self._peer is None and asked.SignalType == 0  # 0: by the pilot
        edges = self._pilot.seen.edges if free else None
        answered = self._sessions[vehicle].validate(asked.Timer, edges, now)
        return [event for message in answered for event in self._send(vehicle, message)]

    def _match_asked(self, vehicle: str, asked: Packet, now: float) -> list[Event]:
        session = self._peer if self._is_peer(vehicle) else self._sessions.get(vehicle)
        if session is None or not self._concerns(session, asked) or self._at_a_neighbour(session):
            return []
        confirm = answers.match_cnf(asked, self._wish.nmk, self._wish.nid)
        events = self._send(vehicle, confirm)
        if session is not self._peer and session.may_match:
            return events + self._let_in(session, now)
        return events if self.state is State.JOINING else []

    def _concerns(self, session: Session, asked: Packet) -> bool:
        told = (asked.RunID, asked.EVMAC, asked.EVSEMAC)
        open_ = self._peer is session or (self._peer is None and session.may_match)
        return open_ and told == (session.run_id, session.vehicle, self.mac)

    def _at_a_neighbour(self, session: Session) -> bool:
        """Another vehicle that matches now is heard clearly better: there is one cable (R20)."""
        if self._peer is not None or session.validated:
            return False
        bar = mean(session.profile) - self._settings.attenuation_margin_db
        others = (s for s in self._sessions.values() if s is not session and s.may_match)
        return any(mean(other.profile) < bar for other in others)

    def _let_in(self, session: Session, now: float) -> list[Event]:
        """Open the way at once: some cars send SDP 0.3 s after CM_SLAC_MATCH.CNF (lesson 16)."""
        self._peer, self._served = session, self._wanted
        self._gives_up = None
        self._sessions.pop(session.vehicle, None)
        told = [event for other in self._sessions.values() for event in self._refuse(other)]
        session.deadline = None
        self.state = State.JOINING
        self._arrival = Arrival(self._pilot.seen.edges, self._settings.timers, now)
        link = LinkChanged(True, session.vehicle)
        told += self._wish.renew(now)
        return [*self._tell(Phase.JOINING, checkpoint=160), link, *told]

    def _refuse(self, session: Session) -> list[Event]:
        """Others get their report, or they would wait for it; their toggles are not counted."""
        return [e for m in session.stop_counting() for e in self._send(session.vehicle, m)]

    def _joined(self, now: float) -> list[Event]:
        self.state = State.MATCHED
        if self._arrival is not None:
            self._arrival.joined(now)
        return self._tell(Phase.MATCHED, checkpoint=190)

    def _start_over(self, now: float, reason: str = '') -> list[Event]:
        """Forget everybody and take a new key, so that nobody stays in the AVLN (lesson 18)."""
        self._awaited = self._peer.vehicle if self._peer is not None else ''
        events = self._forget() + self._tell(Phase.UNMATCHED, reason=reason)
        self._gives_up = now + TT_EVSE_SLAC_INIT if reason else None
        return events + self._wish.set(self._entropy(16), now)

    def _forget(self) -> list[Event]:
        closed: list[Event] = [LinkChanged(False)] if self._peer is not None else []
        self.state, self._peer, self._arrival = State.UNMATCHED, None, None
        self._sessions.clear()
        return closed

    def _is_peer(self, vehicle: str) -> bool:
        return self._peer is not None and self._peer.vehicle == vehicle

    def _tell(self, phase: Phase, checkpoint: int = 0, reason: str = '') -> list[Event]:
        peer = self._peer
        heard = {s.vehicle: s for s in (*self._sessions.values(), *([peer] if peer else []))}
        told = replace(
            self.status,
            phase=phase,
            checkpoint=checkpoint,
            attempt=self._served if peer else self._wanted,
            peer_mac=peer.vehicle if peer else '',
            run_id=peer.run_id if peer else bytes(8),
            heard=tuple((mac, mean(s.profile)) for mac, s in sorted(heard.items())),
            profile=peer.profile if peer else b'',
            reason=reason,
        )
        if told == self.status:
            return []
        self.status = told
        return [Changed(told)]

    def _send(self, destination: str, message: Packet) -> list[Event]:
        return [Send((Mme(destination, self.mac, message),))]
