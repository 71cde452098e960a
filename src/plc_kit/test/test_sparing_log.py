# SPDX-License-Identifier: Apache-2.0
"""What a partner repeats stands in the log once a second, and nothing else is hidden by it."""

from contextlib import ExitStack

import pytest

from plc_kit import sparing_log
from plc_kit.sparing_log import KINDS, SparingLog


class Told:
    """Stands for a node: its clock, its timer, and what its logger was told."""

    def __init__(self):
        self.now, self.lines, self.closing = 100.0, [], ExitStack()

    def get_logger(self):
        return self

    def info(self, text):
        self.lines.append(text)

    def warning(self, text):
        self.lines.append(f'! {text}')

    def create_timer(self, period, ring, clock):
        self.period, self.ring = period, ring

    def seconds(self, count, each=lambda: None):
        """Let time pass, with something that happens a thousand times a second."""
        for _ in range(count):
            for _ in range(1000):
                self.now += 0.001
                each()
            self.ring()


@pytest.fixture
def told(monkeypatch):
    node = Told()
    monkeypatch.setattr(sparing_log, 'now', lambda: node.now)
    return node


def test_safety_7_and_abuse_52_a_line_that_is_repeated_stands_once_a_second(told):
    log, numbers = SparingLog(told), iter(range(10_000_000))
    told.seconds(10, lambda: log.warning(f'run {next(numbers)} of 02:00:00:00:00:e1 is refused'))
    assert 9 <= len(told.lines) <= 11
    assert told.lines[0] == '! run 0 of 02:00:00:00:00:e1 is refused'
    assert all(line.endswith('more lines like it)') for line in told.lines[1:])
    told.seconds(2)
    counted = [int(line.split('(and ')[1].split()[0]) for line in told.lines[1:]]
    assert sum(counted) + len(told.lines) == 10_000


def test_safety_7_other_lines_stand_at_once_meanwhile(told):
    log = SparingLog(told)
    told.seconds(2, lambda: log.info('the same'))
    log.warning('the inlet stays live')
    assert told.lines[-1] == '! the inlet stays live'
    log.info('the inlet stays live')
    assert told.lines[-1] == 'the inlet stays live'


def test_safety_7_and_abuse_52_words_that_always_differ_have_an_end_too(told):
    log, words = SparingLog(told), iter(range(10_000_000))
    told.seconds(10, lambda: log.info(''.join('abcdefghij'[int(d)] for d in str(next(words)))))
    assert len(told.lines) <= 11 * (KINDS + 1)
    assert not [line for line in told.lines if line.startswith('!')]


def test_the_last_line_of_a_kind_is_said_before_its_node_goes(told):
    log = SparingLog(told)
    for number in range(3):
        log.info(f'closed {number}')
    told.closing.close()
    assert told.lines == ['closed 0', 'closed 2 (and 1 more lines like it)']
