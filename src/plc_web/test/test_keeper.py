# SPDX-License-Identifier: Apache-2.0
"""The keeper: starts what is current, confirms what is healthy, takes back what is not."""

import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import pytest

from plc_web import keeper
from plc_web.releases import Releases

# A page as a release has it: answers /healthz as its release's file `behaviour` says.
SERVE = """#!/usr/bin/env python3
import http.server, json, os, pathlib, signal, sys, time
here = pathlib.Path(sys.argv[0]).parents[4]
behaviour = (here / 'behaviour').read_text()
if behaviour == 'ends':
    sys.exit(3)
if behaviour == 'cannot start':
    sys.exit(78)
if behaviour == 'not yet':
    sys.exit(74)
state = pathlib.Path(next(w for w in sys.argv if w.startswith('state:=')).removeprefix('state:='))
signal.signal(signal.SIGINT, lambda *_: os._exit(0))
signal.signal(signal.SIGUSR1, lambda *_: os._exit(75))
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        told = {'healthy': behaviour == 'healthy', 'version': here.name}
        self.send_response(200); self.end_headers(); self.wfile.write(json.dumps(told).encode())
    def log_message(self, *_): pass
server = http.server.HTTPServer(('127.0.0.1', 0), Answer)
told = {'pid': os.getpid(), 'url': f'http://127.0.0.1:{server.server_port}'}
(state / 'page.json').write_text(json.dumps(told))
if behaviour == 'silent':
    time.sleep(1000)
server.serve_forever()
"""
HURRY = (
    'import sys; from plc_web import keeper; keeper.PATIENCE, keeper.STEADY, keeper.PAUSE = 8.0,'
    ' 0.5, 0.1; keeper.main()'
)


class Kept:
    """A folder of releases, and a keeper of them."""

    def __init__(self, folder):
        self.releases = Releases(folder / 'releases')
        self.state = folder / 'state'
        self.state.mkdir()
        self.process = None

    def add(self, version, behaviour='healthy'):
        release = self.releases.folder / version
        (release / 'install/plc_web/lib/plc_web').mkdir(parents=True)
        (release / '.venv/bin').mkdir(parents=True)
        (release / 'env.sh').write_text('')
        (release / 'behaviour').write_text(behaviour)
        serve = release / 'install/plc_web/lib/plc_web/serve'
        serve.write_text(SERVE)
        serve.chmod(0o755)

    def start(self):
        command = (sys.executable, '-c', HURRY, str(self.releases.folder), str(self.state))
        self.process = subprocess.Popen(command, start_new_session=True)

    def page(self):
        """The page that runs: (pid, release), or None."""
        try:
            pid = json.loads((self.state / 'page.json').read_text())['pid']
            words = Path(f'/proc/{pid}/cmdline').read_bytes().split(b'\0')
        except (OSError, ValueError):
            return None
        return pid, Path(words[1].decode()).parents[4].name if len(words) > 2 else ''

    def runs(self, version):
        found = self.page()
        return found is not None and found[1] == version

    def outcome(self):
        try:
            return json.loads((self.state / 'update.json').read_text())
        except (OSError, ValueError):
            return None

    def wait(self, holds, patience=60.0):
        end = time.monotonic() + patience
        while not holds():
            assert time.monotonic() < end and self.process.poll() is None
            time.sleep(0.05)


@pytest.fixture
def kept(tmp_path):
    one = Kept(tmp_path)
    one.add('1.0')
    (one.releases.folder / 'current').symlink_to('1.0')
    yield one
    if one.process and one.process.poll() is None:
        os.killpg(one.process.pid, signal.SIGKILL)
        one.process.wait()


def switch(kept, version):
    """What the page does at the end of an update."""
    kept.start()
    kept.wait(lambda: kept.runs('1.0'))
    kept.releases.try_out(version)
    os.kill(kept.page()[0], signal.SIGUSR1)


def test_a_page_that_dies_is_started_anew(kept):
    kept.start()
    kept.wait(lambda: kept.runs('1.0'))
    first = kept.page()[0]
    os.kill(first, signal.SIGKILL)
    kept.wait(lambda: kept.runs('1.0') and kept.page()[0] != first)


def test_told_to_end_it_ends_its_page_first(kept):
    kept.start()
    kept.wait(lambda: kept.runs('1.0'))
    kept.process.send_signal(signal.SIGTERM)
    assert kept.process.wait(20) == 0 and kept.page() is None


def test_a_page_that_cannot_start_is_not_tried_for_ever(kept):
    (kept.releases.folder / '1.0/behaviour').write_text('cannot start')
    kept.start()
    assert kept.process.wait(20) == keeper.CANNOT_START


def test_a_page_whose_address_is_not_there_yet_is_tried_until_it_is(kept):
    (kept.releases.folder / '1.0/behaviour').write_text('not yet')
    kept.start()
    time.sleep(1.0)  # some starts
    assert kept.process.poll() is None
    (kept.releases.folder / '1.0/behaviour').write_text('healthy')
    kept.wait(lambda: kept.runs('1.0'))


def test_a_healthy_release_is_confirmed(kept):
    kept.add('2.0')
    switch(kept, '2.0')
    kept.wait(kept.outcome)
    assert kept.outcome()['ok'] and kept.runs('2.0')
    assert not kept.releases.on_trial and kept.releases.running == '2.0'


@pytest.mark.parametrize(('behaviour', 'why'), [
    ('ends', 'ended with status 3'), ('cannot start', 'ended with status 78'),
    ('sick', 'not healthy within'), ('silent', 'not healthy within'),
    ('not yet', 'not healthy within'),
])  # fmt: skip
def test_one_that_is_not_healthy_is_taken_back(kept, behaviour, why):
    kept.add('2.0', behaviour)
    switch(kept, '2.0')
    kept.wait(kept.outcome)
    told = kept.outcome()
    assert not told['ok'] and why in told['sentence'] and told['version'] == '2.0'
    kept.wait(lambda: kept.runs('1.0'))
    assert not kept.releases.on_trial and kept.releases.running == '1.0'


def test_one_that_takes_the_computer_down_is_taken_back_at_the_third_start(kept):
    kept.add('2.0')
    kept.releases.try_out('2.0')
    trial = kept.releases.folder / 'trial.json'
    trial.write_text(json.dumps(json.loads(trial.read_text()) | {'tries': keeper.TRIES}))
    kept.start()
    kept.wait(lambda: kept.runs('1.0'))
    assert 'twice' in kept.outcome()['sentence']


def test_a_trial_that_was_interrupted_goes_on_with_the_next_start(kept):
    kept.add('2.0')
    kept.releases.try_out('2.0')
    kept.start()
    kept.wait(kept.outcome)
    assert kept.outcome()['ok'] and kept.releases.running == '2.0'


def test_a_trial_goes_on_while_the_address_is_not_there_yet(kept):
    kept.add('2.0', 'not yet')
    kept.releases.try_out('2.0')
    kept.start()
    time.sleep(1.0)  # some starts
    assert kept.outcome() is None
    (kept.releases.folder / '2.0/behaviour').write_text('healthy')
    kept.wait(kept.outcome)
    assert kept.outcome()['ok'] and kept.releases.running == '2.0'


def test_a_page_of_another_release_does_not_count_as_the_new_one(kept):
    kept.add('2.0')
    (kept.releases.folder / '2.0/install/plc_web/lib/plc_web/serve').write_text(
        SERVE.replace("'version': here.name", "'version': '1.0'")
    )
    switch(kept, '2.0')
    kept.wait(kept.outcome)
    assert not kept.outcome()['ok']


def test_it_needs_nothing_but_python():
    code = f'import runpy; runpy.run_path({keeper.__file__!r})'
    command = (sys.executable, '-I', '-S', '-c', code)
    assert subprocess.run(command, timeout=60).returncode == 0
