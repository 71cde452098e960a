# SPDX-License-Identifier: Apache-2.0
"""The partners of real captures play against our machines, in the place of who was recorded.

Each recorded frame of the other side comes as long after our frame as it came after the frame of
the replaced stack that caused it: the last one before it. Our machine has the MAC address and the
RunID of that stack. What the partner said again for want of an answer, it does not say once ours
has come.
"""

from collections import Counter
from dataclasses import dataclass
from math import inf

from captured import SHORTEST, UNCLEAN, WITH_SLAC, each_of, frames_of, named

from plc_modem.homeplug import BROADCAST, MalformedMme, Mme, build, dissect, is_homeplug
from plc_modem.homeplug.keys import pseudonym
from plc_modem.homeplug.matching import (
    CM_ATTEN_CHAR_IND,
    CM_ATTEN_CHAR_RSP,
    CM_ATTEN_PROFILE_IND,
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_MATCH_REQ,
    CM_SLAC_PARM_CNF,
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
)
from plc_modem.state import Modem, ModemState
from slac.ev.matching import EvMatching, Settings as EvSettings
from slac.evse.matching import EvseMatching
from slac.evse.session import Settings as EvseSettings
from slac.values import Changed, Phase, Pilot, Send, SetKey

TAYCANS = named('2023-05-03_Taycan')

OF_CARS = (
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
    CM_MNBC_SOUND_IND,
    CM_ATTEN_CHAR_RSP,
    CM_SLAC_MATCH_REQ,
)
OF_CHARGERS = (CM_SLAC_PARM_CNF, CM_ATTEN_CHAR_IND, CM_SLAC_MATCH_CNF)
PLUGGED = Pilot(plugged=True, digital=True)
MODEM, ITS_MODEM = '02:00:00:00:00:aa', '02:00:00:00:00:bb'
RESTART = 4.0  # s, what an AR7420 takes for a key
MESSAGE_AT = 19  # octets before the message of a frame
SAME_FRAME = 0.001  # s within which the same octets are the same frame
LASTING = 20.0  # s after the last frame in which an error of ours would show


@dataclass(frozen=True)
class Recorded:
    """One frame: when (s), and what."""

    time: float
    octets: bytes
    mme: Mme

    @property
    def kind(self):
        return type(self.mme.message)


WAITING = 'no charger answers CM_SLAC_PARM.REQ'  # yet (lesson 58)


class Capture:
    """The SLAC half of a recorded session: the first matching in it that came to its end."""

    def __init__(self, file):
        frames = [one for one in recorded(file) if one.kind in (*OF_CARS, *OF_CHARGERS)]
        confirmed = [f for f in frames if f.kind is CM_SLAC_MATCH_CNF]
        self.confirmed = confirmed[0].mme.message.VariableField if confirmed else None
        asked = [f for f in frames if f.kind is CM_SLAC_PARM_REQ]
        [begun, *_] = [
            f for f in asked if not confirmed or f.mme.message.RunID == self.confirmed.RunID
        ]
        self.begun, self.car, self.run_id = begun.time, begun.mme.source, begun.mme.message.RunID
        later = [f.time for f in asked if confirmed and f.time > confirmed[0].time]
        self.next_begun = min(later, default=inf)
        answered = confirmed or [f for f in frames if f.kind is CM_SLAC_PARM_CNF]
        self.charger = answered[0].mme.source
        self.of_car = [f for f in frames if f.mme.source == self.car and f.kind in OF_CARS]
        self.of_chargers = [f for f in frames if f.kind in OF_CHARGERS]
        self.of_charger = [f for f in self.of_chargers if f.mme.source == self.charger]
        reports = [f.mme.message for f in self.of_charger if f.kind is CM_ATTEN_CHAR_IND]
        self.profile = reports[0].Groups if reports else b''
        self.is_about_the_car = not reports or reports[0].SourceAddress == self.car

    def of_it(self, frames):
        """Return those that are not of another matching before or after it."""
        return [frame for frame in frames if self.begun <= frame.time < self.next_begun]


def recorded(file):
    """Yield the HomePlug frames; a recorder at two ports has seen each of a side's twice."""
    before = (0.0, b'')
    for time, octets in frames_of(file):
        seen_twice = octets == before[1] and time - before[0] < SAME_FRAME
        before = (time, octets)
        try:
            if is_homeplug(octets) and not seen_twice:
                mme = dissect(octets)
                yield Recorded(time, clean(octets, mme) if file in UNCLEAN else octets, mme)
        except MalformedMme:
            continue


def clean(octets, mme):
    """Return a frame with zeros for what its sender left behind the message."""
    return octets[: MESSAGE_AT + len(bytes(mme.message))].ljust(SHORTEST, b'\0')


class Partner:
    """The other side: its frames, each with the frame of the replaced stack that caused it."""

    def __init__(self, frames, causes):
        self.waiting = []  # (number of the cause among its kind or None, delay in s, frame)
        for frame in frames:
            before = [cause for cause in causes if cause.time <= frame.time]
            cause = before[-1] if before else None
            number = (cause.kind, sum(c.kind is cause.kind for c in before)) if cause else None
            since = cause.time if cause else frames[0].time
            self.waiting.append((number, frame.time - since, frame))

    def begin(self):
        """Return what it says by itself, as (delay, frame)."""
        return [(delay, frame) for number, delay, frame in self.waiting if number is None]

    def answers(self, number):
        """Return what our frame brings about, as (delay, frame); what came before is left out."""
        due = [i for i, (cause, _, _) in enumerate(self.waiting) if cause == number]
        if not due:
            return []
        found = [self.waiting[i][1:] for i in due]
        self.waiting = self.waiting[due[-1] + 1 :]
        return found


class Play:
    """Our machine, its modem, and the partner, in virtual time."""

    def __init__(self, machine, partner, modem_mac=MODEM):
        self.machine, self.partner, self.modem_mac = machine, partner, modem_mac
        self.now, self.order, self.counts = 0.0, 0, Counter()
        self.sent, self.heard = [], []
        self.phases, self.keys, self.reasons = [], [], []
        self.coming = []  # (when, number, act)
        self.pending = 0  # frames of the partner that are on their way
        self.network = ''  # that a charger has made, and lets a car into
        self.profile = None  # what our own modem measures of a sound

    def later(self, delay, act):
        self.order += 1
        self.coming.append((self.now + delay, self.order, act))

    def run(self):
        for delay, frame in self.partner.begin():
            self.hear_later(delay, frame, spontaneous=True)
        until = LASTING
        while self.now < until:
            due = [when for when, _, _ in self.coming]
            due += [self.machine.deadline] if self.machine.deadline is not None else []
            self.now = max(self.now, min([*due, self.now + 0.2]))
            self.step()
            if self.pending or self.waits_for_more:
                until = self.now + LASTING
        return self

    def said(self, kind):
        return [mme for _, mme in self.sent if type(mme.message) is kind]

    def asked(self):
        return [frame for frame in self.heard if frame.kind is CM_SLAC_PARM_REQ]

    @property
    def waits_for_more(self):
        """The charger of a capture may answer the twentieth request only (lesson 58)."""
        asking = self.machine.status.phase is Phase.MATCHING and self.partner.waiting
        return bool(asking) and self.now < 60.0

    def step(self):
        ready = sorted(one for one in self.coming if one[0] <= self.now)
        self.coming = [one for one in self.coming if one[0] > self.now]
        for _, _, act in ready:
            act()
        self.take(self.machine.pilot(PLUGGED, self.now))
        self.take(self.machine.tick(self.now))

    def hear_later(self, delay, frame, spontaneous=False):
        self.pending += 1

        def hear():
            self.pending -= 1
            if spontaneous and frame not in [waiting for _, _, waiting in self.partner.waiting]:
                return  # said for want of an answer that has come
            self.heard.append(frame)
            self.take(self.machine.receive(frame.mme, self.now))
            if self.profile is not None and frame.kind is CM_MNBC_SOUND_IND:
                profile = CM_ATTEN_PROFILE_IND(PEVMAC=frame.mme.source, Groups=self.profile)
                mme = Mme(BROADCAST, self.modem_mac, profile)
                self.take(self.machine.receive(mme, self.now))

        self.later(delay, hear)

    def take(self, events):
        for event in events:
            match event:
                case Send(frames, spacing):
                    for number, frame in enumerate(frames):
                        self.later(number * spacing, lambda frame=frame: self.say(frame))
                case SetKey(nmk, nid):
                    self.keys.append((nmk, nid))
                    self.restart(nmk)
                case Changed(status):
                    self.phases.append(status.phase)
                    self.reasons.append(status.reason)
                    if self.network and status.phase is Phase.JOINING:  # the car's modem joins
                        self.later(RESTART, lambda: self.link(self.network))

    def say(self, mme):
        self.sent.append((self.now, dissect(build(mme))))
        kind = type(mme.message)
        self.counts[kind] += 1
        for delay, frame in self.partner.answers((kind, self.counts[kind])):
            self.hear_later(delay, frame)

    def restart(self, nmk):
        network = pseudonym(nmk)

        def become(state, others=()):
            modem = Modem(state, self.modem_mac, '', others, network)
            self.take(self.machine.modem(modem, self.now))

        self.later(0.01, lambda: become(ModemState.RESTARTING))
        self.later(RESTART, lambda: become(ModemState.READY))
        self.later(RESTART + 0.5, lambda: self.link(network))

    def link(self, network):
        if self.machine.status.phase is Phase.JOINING:
            linked = Modem(ModemState.LINKED, self.modem_mac, '', (ITS_MODEM,), network)
            self.take(self.machine.modem(linked, self.now))
            for connected in (True, False):  # its session has come and gone
                self.take(self.machine.connected(connected, self.now))


def vehicle_in(capture):
    machine = EvMatching(EvSettings(), lambda n: (capture.run_id * 3)[:n])
    machine.mac = capture.car
    of_chargers, of_car = map(capture.of_it, (capture.of_chargers, capture.of_car))
    play = Play(machine, Partner(of_chargers, of_car))
    play.take(machine.modem(Modem(ModemState.FOUND, MODEM), 0.0))
    play.take(machine.attempt(1, 0.0))
    return play.run()


def charger_in(capture):
    synthetic = not capture.profile
    machine = EvseMatching(EvseSettings(synthetic_attenuation=synthetic), lambda n: b'k' * n)
    machine.mac = capture.charger
    play = Play(machine, Partner(capture.of_car, capture.of_charger))
    play.profile = capture.profile
    [key] = machine.modem(Modem(ModemState.FOUND, MODEM), 0.0)
    play.network = pseudonym(key.nmk)
    play.take(machine.modem(Modem(ModemState.READY, MODEM, network=play.network), 0.0))
    play.take(machine.pilot(PLUGGED, 0.0))
    play.take(machine.attempt(1, 0.0))
    return play.run()


FREE = {  # octets that differ from play to play
    CM_MNBC_SOUND_IND: range(55, 71),  # random
    # two of them told 1 s, which a Compleo does not take (lesson 7)
    CM_START_ATTEN_CHAR_IND: [22],
    CM_SLAC_MATCH_CNF: [*range(85, 92), *range(93, 109)],  # NID, NMK
}
OF_ONE_ABOUT_ITSELF = {  # its report has its own MAC for the vehicle's, and its name
    CM_SLAC_PARM_CNF: [*range(19, 25), 26],  # and its sounds go to the vehicle, for 5 s
    CM_ATTEN_CHAR_IND: [*range(21, 27), *range(52, 69)],
    CM_SLAC_MATCH_CNF: [*FREE[CM_SLAC_MATCH_CNF], *range(46, 63)],
}


def check_octets(play, recorded, free=FREE):
    """The first of each kind that we said is octet for octet what was said there."""
    first = {f.kind: f.octets for f in reversed(recorded)}
    for kind in first.keys() & play.counts.keys():
        ours, theirs = build(play.said(kind)[0]), first[kind]
        differ = {n for n, pair in enumerate(zip(ours, theirs, strict=True)) if len({*pair}) > 1}
        assert differ <= {*free.get(kind, ())}, kind.__name__


@each_of(WITH_SLAC)
def test_every_captured_charger_takes_our_vehicle_as_far_as_the_one_that_was_there(file):
    capture = Capture(file)
    play = vehicle_in(capture)
    check_octets(play, capture.of_it(capture.of_car))
    if not capture.is_about_the_car:
        assert not play.said(CM_ATTEN_CHAR_RSP)
        assert Phase.MATCHED not in play.phases
        return
    assert Phase.FAILED not in play.phases
    assert {*play.reasons} <= {'', WAITING}, 'no matching was begun anew'
    if capture.confirmed is None:  # a charger that echoes no RunID: asked on and on
        assert play.machine.status.phase is Phase.MATCHING
        return
    assert play.machine.status.phase is Phase.MATCHED
    assert play.keys == [(capture.confirmed.NMK, capture.confirmed.NetworkID)]
    assert play.machine.status.peer_mac == capture.charger
    assert play.counts[CM_MNBC_SOUND_IND] == 10


@each_of(WITH_SLAC)
def test_every_captured_vehicle_is_taken_by_our_charger_as_far_as_by_the_one_that_was_there(file):
    capture = Capture(file)
    play = charger_in(capture)
    answered = [mme.message.RunID for mme in play.said(CM_SLAC_PARM_CNF)]
    assert answered
    assert answered == [frame.mme.message.RunID for frame in play.asked()]
    assert Phase.FAILED not in play.phases
    if capture.confirmed is None:
        return
    free = FREE if capture.is_about_the_car else FREE | OF_ONE_ABOUT_ITSELF
    check_octets(play, capture.of_charger, free)
    confirmed, report = play.said(CM_SLAC_MATCH_CNF)[0], play.said(CM_ATTEN_CHAR_IND)[0]
    assert confirmed.message.VariableField.RunID == capture.confirmed.RunID
    assert report.message.Groups == capture.profile
    assert Phase.MATCHED in play.phases


@each_of(TAYCANS)
def test_lesson_01_each_run_id_of_a_taycan_is_echoed_octet_for_octet(file):
    play = charger_in(Capture(file))
    asked = [frame.octets[21:29] for frame in play.asked()]
    assert [build(mme)[36:44] for mme in play.said(CM_SLAC_PARM_CNF)] == asked
    assert len(set(asked)) > 1
