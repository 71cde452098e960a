# SPDX-License-Identifier: Apache-2.0
"""An inbox that somebody fills without end: who else has a turn, and what is kept."""

from itertools import pairwise

import pytest
import rclpy

from plc_kit import inbox
from plc_kit.executor import make_executor
from plc_kit.inbox import SPELL, Inbox

DOMAIN = 104
FLOOD = 3000
WORK = 0.001  # s, by the test's clock, that reading a letter takes


class Flooded:
    """A node with an inbox, and another thing that it has to do in each turn."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(inbox, 'now', lambda: self.now)
        self.context = rclpy.Context()
        rclpy.init(context=self.context, domain_id=DOMAIN)
        self.executor = make_executor(self.context)
        self.node = rclpy.create_node('flooded', context=self.context, use_global_arguments=False)
        self.executor.add_node(self.node)
        self.read, self.turns = [], []
        self.inbox = Inbox(self.node, self._read)
        self.other = Inbox(self.node, self.turns.append)

    def _read(self, letter):
        self.read.append(letter)
        self.now += WORK

    def spin(self):
        """Take turns until nothing is left, and note in each how much was read before it."""
        while not self.inbox.empty:
            self.other.put(len(self.read))
            self.executor.spin_once(1.0)

    def close(self):
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.try_shutdown(context=self.context)


@pytest.fixture
def flooded(monkeypatch):
    made = Flooded(monkeypatch)
    yield made
    made.close()


def test_safety_7_and_abuse_52_a_flood_is_read_in_spells_between_which_all_else_is_served(flooded):
    for letter in range(FLOOD):
        flooded.inbox.put(letter, anyway=True)
    flooded.spin()
    assert flooded.read == list(range(FLOOD))
    longest = max(after - before for before, after in pairwise(flooded.turns))
    assert longest * WORK <= SPELL + WORK


def test_safety_7_and_abuse_52_what_finds_no_room_is_dropped_and_who_put_it_knows(flooded):
    small = Inbox(flooded.node, flooded._read, room=64)
    assert [small.put(letter) for letter in range(FLOOD)].count(True) == 64
    assert small.full and small.put('must arrive', anyway=True)
    while not small.empty:
        flooded.executor.spin_once(1.0)
    assert flooded.read == [*range(64), 'must arrive']
    assert small.put('again')
