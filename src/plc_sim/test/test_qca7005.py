# SPDX-License-Identifier: Apache-2.0
"""The host's side of a QCA7005 against one in software, in virtual time."""

import random

from hypothesis import given, settings, strategies as st
import pytest

from plc_modem.qca7005 import registers
from plc_modem.qca7005.bursts import to_host
from plc_modem.qca7005.host import (
    EMPTY_TIME,
    MISSING_TIME,
    QUEUE,
    RESET_TIME,
    STUCK_TIME,
    Qca7005Host,
    Received,
    Started,
    State,
    Stopped,
    play,
)
from plc_modem.qca7005.registers import BUFFER, Cause, Register
from plc_sim.qca7005 import REBOOT_TIME, Fault, SoftwareQca7005

POLL = 0.01


def frame(number, length=60):
    return bytes(12) + b'\x86\xdd' + number.to_bytes(2) + bytes(length - 16)


class Bus:
    """A host and a modem that it polls; what the host was told, and what crossed the bus."""

    def __init__(self):
        self.modem = SoftwareQca7005()
        self.host = Qca7005Host()
        self.now = 0.0
        self.told = []
        self.transfers = []

    def transfer(self, octets):
        self.transfers.append(octets)
        return self.modem.transfer(octets, self.now)

    def poll(self, times=1):
        for _ in range(times):
            self.now += POLL
            self.told += play(self.host.poll(self.now), self.transfer)

    def run(self, seconds):
        self.poll(round(seconds / POLL))

    def send(self, octets):
        taken = self.host.send(octets)
        self.told += play(self.host.flush(self.now), self.transfer)
        return taken

    @property
    def frames(self):
        return [event.octets for event in self.told if isinstance(event, Received)]

    @property
    def changes(self):
        return [event for event in self.told if not isinstance(event, Received)]

    def line(self):
        """What the modem has given to the line since this was asked last."""
        frames = list(self.modem.to_line)
        self.modem.to_line.clear()
        return frames


@pytest.fixture
def bus():
    """A bus whose modem is there."""
    made = Bus()
    made.poll()
    assert made.changes == [Started()]
    made.told.clear()
    return made


def test_a_modem_is_found_with_the_first_poll_and_frames_cross_in_both_directions(bus):
    assert bus.send(frame(1, 1514))
    assert bus.line() == [frame(1, 1514)]
    for number in range(2):
        bus.modem.hear(frame(number, 60 + number), bus.now)
    bus.poll()
    assert bus.frames == [frame(0), frame(1, 61)]


def test_a_frame_to_the_modem_has_at_least_60_octets(bus):
    bus.send(b'short')
    assert bus.line() == [b'short'.ljust(60, b'\0')]


def test_the_command_words_and_sizes_on_the_bus_are_those_of_the_chip(bus):
    bus.transfers.clear()
    bus.send(frame(1))
    bus.modem.hear(frame(2), bus.now)
    bus.poll()
    words = [octets[:4].hex() for octets in bus.transfers]
    assert words[:3] == ['c2000000', '41000046', '0000aaaa']  # 0x46: 60 + 10 octets
    assert {'c3000000', '4100004a', '80000000', 'cc000000', '4d000000', '4c000001'} <= set(words)
    assert bus.transfers[2] == bytes(2) + b'\xaa' * 4 + b'\x3c\0\0\0' + frame(1) + b'\x55\x55'


def test_a_frame_that_is_too_long_is_refused_and_counted(bus):
    assert not bus.send(bytes(1519))
    assert bus.host.counts['frames lost'] == 1
    assert bus.line() == []


def test_the_first_signature_may_be_wrong():
    bus = Bus()
    bus.modem.inject(Fault.SIGNATURE, 0.0)
    bus.poll()
    assert bus.changes == [Started()]
    assert bus.host.counts['wrong signatures'] == 1


def test_a_signature_that_stays_wrong_is_no_modem_and_told_once():
    bus = Bus()
    bus.modem.transfer = lambda octets, now: b'\x5a' * len(octets)
    bus.run(MISSING_TIME - POLL)
    assert bus.told == []
    bus.run(5.0)
    assert bus.told == [Stopped('there is no modem: its signature reads 5A5A, not AA55')]
    assert not bus.send(frame(1))


def test_a_signature_that_is_disturbed_once_stops_nothing(bus):
    answering, spoilt = bus.transfer, iter([True])
    bus.transfer = lambda octets: (
        b'\xff' * 4 if octets.hex() == 'da000000' and next(spoilt, False) else answering(octets)
    )
    bus.run(2.5)
    assert bus.host.counts['wrong signatures'] == 1
    assert bus.changes == []


def test_a_modem_that_is_pulled_out_is_noticed_and_found_again(bus):
    answering = bus.modem.transfer
    bus.modem.transfer = lambda octets, now: b'\xff' * len(octets)
    bus.run(0.1)
    assert bus.changes == [Stopped('it does not answer on the SPI bus any more')]
    bus.modem.transfer = answering
    bus.poll()
    assert bus.changes[-1] == Started()


@pytest.mark.parametrize('fault', [Fault.RESET, Fault.CPU_ON])
def test_a_modem_that_restarts_by_itself_is_noticed(bus, fault):
    bus.send(frame(1))
    bus.line()
    bus.modem.inject(fault, bus.now)
    bus.run(REBOOT_TIME + 3 * POLL)
    assert [type(change) for change in bus.changes] == [Stopped, Started]
    assert bus.send(frame(2))
    assert bus.line()[-1] == frame(2)


@pytest.mark.parametrize('fault', [Fault.SHORT, Fault.GARBAGE])
def test_a_spoilt_frame_costs_no_other_one_nor_a_reset(bus, fault):
    bus.modem.inject(fault, bus.now)
    bus.modem.hear(frame(1, 200), bus.now)
    bus.poll()
    for number in range(2, 6):
        bus.modem.hear(frame(number, 200), bus.now)
        bus.poll()
    assert bus.frames == [frame(number, 200) for number in range(2, 6)]
    assert bus.changes == []
    assert bus.host.splitter.garbage > 0


def test_a_frame_behind_a_false_start_comes_once_its_rest_is_given_up(bus):
    bus.modem._for_host += to_host(bytes(1500))[:20]
    bus.modem.hear(frame(7), bus.now)
    bus.run(0.03)
    assert bus.frames == []
    bus.run(0.1)
    assert bus.frames == [frame(7)]


def test_a_whole_buffer_without_a_frame_resets_the_modem(bus):
    for _ in range(4):
        bus.modem._for_host += bytes(1000)
        bus.poll()
    assert bus.host.counts['resets'] == 1
    assert bus.host.splitter.garbage == 4000
    bus.run(REBOOT_TIME + 3 * POLL)
    assert [type(change) for change in bus.changes] == [Stopped, Started]
    bus.modem.hear(frame(9), bus.now)
    bus.poll()
    assert bus.frames == [frame(9)]


def test_a_modem_without_room_is_reset_and_its_frames_count_as_lost(bus):
    bus.modem.inject(Fault.STUCK, bus.now)
    assert all(bus.send(frame(number)) for number in range(QUEUE))
    assert not bus.send(frame(QUEUE))
    bus.run(STUCK_TIME + 2 * POLL)
    assert bus.changes == [Stopped('it was reset: it has had no room for a frame')]
    assert bus.host.counts['frames lost'] == QUEUE + 1
    bus.run(REBOOT_TIME + 3 * POLL)
    assert bus.send(frame(1))
    assert bus.line()[-1] == frame(1)


def test_frames_wait_while_there_is_no_room_and_keep_their_order(bus):
    bus.modem.inject(Fault.STUCK, bus.now)
    for number in range(5):
        bus.send(frame(number, 1000))
    bus.run(STUCK_TIME / 2)
    assert bus.line() == []
    bus.modem._faults.clear()
    bus.poll()
    assert bus.line() == [frame(number, 1000) for number in range(3)]  # a buffer full
    bus.poll()
    assert bus.line() == [frame(number, 1000) for number in range(3, 5)]


def test_a_modem_found_with_a_full_buffer_is_reset():
    bus = Bus()
    bus.modem.inject(Fault.STUCK, 0.0)
    bus.run(EMPTY_TIME + REBOOT_TIME + 5 * POLL)
    assert bus.changes == [Started()]
    assert bus.host.counts['resets'] == 1


def test_a_modem_that_never_tells_its_start_after_a_reset_is_used_in_the_end(bus):
    bus.modem.transfer(registers.write(Register.INTR_CAUSE, 0), bus.now)
    bus.modem._raise(Cause.RDBUF_ERR)
    bus.modem._restart = lambda now, away: None  # a chip that ignores the reset
    bus.poll()
    assert bus.host.state is State.RESET
    bus.modem._registers[Register.INTR_CAUSE] = 0
    bus.run(RESET_TIME + 2 * POLL)
    assert bus.host.state is State.PRESENT


def test_an_alarm_that_is_read_only_once_costs_no_reset(bus):
    spoilt = iter([b'\0\0\0\x48'])
    answering = bus.transfer
    bus.transfer = lambda octets: (
        (next(spoilt, None) if octets.hex() == 'cc000000' else None) or answering(octets)
    )
    bus.poll(5)
    assert bus.changes == []


def test_interrupts_are_acknowledged_and_enabled_again(bus):
    assert not bus.modem.interrupt
    bus.modem.hear(frame(1), bus.now)
    assert bus.modem.interrupt
    bus.poll()
    assert not bus.modem.interrupt
    assert bus.modem._registers[Register.INTR_ENABLE] & Cause.PKT_AVLBL


def test_a_modem_whose_host_does_not_read_loses_frames_not_its_place(bus):
    for number in range(60):
        bus.modem.hear(frame(number), bus.now)
    assert bus.modem.lost == 60 - BUFFER // 74
    bus.run(0.05)
    assert bus.frames == [frame(number) for number in range(BUFFER // 74)]


def test_what_a_host_writes_against_the_rules_is_an_error_in_the_cause_register():
    modem = SoftwareQca7005()
    wrong = {
        b'\0\0' + bytes(70): Cause.WRBUF_ERR,  # a burst that was not announced
        b'\x80\0' + bytes(70): Cause.RDBUF_ERR,
        b'\x51\x23\0\0': Cause.ADDR_ERR,
    }
    for octets, cause in wrong.items():
        modem.transfer(octets, 1.0)
        assert registers.value(modem.transfer(registers.read(Register.INTR_CAUSE), 1.0)) & cause


FAULTS = st.lists(st.tuples(st.integers(1, 110), st.sampled_from(Fault)), max_size=6)


@settings(deadline=None, max_examples=20)
@given(FAULTS, st.randoms(use_true_random=False))
def test_whatever_goes_wrong_the_modem_comes_back_and_frames_pass(faults, chance):
    bus = Bus()
    for step in range(120):
        for fault in (fault for at, fault in faults if at == step):
            bus.modem.inject(fault, bus.now)
        if chance.random() < 0.5:
            bus.modem.hear(frame(step, chance.randrange(60, 1515)), bus.now)
        bus.host.send(frame(step, chance.randrange(60, 1515)))
        bus.poll()
    bus.run(STUCK_TIME + REBOOT_TIME + RESET_TIME + 1.0)
    bus.told.clear()
    bus.line()
    bus.modem._faults.clear()
    bus.modem.hear(frame(1234), bus.now)
    assert bus.send(frame(4321))
    bus.run(0.1)
    assert bus.frames == [frame(1234)]
    assert bus.line() == [frame(4321)]


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**32))
def test_any_octets_from_the_bus_never_raise(seed):
    """Not a modem at all: each answer is random, or now and then right."""
    chance = random.Random(seed)
    host, modem, now = Qca7005Host(), SoftwareQca7005(), 0.0

    def transfer(octets):
        answer = modem.transfer(octets, now)
        return chance.randbytes(len(octets)) if chance.random() < 0.3 else answer

    for step in range(50):
        now += POLL
        play(host.poll(now), transfer)
        host.send(frame(step))
        play(host.flush(now), transfer)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.binary(max_size=80), max_size=40))
def test_any_transfer_to_the_software_modem_is_answered_in_full(transfers):
    modem = SoftwareQca7005()
    for number, octets in enumerate(transfers):
        assert len(modem.transfer(octets, number * 0.1)) == len(octets)
