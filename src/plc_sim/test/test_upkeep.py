# SPDX-License-Identifier: Apache-2.0
"""A modem's parameters read and written, played against a simulated modem in virtual time."""

import random

import pytest

from plc_modem import jobs
from plc_modem.homeplug import LOCAL_MODEM, Mme, build, dissect
from plc_modem.homeplug.module import VS_MODULE_OPERATION_REQ, Operation, piece_of
from plc_modem.modem import Send
from plc_modem.pib import Parameters, Role
from plc_modem.state import Modem, ModemState
from plc_modem.upkeep import Done, Refused, Upkeep
from plc_sim.channel import Settings
from plc_sim.line import FIRMWARE, Line, Outlet

HOST, MODEM = '02:00:00:00:00:01', '02:00:00:00:01:01'
SEEN = Modem(ModemState.FOUND, MODEM, FIRMWARE.decode())


class Bench:
    """A host with its modem; `said` is what the host asked, `mangle` what becomes of answers."""

    def __init__(self, restart_time=5.0):
        self.outlet = Outlet('pev', MODEM, False)
        self.memory = self.outlet.memory
        self.memory.forget()
        self.memory.start()
        settings = Settings(restart_time=restart_time)
        self.line = Line([self.outlet], settings, random.Random(1).randbytes)
        self.upkeep = Upkeep(HOST)
        self.now = 0.0
        self.said = []
        self.mangle = lambda message: message

    def do(self, steps):
        """Play a job to its end, and return how it ended."""
        events = self.upkeep.begin(steps, self.now, MODEM)
        while True:
            for event in events:
                if isinstance(event, Done):
                    return event
            sent = [event for event in events if isinstance(event, Send)]
            events = self.carry(sent) if sent else self.wait()

    def carry(self, sent):
        events = []
        for one in sent:
            self.said.append(one.mme.message)
            for answer in self.line.receive('pev', build(one.mme), self.now):
                mme = dissect(answer.octets)
                message = self.mangle(mme.message)
                if message is not None:
                    back = Mme(mme.destination, mme.source, message)
                    events += self.upkeep.receive(dissect(build(back)), self.now)
        return events or self.wait()

    def wait(self):
        self.now = self.upkeep.deadline
        self.line.tick(self.now)
        return self.upkeep.tick(self.now)

    def operations(self):
        return [m.Operation for m in self.said if isinstance(m, VS_MODULE_OPERATION_REQ)]


@pytest.fixture
def bench():
    return Bench()


def test_the_parameters_come_in_pieces_of_1400_octets(bench):
    done = bench.do(jobs.read())
    assert done.result.octets == bench.memory.flash.octets
    assert done.result.role is Role.NONE
    offsets = [piece_of(message).offset for message in bench.said]
    assert offsets == list(range(0, len(done.result.octets), 1400))


@pytest.mark.parametrize('role', ['pev', 'evse'])
def test_a_role_is_written_counts_after_the_restart_and_is_read_back(bench, role):
    before = bench.do(jobs.read()).result
    wanted = jobs.wanted(before, None, role, SEEN)
    done = bench.do(jobs.write(wanted))
    assert (done.reason, done.result.role) == ('', Role(role))
    assert bench.outlet.role is Role(role)
    assert bench.now >= 5.0  # it was away meanwhile
    order = bench.operations()
    assert order.index(Operation.START_SESSION) < order.index(Operation.WRITE)
    assert order.index(Operation.CLOSE_SESSION) > order.index(Operation.WRITE)
    assert order[-1] == Operation.READ_MEMORY


def test_what_was_kept_can_be_written_back(bench):
    before = bench.do(jobs.read()).result
    bench.do(jobs.write(before.of_role(Role.EVSE)))
    assert jobs.wanted(before.of_role(Role.EVSE), before, '', SEEN) is before
    done = bench.do(jobs.write(before))
    assert done.result.octets == before.octets
    assert bench.outlet.role is Role.NONE


def test_factory_defaults_take_the_role_away(bench):
    bench.do(jobs.write(bench.memory.flash.of_role(Role.PEV)))
    assert bench.do(jobs.factory_defaults()).result == FIRMWARE.decode()
    assert bench.outlet.role is Role.NONE


def test_a_lost_answer_is_asked_for_again(bench):
    chance = random.Random(5)
    bench.mangle = lambda message: message if chance.random() < 0.7 else None
    assert bench.do(jobs.read()).result.octets == bench.memory.flash.octets


def test_a_modem_that_is_silent_is_left_as_it_was(bench):
    before = bench.memory.flash
    bench.mangle = lambda _: None
    assert bench.do(jobs.read()).reason.startswith('the modem does not answer; its parameters')
    assert bench.do(jobs.write(before.of_role(Role.PEV))).reason.endswith('as they were')
    assert bench.memory.flash is before
    assert 'does not answer' in bench.do(jobs.firmware()).reason


@pytest.mark.parametrize('operation', [o for o in Operation if o != Operation.READ_FLASH])
def test_a_modem_that_refuses_is_told_with_its_status(bench, operation):
    def refuse(message):
        if getattr(message, 'Operation', None) == operation:
            message.Status = 0x1234
        return message

    bench.mangle = refuse
    steps = jobs.write(bench.memory.flash.of_role(Role.PEV))
    assert 'refuses (status 0x1234)' in bench.do(steps).reason


def test_a_modem_that_kept_other_parameters_than_were_written_is_told(bench):
    bench.memory.start = lambda: None
    reason = bench.do(jobs.write(bench.memory.flash.of_role(Role.PEV))).reason
    assert 'other parameters than were written' in reason


def test_a_modem_that_does_not_come_back_is_told():
    bench = Bench(restart_time=1000.0)
    reason = bench.do(jobs.write(bench.memory.flash.of_role(Role.PEV))).reason
    assert 'did not come back' in reason


def test_octets_that_are_no_pib_are_refused_and_never_written(bench):
    bench.memory.memory = type('Odd', (), {'octets': bytes(3000), 'role': Role.NONE})
    reason = bench.do(jobs.read()).reason
    assert 'layout that is not known here (there is no header' in reason


def test_a_modem_without_end_is_given_up(bench):
    endless = type('Odd', (), {'__getitem__': lambda _, part: bytes(part.stop - part.start)})
    bench.memory.memory = type('Odd', (), {'octets': endless(), 'role': Role.NONE})
    assert 'do not end' in bench.do(jobs.read()).reason


def test_the_answer_of_another_modem_does_not_count(bench):
    bench.upkeep.begin(jobs.firmware(), 0.0, MODEM)
    [mme] = [
        dissect(one.octets)
        for one in bench.line.receive('pev', build(Mme(LOCAL_MODEM, HOST, asks())), 0.0)
    ]
    foreign = Mme(HOST, '02:00:00:00:01:99', mme.message)
    assert bench.upkeep.receive(foreign, 0.1) == []
    assert bench.upkeep.receive(mme, 0.1) == [Done(FIRMWARE.decode())]


def asks():
    from plc_modem.homeplug.station import VS_SW_VER_REQ

    return VS_SW_VER_REQ()


def test_one_job_at_a_time(bench):
    bench.upkeep.begin(jobs.read(), 0.0, MODEM)
    with pytest.raises(Refused, match='already'):
        bench.upkeep.begin(jobs.read(), 0.1, MODEM)
    assert bench.upkeep.abandon('gone') == [Done(reason='gone')]
    assert bench.upkeep.abandon('gone') == []


@pytest.mark.parametrize(
    ('modem', 'charging', 'why'),
    [
        (SEEN, True, 'a session runs'),
        (Modem(ModemState.LINKED, MODEM), False, 'in an AVLN with another'),
        (Modem(ModemState.SEARCHING), False, 'the modem is searching'),
        (Modem(ModemState.RESTARTING, MODEM), False, 'the modem is restarting'),
    ],
)
def test_no_modem_is_worked_on_while_it_is_needed_or_away(modem, charging, why):
    with pytest.raises(Refused, match=why):
        jobs.permit(modem, charging)


def test_the_wrong_role_and_the_file_of_another_modem_are_refused(bench):
    before = bench.memory.flash
    with pytest.raises(Refused, match="'robot' is no role"):
        jobs.wanted(before, None, 'robot', SEEN)
    other = Outlet('x', '02:00:00:00:01:77', True).memory.flash
    with pytest.raises(ValueError, match='it holds the address 02:00:00:00:01:77'):
        jobs.wanted(before, other, '', SEEN)


def test_a_simulated_modem_refuses_a_session_that_is_not_what_was_announced(bench):
    from plc_modem.homeplug.module import announce, commit, write_piece

    def status(request):
        return bench.memory.answer(dissect(build(Mme(LOCAL_MODEM, HOST, request))).message).Status

    assert status(write_piece(0, bytes(8))) != 0
    assert status(announce(8, 0)) == 0
    assert status(write_piece(4, bytes(4))) != 0
    assert status(write_piece(0, bytes(8))) == 0
    assert status(commit()) != 0
    assert status(commit()) != 0
    assert isinstance(bench.memory.flash, Parameters)
