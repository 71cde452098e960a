# SPDX-License-Identifier: Apache-2.0
"""The launch as a child: SIGINT first, its own group, and found again by the next page."""

import asyncio
from contextlib import suppress
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import pytest
import yaml

from plc_web import graph as graphs
from plc_web.graph import Graph

LAUNCH = """
import os, pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
def told(number, _):
    with (folder / 'told').open('a') as out: out.write(signal.Signals(number).name + ' ')
    if 'stubborn' not in sys.argv: sys.exit(0)
for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, told)
(folder / 'words').write_text(' '.join(sys.argv[2:]))
(folder / 'group').write_text(str(os.getpgrp()))
print('begun', flush=True)
if 'fails' in sys.argv:
    print('[ERROR] Caught exception in launch (see debug for traceback): no modem answers')
    sys.exit(1)
while True: time.sleep(0.05)
"""


@pytest.fixture
def made(tmp_path):
    """A graph of a launch that is a small program; whatever it leaves is killed."""
    some = []

    def make():
        command = (sys.executable, '-c', LAUNCH, str(tmp_path))
        some.append(Graph(command, tmp_path, tmp_path / 'parameters.yaml'))
        return some[-1]

    yield make
    if any(one.running for one in some):
        with suppress(ProcessLookupError):  # it has just ended
            os.killpg(int((tmp_path / 'group').read_text()), signal.SIGKILL)


def until(holds):
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def begun(graph):
    until(lambda: graph.log_lines() == ['begun'])


def test_it_is_started_in_a_group_of_its_own_and_stopped_by_sigint(made, tmp_path):
    graph = made()
    assert not graph.running
    graph.start('a:=b')
    begun(graph)
    assert graph.running and (tmp_path / 'words').read_text() == 'a:=b'
    assert int((tmp_path / 'group').read_text()) != os.getpgrp()
    assert asyncio.run(graph.stop()) is False
    assert not graph.running and (tmp_path / 'told').read_text() == 'SIGINT '


def test_a_page_that_is_started_anew_finds_it_and_stops_it(made, tmp_path):
    made().start()
    begun(made())
    second = made()
    assert second.running and second.since is not None
    assert asyncio.run(second.stop()) is False
    assert (tmp_path / 'told').read_text() == 'SIGINT ' and not made().running


def test_a_number_that_belongs_to_another_process_now_is_not_it(made, tmp_path):
    graph = made()
    graph.start()
    begun(graph)
    asyncio.run(graph.stop())
    other = subprocess.Popen(('sleep', '60'))
    try:
        file = tmp_path / 'graph.json'
        file.write_text(f'{{"pid": {other.pid}, "start": 1, "since": 0.0}}')
        assert not made().running
    finally:
        other.kill()
        other.wait()


def test_one_that_does_not_end_is_killed_after_its_time(made, monkeypatch, tmp_path):
    monkeypatch.setattr(graphs, '_PATIENCE', 1.0)
    graph = made()
    graph.start('stubborn')
    begun(graph)
    assert asyncio.run(graph.stop()) is True
    assert not graph.running and (tmp_path / 'told').read_text() == 'SIGINT '


def test_the_sentence_of_a_launch_that_failed_is_told(made):
    graph = made()
    graph.start('fails')
    until(lambda: not graph.running)
    assert graph.ended == 'no modem answers'


def test_the_launch_reads_a_copy_of_the_parameters(made, tmp_path):
    parameters = tmp_path / 'parameters.yaml'
    parameters.write_text('a: 1\n')
    graph = made()
    graph.start()
    begun(graph)
    parameters.write_text('a: 2\n')
    used = Path((tmp_path / 'words').read_text().removeprefix('params_file:='))
    assert used != parameters and used.read_text() == 'a: 1\n'


def test_what_was_applied_while_it_runs_is_in_that_copy_too(made, tmp_path):
    parameters, used = tmp_path / 'parameters.yaml', tmp_path / 'graph.parameters.yaml'
    graph = made()
    graph.keep({'/a': {'b': 1}})
    assert not used.exists()  # a launch that runs takes no file any more
    parameters.write_text('/a: {ros__parameters: {b: 1, c: 3}}\n')
    graph.start()
    begun(graph)
    graph.keep({'/a': {'b': 2}})
    assert yaml.safe_load(used.read_text()) == {'/a': {'ros__parameters': {'b': 2, 'c': 3}}}
    graph.keep({})
    assert 'b: 1' in parameters.read_text()
    asyncio.run(graph.stop())
    parameters.unlink()
    graph.start()
    assert not used.exists()  # nothing of a start before
