# SPDX-License-Identifier: Apache-2.0
"""GPIO lines in memory: the narrow face of ports/gpio.py, with a pilot that oscillates."""

from hypothesis import settings
import pytest

from plc_vehicle.lines import Levels

settings.register_profile('unhurried', deadline=None)  # a busy machine is no failure
settings.load_profile('unhurried')

LINES = {
    name + '_line': name
    for name in (
        'pilot_c', 'contactor_plus', 'contactor_minus', 'lock_close', 'lock_open',
        'isolation_monitor_off', 'contactor_plus_feedback', 'contactor_minus_feedback',
        'lock_feedback', 'proximity', 'pilot',
    )
}  # fmt: skip


class MemoryLines:
    """Outputs as they were written; contactors and lock follow them at once."""

    def __init__(self, wishes=()):
        self.names = {wish.name for wish in wishes}
        self.active, self.written = {}, []
        self.proximity, self.duty = True, 0.05
        self.locked = False
        self.stuck = {}  # feedback that does not follow
        self.closed = False
        self._period = 0

    def write(self, active):
        self.active = dict(active)
        self.written.append(self.active)
        self.locked = (self.locked or active['lock_close']) and not active['lock_open']

    def read(self):
        shown = {
            'contactor_plus_feedback': self.active.get('contactor_plus', False),
            'contactor_minus_feedback': self.active.get('contactor_minus', False),
            'lock_feedback': self.locked,
            'proximity': self.proximity,
            'pilot': self.duty == 1.0,
            **self.stuck,
        }
        return Levels(shown, tuple(self._edges()))

    def _edges(self):
        if not 0.0 < self.duty < 1.0:
            return
        for _ in range(3):
            yield self._period * 0.001, True
            yield (self._period + self.duty) * 0.001, False
            self._period += 1

    def close(self):
        self.active = dict.fromkeys(self.active, False)
        self.closed = True


@pytest.fixture
def memory_lines():
    return MemoryLines


@pytest.fixture
def named_lines():
    """Parameters that name every line."""
    return LINES
