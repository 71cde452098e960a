# SPDX-License-Identifier: Apache-2.0
"""Any octets at any time into the machines of this package: a deadline or an outcome, no more.

STEPS=1000000 python3 -m pytest src/plc_modem/test/test_storm.py  # as many for each machine
"""

import os

from hypothesis import HealthCheck, given, settings, strategies as st

from plc_modem import jobs
from plc_modem.homeplug import MalformedMme, dissect
from plc_modem.homeplug.keys import nid_of, without_keys
from plc_modem.homeplug.layer import BY_MMTYPE, version_of
from plc_modem.homeplug.module import (
    VS_MODULE_OPERATION_CNF,
    Operation,
    commit,
    confirm,
    read_piece,
    write_piece,
)
from plc_modem.homeplug.station import (
    CM_GET_KEY_CNF,
    CM_SET_KEY_CNF,
    VS_LNK_STATUS_CNF,
    VS_RS_DEV_CNF,
    VS_SW_VER_CNF,
)
from plc_modem.modem import RESTART_TIME, Changed, ModemMachine, Send
from plc_modem.pib import Parameters, chain
from plc_modem.qca7005.bursts import LONGEST, SHORTEST, to_host
from plc_modem.qca7005.host import Qca7005Host, Received, Started, State, Stopped
from plc_modem.qca7005.registers import BUFFER, SIGNATURE
from plc_modem.state import ModemState
from plc_modem.upkeep import Done, Upkeep

HOST, LOCAL, OTHER = '02:00:00:00:00:e1', '02:00:00:00:00:aa', '02:00:00:00:00:bb'
NMK = bytes(range(16))
NID = nid_of(NMK)
LENGTH = 40  # steps of one play
PLAYS = max(1, int(os.environ.get('STEPS', '4000')) // LENGTH)
STORM = settings(
    max_examples=PLAYS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    database=None,
)


def plays(step):
    return st.lists(step, min_size=LENGTH, max_size=LENGTH)


MESSAGES = st.sampled_from(
    [
        VS_SW_VER_CNF(Version=b'MAC-QCA7420'),
        CM_SET_KEY_CNF(Result=1),
        CM_SET_KEY_CNF(Result=0),
        CM_GET_KEY_CNF(NetworkID=NID),
        VS_LNK_STATUS_CNF(LinkStatus=1),
        VS_RS_DEV_CNF(),
        confirm(read_piece(0), 0, bytes(1400)),
        confirm(read_piece(1400), 0, bytes(100)),
        confirm(write_piece(0, bytes(8)), 0),
        confirm(commit(), 0),
        VS_MODULE_OPERATION_CNF(Operation=Operation.START_SESSION),
        VS_MODULE_OPERATION_CNF(Operation=Operation.WRITE, Status=7),
    ]
)
OCTETS = st.tuples(st.sampled_from(sorted(BY_MMTYPE)), st.binary(max_size=80))
SOURCES = st.sampled_from([LOCAL, OTHER, HOST])
HEARD = st.one_of(
    st.tuples(st.just('octets'), st.tuples(OCTETS, SOURCES)),
    st.tuples(st.just('message'), st.tuples(MESSAGES, SOURCES)),
    st.tuples(st.just('wait'), st.floats(0, 10)),
)


def frame(mmtype, rest, source):
    way = bytes.fromhex((HOST + source).replace(':', ''))
    header = b'\x88\xe1' + bytes([version_of(mmtype)]) + mmtype.to_bytes(2, 'little')
    return way + header + rest


def mme_of(what, value):
    """What a host makes of a frame; None: it is malformed."""
    from plc_modem.homeplug import Mme, build

    message, source = value
    octets = frame(*message, source) if what == 'octets' else build(Mme(HOST, source, message))
    assert len(without_keys(octets)) == len(octets)
    try:
        return dissect(octets)
    except MalformedMme:
        return None


@STORM
@given(
    plays(
        HEARD
        | st.tuples(st.just('key'), st.binary(min_size=16, max_size=16))
        | st.tuples(st.just('restarted'), st.none())
        | st.tuples(st.sampled_from(['work', 'work_ended']), st.none())
    ),
    st.booleans(),
)
def test_whatever_a_modem_machine_hears_it_has_one_next_deadline(steps, factory_defaults):
    machine, now = ModemMachine(HOST, 0.0, factory_defaults=factory_defaults), 0.0
    worked_on = False
    for what, value in steps:
        events = []
        match what:
            case 'wait':
                now += value
                events = machine.tick(now)
            case 'key':
                events = machine.set_key(value, nid_of(value), now)
            case 'restarted':
                events = machine.restarted(now)
            case 'work' | 'work_ended':
                events, worked_on = getattr(machine, what)(now), what == 'work'
            case _ if (mme := mme_of(what, value)) is not None:
                events = machine.receive(mme, now)
        assert all(isinstance(event, Send | Changed) for event in events)
        assert [e.modem for e in events if isinstance(e, Changed)][-1:] in ([], [machine.modem])
        assert (machine.deadline is None) == worked_on
        assert worked_on or machine.deadline <= now + RESTART_TIME
        assert machine.modem.state in ModemState


def parameters():
    pib = bytearray(16320)
    pib[4:6] = (16320).to_bytes(2, 'little')
    return Parameters(chain((0x0F, bytes(pib))))


KEPT = parameters()
JOBS = (
    jobs.read,
    jobs.reset,
    jobs.firmware,
    jobs.factory_defaults,
    lambda: jobs.write(KEPT),
)


@STORM
@given(
    plays(
        HEARD
        | st.tuples(st.just('begin'), st.sampled_from(JOBS))
        | st.tuples(st.just('abandon'), st.none())
    )
)
def test_whatever_a_job_hears_it_has_a_deadline_or_one_outcome(steps):
    upkeep, now, begun, ended = Upkeep(HOST), 0.0, 0, 0
    for what, value in steps:
        events = []
        match what:
            case 'wait':
                now += value
                events = upkeep.tick(now)
            case 'begin' if not upkeep.busy:
                begun += 1
                events = upkeep.begin(value(), now, LOCAL)
            case 'abandon':
                events = upkeep.abandon('left')
            case 'octets' | 'message' if (mme := mme_of(what, value)) is not None:
                events = upkeep.receive(mme, now)
        ended += sum(isinstance(event, Done) for event in events)
        assert begun - ended == upkeep.busy
        assert (upkeep.deadline is not None) == upkeep.busy


ANSWERS = st.one_of(
    st.binary(max_size=64),
    st.sampled_from([SIGNATURE, BUFFER, 0, 1, 64, 0xFFFF]).map(
        lambda word: bytes(2) + word.to_bytes(2)
    ),
    st.binary(min_size=60, max_size=200).map(lambda octets: bytes(2) + to_host(octets)),
)
BUS = st.one_of(
    st.tuples(st.just('poll'), st.tuples(st.floats(0, 2), st.lists(ANSWERS, max_size=8))),
    st.tuples(st.just('flush'), st.tuples(st.floats(0, 2), st.lists(ANSWERS, max_size=8))),
    st.tuples(st.just('send'), st.binary(max_size=200)),
)


@STORM
@given(plays(BUS))
def test_whatever_a_bus_answers_the_host_ends_its_transfers_with_events(steps):
    host, now = Qca7005Host(), 0.0
    for what, value in steps:
        if what == 'send':
            assert host.send(value) in (True, False)
            continue
        time, answers = value
        now += time
        for event in transfers(getattr(host, what)(now), answers):
            assert isinstance(event, Received | Started | Stopped)
            if isinstance(event, Received):
                assert SHORTEST <= len(event.octets) <= LONGEST
        assert host.state in State


def transfers(steps, answers):
    """Play steps on a bus that answers in turn, again and again; they must end."""
    asked, count = next(steps, None), 0
    while asked is not None:
        answer = answers[count % len(answers)] if answers else b'\xff' * len(asked)
        count += 1
        assert count < 1000
        try:
            asked = steps.send(answer.ljust(len(asked), b'\0')[: len(asked)])
        except StopIteration as end:
            return end.value
    return []
