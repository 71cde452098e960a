# SPDX-License-Identifier: Apache-2.0
"""One command for all verbs, also where nothing of ROS is."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

from plc_log.cli import VERBS, main

REPOSITORY = Path(__file__).parents[3]
PACKAGES = ('plc_log', 'plc_kit', 'v2g', 'plc_modem', 'slac')
OFFLINE = ('timeline', 'report', 'export', 'import', 'compare', 'replay', 'summary')
BLOCKED = """
import sys
for name in ('rclpy', 'plc_msgs', 'ament_index_python', 'builtin_interfaces'):
    sys.modules[name] = None
from plc_log.cli import main
sys.exit(main(sys.argv[1:]))
"""


def without_ros(*arguments):
    """Run a verb where ROS cannot be imported, from the sources alone."""
    sources = [str(REPOSITORY / 'src' / name) for name in PACKAGES]
    environment = {'PATH': os.environ['PATH'], 'PYTHONPATH': os.pathsep.join(sources)}
    command = [sys.executable, '-c', BLOCKED, *map(str, arguments)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize('verb', OFFLINE)
def test_every_offline_verb_works_without_ros(bag, capture, tmp_path, verb):
    output = {'report': ['-o', tmp_path], 'export': ['-o', tmp_path], 'import': ['-o', tmp_path]}
    path = capture if verb == 'import' else bag
    done = without_ros(verb, *output.get(verb, []), path)
    told = done.stderr.replace('EXI runs in Python', '')
    assert 'Traceback' not in told
    assert done.returncode == (2 if verb in ('replay', 'summary') else 0)  # nothing for them in it


def test_command_of_a_clone_runs_from_any_folder(bag, tmp_path):
    environment = {'PATH': f'{Path(sys.executable).parent}:{os.environ["PATH"]}'}
    command = [REPOSITORY / 'standalone/bin/plc-log', 'compare', bag]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert 'FINISHED' in done.stdout


def test_help_names_every_verb(capsys):
    assert main(['--help']) == 0
    assert main([]) == 0
    text = capsys.readouterr().out
    assert all(f'  {verb} ' in text for verb in VERBS)


@pytest.mark.parametrize('verb', OFFLINE)
def test_every_verb_has_help_of_its_own(capsys, verb):
    with pytest.raises(SystemExit) as ended:
        main([verb, '--help'])
    assert ended.value.code == 0
    assert f'usage: {verb}' in capsys.readouterr().out


def test_unknown_verb_is_named(capsys):
    assert main(['dance']) == 2
    assert capsys.readouterr().err.startswith('plc-log: there is no verb dance\n')


def test_missing_library_is_one_sentence(monkeypatch, capsys, capture, tmp_path):
    monkeypatch.setitem(sys.modules, 'duckdb', None)
    monkeypatch.delitem(sys.modules, 'plc_log.sessions', raising=False)
    monkeypatch.delitem(sys.modules, 'plc_log.compare', raising=False)
    assert main(['compare', str(capture)]) == 2
    assert capsys.readouterr().err == 'plc-log: compare needs the Python package duckdb\n'
