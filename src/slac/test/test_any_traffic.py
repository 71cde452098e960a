# SPDX-License-Identifier: Apache-2.0
"""Whatever comes, in whatever state: a next deadline or an outcome, never an exception.

CCS_STORM=1000000 plays a million inputs; without it they are a few thousand.
"""

import math
import os
import random

from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
import pytest
from scapy.packet import Raw

from plc_modem.homeplug import BROADCAST, LOCAL_MODEM, MalformedMme, Mme, build, dissect
from plc_modem.homeplug.keys import pseudonym
from plc_modem.homeplug.layer import BY_MMTYPE, version_of
from plc_modem.homeplug.matching import (
    CM_AMP_MAP_REQ,
    CM_ATTEN_CHAR_IND,
    CM_ATTEN_CHAR_RSP,
    CM_ATTEN_PROFILE_IND,
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_MATCH_REQ,
    CM_SLAC_PARM_CNF,
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
    CM_VALIDATE_CNF,
    CM_VALIDATE_REQ,
    MatchCnfField,
    MatchReqField,
)
from plc_modem.state import Modem, ModemState
from slac.ev.matching import EvMatching, Settings as EvSettings, State as EvState
from slac.evse.matching import EvseMatching, State as EvseState
from slac.evse.session import Settings as EvseSettings
from slac.values import LinkChanged, Pilot, Send, SetKey

EV, EVSE, MODEM, OTHER = (f'02:00:00:00:00:{n:02x}' for n in (0xE1, 0xE2, 0xAA, 0xE3))
MACS = st.sampled_from([EV, EVSE, MODEM, OTHER, BROADCAST])
GROUPS = st.sampled_from([b'', bytes(58), b'\x0b' * 58, b'\xff' * 58])
PILOTS = st.sampled_from(
    [Pilot(), Pilot(True, True), Pilot(True, True, edges=4), Pilot(True), Pilot(unplugged=True)]
)
OCTETS = st.tuples(st.sampled_from(sorted(BY_MMTYPE)), st.binary(max_size=140))


class Either(RuleBasedStateMachine):
    """One machine among any traffic; RunID and key are sometimes the right ones."""

    def __init__(self):
        super().__init__()
        self.now, self.key, self.link, self.run_ids = 0.0, b'', False, [bytes(8)]
        self.machine = self.make()

    def make(self):
        raise NotImplementedError

    def take(self, events):
        for event in events:
            match event:
                case Send(frames, _):
                    for frame in frames:
                        self.check(frame)
                        if run_id := getattr(frame.message, 'RunID', None):
                            self.run_ids.append(run_id)
                case SetKey(nmk, _):
                    self.key = nmk
                case LinkChanged(ready):
                    assert ready != self.link, 'the same link is told twice'
                    self.link = ready

    def check(self, frame):
        """Every frame of ours can be read."""
        assert build(dissect(build(frame))) == build(frame)

    @rule(seconds=st.floats(0, 3))
    def time_passes(self, seconds):
        self.now += seconds
        self.take(self.machine.tick(self.now))

    @rule()
    def deadline_comes(self):
        if self.machine.deadline is not None:
            self.now = max(self.now, self.machine.deadline)
            self.take(self.machine.tick(self.now))
            assert self.machine.deadline is None or self.machine.deadline > self.now

    @rule(pilot=PILOTS)
    def pilot(self, pilot):
        self.take(self.machine.pilot(pilot, self.now))

    @rule()
    def plugged_pilot(self):
        self.take(self.machine.pilot(Pilot(True, True), self.now))

    @rule(attempt=st.integers(0, 3))
    def attempt(self, attempt):
        self.take(self.machine.attempt(attempt, self.now))

    @rule(connected=st.booleans())
    def connected(self, connected):
        self.take(self.machine.connected(connected, self.now))

    @rule(state=st.sampled_from(ModemState), ours=st.booleans())
    def modem(self, state, ours):
        network = pseudonym(self.key) if ours else ''
        remote = (OTHER,) if state is ModemState.LINKED else ()
        self.take(self.machine.modem(Modem(state, MODEM, '', remote, network), self.now))

    @rule(source=MACS, destination=MACS, known=st.booleans(), groups=GROUPS, n=st.integers(0, 255))
    def message(self, source, destination, known, groups, n):
        run_id = self.run_ids[-1] if known else b'foreign!'
        for message in messages(run_id, groups, n):
            self.take(self.machine.receive(Mme(destination, source, message), self.now))

    @rule(source=MACS, kind=OCTETS)
    def octets(self, source, kind):
        mmtype, rest = kind
        start = bytes.fromhex((self.machine.mac + source).replace(':', '')) + b'\x88\xe1'
        header = bytes([version_of(mmtype)]) + mmtype.to_bytes(2, 'little')
        self.take_octets(start + header + rest)

    def take_octets(self, octets):
        try:
            mme = dissect(octets)
        except MalformedMme:
            return
        self.take(self.machine.receive(mme, self.now))

    @invariant()
    def status_is_fit_to_be_told(self):
        status = self.machine.status
        assert len(status.run_id) == 8
        assert len(status.heard) <= 64
        assert all(math.isnan(db) or 0 <= db <= 255 for _, db in status.heard)


def _match_field(run_id):
    return {'EVMAC': EV, 'EVSEMAC': EVSE, 'RunID': run_id}


MAKERS = [
    lambda run_id, groups, n: CM_SLAC_PARM_REQ(RunID=run_id),
    lambda run_id, groups, n: CM_SLAC_PARM_CNF(RunID=run_id, NumberMSounds=n),
    lambda run_id, groups, n: CM_START_ATTEN_CHAR_IND(RunID=run_id),
    lambda run_id, groups, n: CM_MNBC_SOUND_IND(RunID=run_id, Countdown=n),
    lambda run_id, groups, n: CM_ATTEN_PROFILE_IND(PEVMAC=EV, Groups=groups),
    lambda run_id, groups, n: CM_ATTEN_CHAR_IND(
        SourceAddress=EV, RunID=run_id, NumSounds=n, Groups=groups
    ),
    lambda run_id, groups, n: CM_ATTEN_CHAR_RSP(SourceAddress=EV, RunID=run_id, Result=n & 1),
    lambda run_id, groups, n: CM_VALIDATE_REQ(Timer=n),
    lambda run_id, groups, n: CM_VALIDATE_CNF(ToggleNum=n & 3, Result=n % 5),
    lambda run_id, groups, n: CM_AMP_MAP_REQ(),
    lambda run_id, groups, n: CM_SLAC_MATCH_REQ(
        MatchVariableFieldLen=0x3E, VariableField=MatchReqField(**_match_field(run_id))
    ),
    lambda run_id, groups, n: CM_SLAC_MATCH_CNF(
        MatchVariableFieldLen=0x56,
        VariableField=MatchCnfField(**_match_field(run_id), NMK=b'k' * 16, NetworkID=b'n' * 7),
    ),
]


def messages(run_id, groups, n):
    return [make(run_id, groups, n) for make in MAKERS]


class Vehicle(Either):
    def make(self):
        machine = EvMatching(EvSettings(), random.Random(1).randbytes)
        machine.mac = EV
        return machine

    @invariant()
    def keeps_its_word(self):
        """Whatever it waits for, it waits for no longer than a deadline."""
        waiting = self.machine.state not in (EvState.UNMATCHED, EvState.MATCHED, EvState.FAILED)
        assert not waiting or self.machine.deadline is not None
        assert (self.machine.state is EvState.MATCHED) == self.link
        assert not self.machine.status.show_c or self.machine.state is EvState.VALIDATING


class Charger(Either):
    def make(self):
        machine = EvseMatching(EvseSettings(), random.Random(2).randbytes)
        machine.mac = EVSE
        return machine

    @invariant()
    def keeps_its_word(self):
        assert (self.machine.state is not EvseState.UNMATCHED) == self.link
        assert self.machine.state is not EvseState.JOINING or self.machine.deadline is not None


STEPS = settings(max_examples=150, stateful_step_count=60, deadline=None)


@pytest.mark.parametrize('machine', [Vehicle, Charger])
def test_any_traffic_leaves_a_machine_sound(machine):
    case = machine.TestCase
    case.settings = STEPS
    case().runTest()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_entropy_is_all_that_tells_two_runs_apart(seed):
    def first_words(number):
        machine = EvMatching(EvSettings(), random.Random(number).randbytes)
        machine.mac = EV
        machine.modem(Modem(ModemState.FOUND, MODEM), 0.0)
        machine.attempt(1, 0.0)
        return machine.pilot(Pilot(True, True), 0.0)

    assert first_words(seed) == first_words(seed)


STORM = int(os.environ.get('CCS_STORM', '6000')) // 2  # of each machine
ALIVE = 400  # inputs after which a new machine begins
SOURCES = [EV, EVSE, MODEM, OTHER, BROADCAST, LOCAL_MODEM]
PROFILES = [b'', bytes(58), b'\x0b' * 58, b'\x0d' * 58, b'\xff' * 58, b'\x0b' * 255]


OF_CHARGERS = (CM_SLAC_PARM_CNF, CM_ATTEN_CHAR_IND, CM_SLAC_MATCH_CNF)
OF_CARS = (
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
    CM_MNBC_SOUND_IND,
    CM_ATTEN_PROFILE_IND,
    CM_SLAC_MATCH_REQ,
)


class Storm:
    """Draws one input after the other for a machine, and looks at it after each."""

    def __init__(self, kind, seed):
        self.kind, self.draw = kind, random.Random(seed)
        self.case, self.met, self.checked = kind(), set(), set()

    def play(self, steps):
        for number in range(steps):
            if number % ALIVE == 0:
                self.case = self.kind()
                self.case.check = self.check
                self.calm()
            self.blow()
            self.look()
        return self.met

    def check(self, frame):
        """Octets take most of the time: each kind of frame once."""
        kind = type(frame.message)
        if kind not in self.checked:
            self.checked.add(kind)
            assert build(dissect(build(frame))) == build(frame)

    def calm(self):
        """Plugged in, wanted, with a modem: without it most of a storm meets a machine at rest."""
        self.case.connected(False)
        self.case.modem(ModemState.FOUND, ours=False)
        self.case.modem(ModemState.READY, ours=True)
        self.case.attempt(self.draw.randrange(1, 4))
        self.case.pilot(Pilot(True, True, edges=0))

    def blow(self):
        case, draw = self.case, self.draw
        what = draw.random()
        if what < 0.05:
            self.lead()
        elif what < 0.50:
            self.message()
        elif what < 0.60:
            self.octets()
        elif what < 0.75:
            case.deadline_comes()
        elif what < 0.82:
            case.time_passes(draw.choice([0.0, 0.01, 0.2, 0.2, 3.0, 20.0]))
        elif what < 0.94:
            case.pilot(Pilot(True, True, edges=draw.choice([None, 0, 2, 4])))
        else:
            self.rare()

    def lead(self):
        """Go some way towards a match, or a storm would seldom meet one."""
        self.calm()
        case, to_car = self.case, self.case.machine.mac == EV
        source = EVSE if to_car else EV
        whole = messages(case.run_ids[-1], self.draw.choice(PROFILES[1:3]), 10)
        wanted = OF_CHARGERS if to_car else OF_CARS
        for message in (m for m in whole if type(m) in wanted):
            from_modem = isinstance(message, CM_ATTEN_PROFILE_IND)
            self.hear(Mme(case.machine.mac, MODEM if from_modem else source, message))
            if from_modem or isinstance(message, OF_CHARGERS[:2]):
                self.wait(4 if to_car else 1)
        if self.draw.random() < 0.5:
            case.modem(ModemState.LINKED, ours=True)

    def wait(self, deadlines):
        before = self.case.machine.state
        for _ in range(deadlines):
            if self.case.machine.state is before:
                self.case.pilot(Pilot(True, True, edges=0))
                self.case.deadline_comes()
                self.look()

    def rare(self):
        case, draw = self.case, self.draw
        draw.choice(
            [
                lambda: case.pilot(draw.choice([Pilot(), Pilot(True), Pilot(unplugged=True)])),
                lambda: case.attempt(draw.randrange(4)),
                lambda: case.connected(draw.random() < 0.3),
                lambda: case.modem(draw.choice(list(ModemState)), ours=draw.random() < 0.7),
            ]
        )()

    def message(self):
        """Send one message, most often one that could be meant, from where it could come."""
        draw, machine = self.draw, self.case.machine
        run_id = self.case.run_ids[-1] if draw.random() < 0.8 else draw.randbytes(8)
        theirs = EVSE if machine.mac == EV else EV
        source = draw.choice([theirs, theirs, OTHER, MODEM, draw.choice(SOURCES)])
        destination = machine.mac if draw.random() < 0.7 else draw.choice(SOURCES)
        chosen = draw.choice(MAKERS)(run_id, draw.choice(PROFILES), draw.randrange(256))
        self.hear(Mme(destination, source, chosen))

    def octets(self):
        """Send any octets: bare, behind a right header, or a right frame that is bent."""
        draw = self.draw
        head = bytes.fromhex((self.case.machine.mac + draw.choice(SOURCES)).replace(':', ''))
        mmtype = draw.choice(list(BY_MMTYPE))
        header = b'\x88\xe1' + bytes([version_of(mmtype)]) + mmtype.to_bytes(2, 'little')
        body = draw.randbytes(draw.choice([0, 1, 20, 46, 130, 1500]))
        frame = draw.choice([body, head + body, head + header + body, self.bent()])
        self.case.take_octets(frame)

    def bent(self):
        draw = self.draw
        whole = bytearray(build(Mme(self.case.machine.mac, OTHER, CM_SLAC_PARM_REQ())))
        for _ in range(draw.randrange(4)):
            whole[draw.randrange(len(whole))] = draw.randrange(256)
        return bytes(whole[: draw.randrange(len(whole) + 1)])

    def hear(self, mme):
        self.case.take(self.case.machine.receive(mme, self.case.now))
        self.look()

    def look(self):
        self.case.status_is_fit_to_be_told()
        self.case.keeps_its_word()
        machine = self.case.machine
        assert machine.deadline is None or math.isfinite(machine.deadline)
        self.met.add(machine.state.name)


@pytest.mark.parametrize(
    ('machine', 'states'),
    [
        (Vehicle, {'ASKING', 'SOUNDING', 'VALIDATING', 'REQUESTING', 'JOINING', 'MATCHED'}),
        (Charger, {'UNMATCHED', 'JOINING', 'MATCHED'}),
    ],
)
def test_a_storm_of_anything_leaves_a_deadline_or_an_outcome(machine, states):
    assert Storm(machine, seed=7).play(STORM) >= states


def test_what_is_no_message_at_all_is_nothing_to_a_machine():
    for kind in (Vehicle, Charger):
        storm = Storm(kind, seed=1)
        storm.calm()
        storm.hear(Mme(storm.case.machine.mac, OTHER, Raw(b'')))
        storm.look()
