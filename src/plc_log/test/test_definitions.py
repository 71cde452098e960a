# SPDX-License-Identifier: Apache-2.0
"""Bags whose definitions are damaged: every verb says so in a sentence, or reads what it can."""

import shutil

from hypothesis import HealthCheck, example, given, settings, strategies as st
from mcap_ros2._dynamic import serialize_dynamic
import pytest

from plc_kit.journal import REST
from plc_log import cli
from plc_log.bag.reader import found
from plc_log.bag.types import PACKAGE, definition
from plc_log.bag.writer import BagWriter
from plc_log.each import FAULT

STATE, JOURNAL, MME = PACKAGE + 'ChargingState', PACKAGE + 'JournalEntry', PACKAGE + 'MmeFrame'
OTHERS = [PACKAGE + name for name in ('SdpDatagram', 'TransportStatus', 'V2gMessage')]
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
def damages(draw):
    """Return a type, a line of its definition, and what stands there instead."""
    kind = draw(st.sampled_from([STATE, JOURNAL, MME, *OTHERS]))
    line = draw(st.sampled_from([o for o in definition(kind).splitlines() if o[:1].islower()]))
    word, _, rest = line.partition(' ')
    other = st.sampled_from([f'{one} {rest}' for one in TYPES])
    scratched = st.sampled_from([f'{word} other', '', word, f'{word} {rest} {rest}', '==='])
    return kind, line, draw(other | scratched)


def damaged(contents, folder, damage):
    """Write a bag with it."""
    kind, line, other = damage
    lines = definition(kind).splitlines()
    lines[lines.index(line)] = other
    return written(folder, contents, kind, '\n'.join(lines).encode())


@pytest.mark.parametrize('verb', VERBS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=damages())
@example((MME, 'int32 sec', 'float32 sec'))  # a time beyond what a pcapng holds
@example((MME, 'int32 sec', 'int64 sec'))
@example((STATE, 'string reason', 'int64 reason'))  # a number where tables have a text
@example((STATE, 'string role', 'float64[3] role'))
@example((JOURNAL, 'uint64 sequence', 'float32 sequence'))
def test_a_damaged_definition_never_ends_in_a_traceback(contents, tmp_path, capsys, verb, damage):
    bag = damaged(contents, tmp_path / 'damaged', damage)
    output = ['-o', str(tmp_path / 'out')] if verb in ('report', 'export') else []
    assert cli.main([verb, *output, str(bag)]) in (0, 1, 2)
    said = capsys.readouterr().err
    assert 'Traceback' not in said and FAULT not in said


def test_a_topic_of_other_types_is_left_out_and_named_and_all_else_is_read(
    contents, tmp_path, capsys
):
    bag = damaged(contents, tmp_path / 'damaged', (STATE, 'string reason', 'int64 reason'))
    assert cli.main(['timeline', str(bag)]) == 1
    shown = capsys.readouterr()
    assert 'SessionSetupReq' in shown.out
    what = '/pev/charging/state holds what is no plc_msgs/ChargingState'
    assert f'{bag}: {what}: reason is int64, not string' in shown.err


def test_a_time_of_other_types_is_named_where_it_stands(contents, tmp_path, capsys):
    bag = damaged(contents, tmp_path / 'damaged', (MME, 'int32 sec', 'float32 sec'))
    assert cli.main(['export', '-o', str(tmp_path / 'out.pcapng'), str(bag)]) == 1
    assert 'no plc_msgs/MmeFrame: stamp.sec is float32, not int32' in capsys.readouterr().err
