# SPDX-License-Identifier: Apache-2.0
"""A partner that sends more than it may: it waits in its own TCP, and nothing is lost (R30)."""

from types import SimpleNamespace

import pytest

from v2g.link.values import Lost, Spoke
from v2g.transport import connection
from v2g.transport.connection import BURST, SPELL, Connection
from v2g.v2gtp import EXI, pack

FLOOD = 3000
CHUNK = 65536  # octets that are read at a time
UNKNOWN = 0xA000  # a type of the manufacturer's own


class Line:
    """The loop, the stream and the session around a connection, in virtual time."""

    def __init__(self, monkeypatch, *, admitted=True):
        self.now, self.room = 100.0, 10**9
        monkeypatch.setattr(connection, 'time', SimpleNamespace(monotonic=lambda: self.now))
        self.octets, self.ended = b'', False
        self.ready, self.later = None, []
        self.delivered, self.reported = [], []
        self.connection = Connection(
            7, self, self, deliver=self._deliver, report=self.reported.append
        )
        if admitted:
            self.connection.admit()
        self.connection.start()

    # the loop

    def watch(self, it, events, ready):
        assert self.ready is None
        self.ready = ready

    def forget(self, it):
        self.ready = None

    def call_later(self, delay, action):
        self.later.append((self.now + delay, action))

    # the stream

    def receive(self):
        taken, self.octets = self.octets[:CHUNK], self.octets[CHUNK:]
        return taken or (b'' if self.ended else None)

    def close(self):
        self.ended = True

    # the session

    def _deliver(self, number, message):
        if not self.room:
            return False
        self.room -= 1
        self.delivered.append((self.now, message.payload))
        return True

    def run(self, seconds):
        """Read whatever may be read, and let time pass."""
        end = self.now + seconds
        while self.now < end:
            while self.ready is not None and (self.octets or self.ended):
                self.ready()
            self.now += SPELL / 4
            due = [one for one in self.later if one[0] <= self.now]
            self.later = [one for one in self.later if one[0] > self.now]
            for _, action in due:
                action()


def numbered(count, payload_type=EXI):
    return b''.join(pack(payload_type, number.to_bytes(2, 'big')) for number in range(count))


def payloads(count):
    return [number.to_bytes(2, 'big') for number in range(count)]


def test_safety_7_and_abuse_52_a_flood_is_delivered_in_order_and_at_its_pace(monkeypatch):
    line = Line(monkeypatch)
    line.octets = numbered(FLOOD)
    line.run(FLOOD / BURST * SPELL * 1.5)
    assert [payload for _, payload in line.delivered] == payloads(FLOOD)
    times = [when for when, _ in line.delivered]
    in_a_spell = max(sum(0 <= one - when < SPELL - 1e-9 for one in times) for when in times[::50])
    assert in_a_spell <= BURST


def test_one_message_at_a_time_is_delivered_at_once(monkeypatch):
    line = Line(monkeypatch)
    for number in range(100):
        line.octets += pack(EXI, number.to_bytes(2, 'big'))
        line.run(0.005)
        assert len(line.delivered) == number + 1
    assert line.later == []


def test_safety_7_without_room_nothing_is_lost_and_nothing_more_is_read(monkeypatch):
    line = Line(monkeypatch)
    line.octets, line.room = numbered(FLOOD) * 10, 5
    line.run(1.0)
    assert len(line.delivered) == 5
    assert len(line.octets) >= len(numbered(FLOOD)) * 10 - CHUNK
    line.room = 10**9
    line.run(1.0)
    assert [payload for _, payload in line.delivered[:300]] == payloads(300)


def test_safety_7_and_abuse_52_messages_that_nobody_knows_are_no_cheaper(monkeypatch):
    line = Line(monkeypatch, admitted=False)
    line.octets = numbered(FLOOD * 10, UNKNOWN)
    line.run(1.0)
    assert line.connection.skipped <= CHUNK / 8 + BURST / SPELL
    assert line.octets and line.reported == []


@pytest.mark.parametrize('count', [1, 25])
def test_what_came_before_the_end_is_delivered_before_it_is_told(monkeypatch, count):
    for rest in (b'', b'no V2GTP at all'):
        line = Line(monkeypatch)
        line.octets, line.ended = numbered(count) + rest, not rest
        line.run(1.0)
        assert [payload for _, payload in line.delivered] == payloads(count)
        [lost] = line.reported
        assert isinstance(lost, Lost) and line.connection.closed


def test_until_it_is_admitted_one_is_told_and_nothing_more_is_read(monkeypatch):
    line = Line(monkeypatch, admitted=False)
    line.octets = numbered(FLOOD * 10)
    line.run(1.0)
    assert line.reported == [Spoke(7)] and line.delivered == []
    assert len(line.octets) == len(numbered(FLOOD * 10)) - CHUNK
    line.connection.admit()
    line.run(0.1)
    assert [payload for _, payload in line.delivered[:20]] == payloads(20)
