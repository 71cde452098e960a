# SPDX-License-Identifier: Apache-2.0
"""The page of a session: everything is in it, no key is, and it asks nobody for anything."""

from dataclasses import replace
from html.parser import HTMLParser
import json

from captured import CUT, FILES, WITH_SECRETS, flawed
from charge_frames import NID, NMK, Charge, whole_charge
import pytest

from plc_log.each import PARTLY
from plc_log.exchanges import Exchange, exchanges, lasted
from plc_log.facts import facts_of
from plc_log.leaves import leaves
from plc_log.recording import read
from plc_log.report.command import main
from plc_log.report.content import content_of
from plc_log.report.page import page


class Page(HTMLParser):
    """What a page holds, and what it would load."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.policy, self.content, self._inside = [], '', {}, ''
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self._inside = found.get('id', '') if tag == 'script' else ''
        self.loads += [found[name] for name in ('src', 'href') if name in found]
        if found.get('http-equiv') == 'Content-Security-Policy':
            self.policy = found['content']

    def handle_endtag(self, tag):
        self._inside = ''

    def handle_data(self, text):
        if self._inside == 'content':
            self.content = json.loads(text)


def written(path, tmp_path):
    target = tmp_path / 'page.html'
    assert main(['-o', str(target), str(path)]) == 0
    return target.read_text(encoding='utf-8')


@pytest.mark.parametrize('source', ['capture', 'bag'])
def test_page_asks_nobody_for_anything(request, tmp_path, source):
    told = Page(written(request.getfixturevalue(source), tmp_path))
    assert told.policy.startswith("default-src 'none';")
    assert [one for one in told.loads if not one.startswith('#')] == ['data:,']


def test_verdict_stages_and_series_are_in_it(bag, tmp_path):
    content = Page(written(bag, tmp_path)).content
    assert content['verdict'].startswith('A finished charge: SoC 50 % to 60 %')
    assert [stage['name'] for stage in content['stages']][:2] == ['SLAC', 'AVLN']
    series = content['series']
    assert len({len(column) for column in series.values()}) == 1
    assert max(value for value in series['power'] if value is not None) == 40_000
    [report] = content['attenuation']
    assert (len(report['groups']), report['matched']) == (58, True)


def test_every_message_can_be_rebuilt_from_its_shape(bag):
    recording = read(bag)
    packed = content_of(facts_of(recording))['messages']
    assert len(packed['rows']) == len(recording.messages) == recording.counts.v2g
    assert len(packed['shapes']) < 25
    for event, (_, number, *values) in zip(recording.messages, packed['rows'], strict=True):
        shape, changing = packed['shapes'][number], iter(values)
        rebuilt = {path: rest[0] if rest else next(changing) for path, _, *rest in shape['paths']}
        assert rebuilt == {leaf.path: leaf.value for leaf in leaves(event.message)}


def test_repeated_rounds_are_one_row_of_the_timeline(bag):
    story = content_of(facts_of(read(bag)))['story']
    [loop] = [stage for stage in story if stage['stage'] == 'CHARGE_LOOP']
    [row] = loop['rows']
    assert (row['name'], row['count']) == ('CurrentDemand', 100)


def test_no_key_is_in_it(capture, tmp_path):
    text = written(capture, tmp_path).lower()
    for key in (NMK, NID):
        assert key.hex() not in text
        assert key.hex(':') not in text


def test_what_a_charger_calls_itself_cannot_end_the_content(recorded):
    charge = Charge()
    charge.connect()
    charge.set_up(b'</script><script>alert(1)</script>'[:32])
    text = page(content_of(facts_of(read(recorded(charge)))))
    assert text.count('</script>') == 2
    assert '</script><script>alert' not in text


def test_session_without_any_message_has_a_page(recorded, tmp_path):
    charge = whole_charge()
    charge.frames = charge.frames[:8]
    content = Page(written(recorded(charge), tmp_path)).content
    assert content['outcome'] == 'FAILED'
    assert content['messages']['rows'] == []


def test_many_files_are_pages_in_a_folder(capture, bag, tmp_path, capsys):
    assert main(['-o', str(tmp_path / 'pages'), str(capture), str(bag)]) == 0
    assert {page.name for page in (tmp_path / 'pages').iterdir()} == {
        'charge.html',
        'charge-2.html',
    }
    assert main(['-o', str(tmp_path / 'x.html'), str(capture), str(bag)]) == 2
    assert 'need a folder' in capsys.readouterr().err


def test_golden_session_shows_what_it_is(golden, tmp_path):
    content = Page(written(golden, tmp_path)).content
    tiles = {tile['label']: tile['value'] for tile in content['tiles']}
    assert tiles['State of charge'] == '57 → 58 %'
    assert tiles['Attenuation'] == '19.4 dB'
    assert tiles['Cable check'] == '14.1 s'
    assert content['undecoded'] == 0
    assert len(content['messages']['rows']) == 1120
    [report] = content['attenuation']
    assert len(report['groups']) == 58


def test_golden_cable_check_lasts_from_its_first_request_to_its_last_answer(golden):
    """14.1 s, which lesson 68 rounds; the stage has the vehicle's pause before PreCharge too."""
    recording = read(golden)
    times = {}
    for event in recording.messages:
        times.setdefault(event.name, []).append(event.time)
    first, last, next_one = (
        times['CableCheckReq'][0],
        times['CableCheckRes'][-1],
        times['PreChargeReq'][0],
    )
    assert len(times['CableCheckReq']) == len(times['CableCheckRes']) == 157
    checks = [one for one in exchanges(recording.events) if one.name == 'CableCheck']
    assert lasted(checks) == pytest.approx(last - first) == pytest.approx(14.11, abs=0.01)
    assert facts_of(recording).lasted('CABLE_CHECK') == next_one - first
    assert next_one - first == pytest.approx(14.41, abs=0.01)


def test_of_two_attempts_the_longer_counts_and_no_pause_between_them(capture):
    checks = [one for one in exchanges(read(capture).events) if one.name == 'CableCheck']
    shift = 60.0
    again = [
        Exchange(*(replace(one, time=one.time + shift) for one in (check.request, check.response)))
        for check in checks[:10]
    ]
    assert lasted([*checks, *again]) == lasted(checks) > lasted(again)


def test_every_real_session_has_a_page(captures, tmp_path, capsys):
    paths = [file for file in FILES if file not in WITH_SECRETS]
    assert main(['-o', str(tmp_path), *map(str, paths)]) == PARTLY
    assert flawed(capsys.readouterr().err) == CUT
    assert len(list(tmp_path.glob('*.html'))) == len(paths)
