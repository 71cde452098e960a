# SPDX-License-Identifier: Apache-2.0
"""Bags whose definitions are damaged: every verb says so in a sentence, or reads what it can."""

import shutil

from hypothesis import HealthCheck, given, settings, strategies as st
from mcap_ros2._dynamic import serialize_dynamic
import pytest

from plc_kit.journal import REST
from plc_log import cli
from plc_log.bag.interfaces import definition
from plc_log.bag.reader import found
from plc_log.bag.writer import BagWriter

STATE, JOURNAL = 'plc_msgs/msg/ChargingState', 'plc_msgs/msg/JournalEntry'
VERBS = ('timeline', 'report', 'export', 'compare', 'summary', 'replay')
TYPES = ('bool', 'uint8', 'int64', 'float32', 'string', 'uint8[]', 'string[]', 'float64[3]', 'Odd')
S = 10**9


def told(kind, **fields):
    return serialize_dynamic(kind, definition(kind))[kind](fields)


@pytest.fixture
def contents(bag):
    """Topic, type, definition and octets of a charge's messages, of states and of a journal."""
    charge = list(found(bag).messages())
    messages = [(one.topic, one.schema.name, one.schema.data, one.cdr) for one in charge]
    for stage in ('SLAC', 'CHARGE_LOOP', 'FINISHED'):
        octets = told(STATE, stage_name=stage, role='pev', soc=0.5)
        messages.append(('/pev/charging/state', STATE, definition(STATE).encode(), octets))
    for number, word in enumerate((REST, 'stop')):
        octets = told(JOURNAL, machine='Evcc', sequence=number, told=word, json='{}')
        messages.append(('/pev/session/journal', JOURNAL, definition(JOURNAL).encode(), octets))
    return messages


def written(folder, contents, kind, text):
    """Write them into a bag in which a type has this definition."""
    shutil.rmtree(folder, ignore_errors=True)
    bag, known = BagWriter(folder), set()
    for number, (topic, name, data, octets) in enumerate(contents):
        if topic not in known:
            bag.add_topic(topic, name, [], '', text if name == kind else data)
            known.add(topic)
        bag.write(topic, octets, number * S, number * S)
    bag.close()
    return folder


@st.composite
def damaged(draw, text):
    """Return a definition with another type or name in a line, without a line, or scratched."""
    lines = text.decode().splitlines()
    at = draw(st.sampled_from([n for n, one in enumerate(lines) if one[:1].islower()]))
    kind, _, rest = lines[at].partition(' ')
    lines[at] = draw(
        st.sampled_from([f'{one} {rest}' for one in TYPES])
        | st.sampled_from([f'{kind} other', '', f'{kind}', f'{kind} {rest} {rest}', '==='])
    )
    return '\n'.join(lines).encode()


@pytest.mark.parametrize('verb', VERBS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_definition_never_ends_in_a_traceback(contents, tmp_path, capsys, verb, data):
    there = {name: text for _, name, text, _ in contents}
    kind = data.draw(st.sampled_from(sorted(there)))
    bag = written(tmp_path / 'damaged', contents, kind, data.draw(damaged(there[kind])))
    output = ['-o', str(tmp_path / 'out')] if verb in ('report', 'export') else []
    assert cli.main([verb, *output, str(bag)]) in (0, 1, 2)
    assert 'Traceback' not in capsys.readouterr().err
