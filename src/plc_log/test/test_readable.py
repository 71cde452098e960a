# SPDX-License-Identifier: Apache-2.0
"""What the line, or a stranger's file, tells stands readable wherever a person sees it."""

from io import StringIO
import logging
import os
from types import SimpleNamespace

from charge_frames import MODEM, VEHICLE, whole_charge
from hypothesis import given, strategies as st
from mcap_ros2._dynamic import serialize_dynamic
import pytest
from rich.console import Console

from plc_kit.readable import readable
from plc_log import cli, pcapng
from plc_log.bag.types import PACKAGE, definition
from plc_log.bag.writer import BagWriter
from plc_log.each import FAULT
from plc_log.events import Side
from plc_log.panel import line, panel
from plc_log.recording import read
from plc_log.status import lines
from plc_log.syslog import Form
from plc_modem.homeplug.station import VS_SW_VER_CNF
from v2g.schema import sap

HOSTILE = 'urn:\x1b[31m\nFAILED\r\x07\u202e\x9b2J\u2028\x00x'
S = 10**9
VERBS = ('timeline', 'report', 'export', 'compare', 'summary', 'replay')


@given(text=st.text())
def test_desk_7_a_readable_text_prints_and_one_that_does_is_left_as_it_is(text):
    shown = readable(text)
    assert shown.isprintable()
    assert shown == text or not text.isprintable()
    assert readable(text.encode()).isprintable()


def test_desk_7_what_does_not_print_is_still_seen():
    assert readable('a\x1b[1m\nb\u202e') == r'a\x1b[1m\nb\u202e'
    assert readable(b'MAC-QCA7420\x1b\0rest') == r'MAC-QCA7420\x1b'


def hostile_capture(folder):
    """Write a charge in whose frames each text is hostile."""
    charge = whole_charge()
    offer = sap.AppProtocol(
        ProtocolNamespace=HOSTILE.replace('\x00', ''),
        VersionNumberMajor=2,
        VersionNumberMinor=0,
        SchemaID=1,
        Priority=1,
    )
    charge.mme(500.0, MODEM, VEHICLE, VS_SW_VER_CNF(Version=b'v\x1b[31m\nFAILED\x9b'))
    charge.say(501.0, Side.VEHICLE, sap.supportedAppProtocolReq(AppProtocol=[offer]), sap)
    path = folder / 'hostile\x1b[31m.pcapng'
    pcapng.write(path, charge.frames)
    return path


def hostile_bag(folder):
    """Write a bag in which each text is hostile, names of topics too."""
    bag = BagWriter(folder / 'hostile\x1b[31m')
    texts = {
        'ChargingState': ('stage_name', 'role', 'protocol', 'reason', 'error', 'evse_id'),
        'TransportStatus': ('local_address', 'remote_address', 'reason'),
        'V2gMessage': ('protocol', 'name', 'json'),
        'JournalEntry': ('machine', 'told', 'json'),
    }
    values = {'TransportStatus': {'state': 3, 'connection_id': 7}, 'V2gMessage': {'exi': b'\x80'}}
    topics = ('charging/state', 'transport/status', 'v2g_log', 'session/journal')
    for (kind, names), topic in zip(texts.items(), topics, strict=True):
        name, told = f'/x\x1b[31m\n/{topic}', values.get(kind, {}) | dict.fromkeys(names, HOSTILE)
        text = definition(PACKAGE + kind)
        bag.add_topic(name, PACKAGE + kind, [], '', text.encode())
        encode = serialize_dynamic(PACKAGE + kind, text)[PACKAGE + kind]
        for number in range(3):
            ended = {'stage_name': 'FAILED'} if number == 2 and kind == 'ChargingState' else {}
            time = {'stamp': {'sec': number + 1, 'nanosec': 0}}
            bag.write(name, encode({**told, **ended, **time}), S * number, S * number)
    bag.add_topic('/pev\x1b/charging/state', 'other_msgs/msg/Y', [], '', b'int64 stage_name\n')
    bag.write('/pev\x1b/charging/state', bytes(12), S, S)
    bag.close()
    return folder / 'hostile\x1b[31m'


@pytest.mark.parametrize('make', [hostile_capture, hostile_bag])
@pytest.mark.parametrize('verb', VERBS)
def test_desk_7_and_abuse_51_no_verb_prints_what_a_terminal_obeys(tmp_path, capsys, verb, make):
    path, out = make(tmp_path), tmp_path / 'out'
    output = ['-o', str(out)] if verb in ('report', 'export') else []
    assert cli.main([verb, *output, str(path)]) in (0, 1, 2)
    told = ''.join(capsys.readouterr()).replace(str(path), 'PATH')
    assert [one for one in told.split('\n') if not one.isprintable()] == []
    for page in out.glob('*.html'):
        assert not set('\x1b\x07\x9b\u202e\u2028') & set(page.read_text())


@pytest.mark.parametrize('kind', ['capture', 'bag'])
@pytest.mark.parametrize('verb', VERBS)
def test_desk_8_a_name_that_is_no_utf_8_is_read_as_any_other(
    request, tmp_path, capsys, verb, kind
):
    path = request.getfixturevalue(kind)
    path = path.rename(path.with_name(os.fsdecode(b'b\xff') + path.suffix))
    output = ['-o', str(tmp_path / os.fsdecode(b'o\xff'))] if verb in ('report', 'export') else []
    needs_a_journal = verb in ('summary', 'replay')
    assert (cli.main([verb, *output, str(path)]) == 2) is needs_a_journal
    told = ''.join(capsys.readouterr())
    assert FAULT not in told and told.encode()


@pytest.mark.parametrize('make', [hostile_capture, hostile_bag])
def test_desk_7_no_event_of_a_timeline_has_what_a_terminal_obeys(tmp_path, make):
    """So no comment in a pcapng, and no row of a table of events, has it."""
    events = read(make(tmp_path)).events
    texts = [t for e in events for t in (e.name, e.source, *e.values, *e.values.values())]
    assert [text for text in texts if not text.isprintable()] == []
    assert any('\\x1b' in text for text in texts)


def test_desk_7_what_is_shown_as_it_goes_is_readable():
    state = SimpleNamespace(
        role=HOSTILE, stage_name=HOSTILE, protocol=f'[red]{HOSTILE}', reason=HOSTILE, soc=0.5,
        present_voltage=1.0, present_current=2.0, energy=3.0,
    )  # fmt: skip
    assert line(1.0, state).isprintable()
    assert all(one.isprintable() for one in lines(state, 9.0))
    out = StringIO()
    Console(file=out, width=300).print(panel({HOSTILE: state}, 1.0, [HOSTILE], HOSTILE))
    assert all(one.isprintable() for one in out.getvalue().split('\n'))
    assert '[RED]' in out.getvalue()


def test_desk_7_syslog_has_a_line_that_is_readable():
    record = logging.makeLogRecord({'msg': HOSTILE, 'msgid': HOSTILE})
    head, _, text = Form().format(record).partition('\ufeff')
    assert head.isprintable() and text.isprintable() and 'FAILED' in text
