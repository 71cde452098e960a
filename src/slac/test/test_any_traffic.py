# SPDX-License-Identifier: Apache-2.0
"""Whatever comes, in whatever state: a next deadline or an outcome, never an exception."""

import math
import random

from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
import pytest

from plc_modem.homeplug import BROADCAST, MalformedMme, Mme, build, dissect
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
PILOTS = st.sampled_from([Pilot(), Pilot(True, True), Pilot(True), Pilot(unplugged=True)])
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
                        assert dissect(build(frame)).message == frame.message
                        if run_id := getattr(frame.message, 'RunID', None):
                            self.run_ids.append(run_id)
                case SetKey(nmk, _):
                    self.key = nmk
                case LinkChanged(ready):
                    assert ready != self.link, 'the same link is told twice'
                    self.link = ready

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
        for message in messages(run_id, groups, n, source):
            self.take(self.machine.receive(Mme(destination, source, message), self.now))

    @rule(source=MACS, kind=OCTETS)
    def octets(self, source, kind):
        mmtype, rest = kind
        start = bytes.fromhex((self.machine.mac + source).replace(':', '')) + b'\x88\xe1'
        header = bytes([version_of(mmtype)]) + mmtype.to_bytes(2, 'little')
        try:
            mme = dissect(start + header + rest)
        except MalformedMme:
            return
        self.take(self.machine.receive(mme, self.now))

    @invariant()
    def status_is_fit_to_be_told(self):
        status = self.machine.status
        assert len(status.run_id) == 8
        assert len(status.heard) <= 64
        assert all(math.isnan(db) or 0 <= db <= 255 for _, db in status.heard)


def messages(run_id, groups, n, source):
    match_field = {'EVMAC': EV, 'EVSEMAC': EVSE, 'RunID': run_id}
    return [
        CM_SLAC_PARM_REQ(RunID=run_id),
        CM_SLAC_PARM_CNF(RunID=run_id, NumberMSounds=n),
        CM_START_ATTEN_CHAR_IND(RunID=run_id),
        CM_MNBC_SOUND_IND(RunID=run_id, Countdown=n),
        CM_ATTEN_PROFILE_IND(PEVMAC=EV, Groups=groups),
        CM_ATTEN_CHAR_IND(SourceAddress=EV, RunID=run_id, NumSounds=n, Groups=groups),
        CM_ATTEN_CHAR_RSP(SourceAddress=EV, RunID=run_id, Result=n & 1),
        CM_VALIDATE_REQ(Timer=n),
        CM_AMP_MAP_REQ(),
        CM_SLAC_MATCH_REQ(MatchVariableFieldLen=0x3E, VariableField=MatchReqField(**match_field)),
        CM_SLAC_MATCH_CNF(
            MatchVariableFieldLen=0x56,
            VariableField=MatchCnfField(**match_field, NMK=b'k' * 16, NetworkID=b'n' * 7),
        ),
    ]


class Vehicle(Either):
    def make(self):
        machine = EvMatching(EvSettings(), random.Random(1).randbytes)
        machine.mac = EV
        return machine

    @invariant()
    def waits_for_something_while_it_is_matching(self):
        waiting = self.machine.state not in (EvState.UNMATCHED, EvState.MATCHED, EvState.FAILED)
        assert not waiting or self.machine.deadline is not None
        assert (self.machine.state is EvState.MATCHED) == self.link


class Charger(Either):
    def make(self):
        machine = EvseMatching(EvseSettings(), random.Random(2).randbytes)
        machine.mac = EVSE
        return machine

    @invariant()
    def has_a_link_with_the_one_it_let_in(self):
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
