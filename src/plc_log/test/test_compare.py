# SPDX-License-Identifier: Apache-2.0
"""Sessions side by side, and a folder of them by charger."""

import os
from pathlib import Path
import pty
import shutil
import signal
import subprocess
import sys

from captured import CUT, FILES, WITH_SECRETS, flawed
from charge_frames import Charge, whole_charge
import duckdb
import pytest

from plc_log import compare
from plc_log.each import PARTLY
from plc_log.rows import found_in, rows_of
from v2g.schema import din


def failed(evseid=b'DE*XYZ*E9'):
    charge = Charge()
    charge.slac()
    charge.connect()
    charge.set_up(evseid)
    charge.cable_check(code=din.ResponseCode.FAILED)
    return charge


@pytest.fixture
def folder(recorded, tmp_path):
    """Seven sessions at two chargers, in folders of their own."""
    place = tmp_path / 'many'
    for n in range(5):
        (place / f'good{n}').mkdir(parents=True)
        shutil.copy(recorded(whole_charge()), place / f'good{n}' / 'charge.pcapng')
    for n in range(2):
        shutil.copy(recorded(failed(), f'failed{n}'), place / f'failed{n}.pcapng')
    return place


def line(text, name):
    [found] = [line for line in text.splitlines() if line.startswith(name)]
    return found


def test_two_sessions_stand_side_by_side(recorded, capsys):
    paths = [recorded(whole_charge(), 'good'), recorded(failed(), 'bad')]
    assert compare.main([str(path) for path in paths]) == 0
    text = capsys.readouterr().out
    assert line(text, 'outcome').split() == ['outcome', 'FINISHED', 'FAILED']
    assert line(text, 'CABLE_CHECK').split() == ['CABLE_CHECK', '6.0', 's', '4.8', 's']
    assert 'CableCheckRes says FAILED' in line(text, 'reason')
    assert line(text, 'energy').split() == ['energy', '0.11', 'kWh']


@pytest.mark.parametrize('strange', ['\\[/x]', '[/]', '[red]', 'x\\'])
def test_what_looks_like_markup_stands_there_as_it_was_told(recorded, capsys, strange):
    charge = failed(strange.encode())
    name = strange.replace('/', '')
    paths = [str(recorded(charge, f'{n}{name}')) for n in range(2)]
    assert compare.main(paths) == 0
    text = capsys.readouterr().out
    assert line(text, 'charger ').split() == ['charger', strange, strange]
    assert f'0{name}' in text and f'1{name}' in text
    assert compare.main(['--sql', f"select 1 as '{name}'", *paths]) == 0
    assert name in capsys.readouterr().out


def test_folder_is_a_line_for_each_charger(folder, capsys):
    assert compare.main([str(folder)]) == 0
    text = capsys.readouterr().out
    good, bad = text[text.index('charger   ', 9) :].splitlines()[1:]
    assert good.split()[:5] == ['DE*ABC*E1', '5', '5', '0', '100']
    assert bad.split()[:5] == ['DE*XYZ*E9', '2', '0', '2', '0']
    assert 'CableCheckRes says FAILED' in bad


def test_parquet_is_kept_and_can_be_asked(folder, tmp_path, capsys):
    file = tmp_path / 'sessions.parquet'
    assert compare.main([str(folder), '--parquet', str(file)]) == 0
    [(count, energy)] = duckdb.sql(
        f"select count(*), round(sum(energy_wh)) from '{file}' where outcome = 'FINISHED'"
    ).fetchall()
    assert (count, energy) == (5, 550)
    query = 'select name, soc_last from sessions where soc_last > 0.5 order by name limit 1'
    assert compare.main([str(folder), '--sql', query]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ['charge', '0.6']


def test_wrong_query_is_one_sentence(folder, capsys):
    assert compare.main([str(folder), '--sql', 'select nothing from nowhere']) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_unreadable_ones_are_named_and_do_not_hide_the_others(folder, capsys):
    (folder / 'nonsense.pcap').write_bytes(b'nonsense')
    (folder / 'bag').mkdir()
    (folder / 'bag' / 'bag_0.mcap').write_bytes(b'')
    assert compare.main([str(folder)]) == 1
    output = capsys.readouterr()
    assert len(output.err.splitlines()) == 2
    assert 'DE*ABC*E1' in output.out


def test_processes_give_the_same_rows_in_the_same_order(folder):
    paths = found_in([folder])
    assert len(paths) == 7
    one, two = ([repr(row) for row in rows_of(paths, jobs)] for jobs in (1, 2))
    assert one == two


def command(*arguments, **options):
    heard = ['env', '--default-signal=INT']  # a shell's job in the background ignores it
    words = [*heard, sys.executable, '-m', 'plc_log.cli', 'compare', *map(str, arguments)]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, start_new_session=True, **options)


def read_from(terminal):
    """Return what a terminal shows next; empty once nobody writes any more."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b''


def test_how_far_it_is_is_shown_where_a_person_looks_on(folder):
    master, terminal = pty.openpty()
    with command(folder, stderr=terminal, env={**os.environ, 'TERM': 'xterm'}) as process:
        os.close(terminal)
        shown = b''.join(iter(lambda: read_from(master), b'')).decode()
    os.close(master)
    assert process.returncode == 0
    assert 'compare' in shown and '100%' in shown


def test_interrupt_ends_every_process_without_a_word(folder):
    for n in range(300):
        (folder / f'again{n}.pcapng').symlink_to(folder / 'good0' / 'charge.pcapng')
    with command(folder, '--jobs', 2, stderr=subprocess.PIPE, text=True) as process:
        workers = Path(f'/proc/{process.pid}/task/{process.pid}/children')
        while len(workers.read_text().split()) < 2:
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        error = process.communicate(timeout=60)[1]
    assert (process.returncode, error) == (1, '')


def test_place_with_nothing_in_it_is_one_sentence(tmp_path, capsys):
    assert compare.main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == 'compare: no bag and no capture is there\n'


def test_real_sessions_are_grouped_by_charger(captures, capsys):
    paths = [file for file in FILES if file not in WITH_SECRETS]
    assert compare.main([str(path) for path in paths]) == PARTLY
    output = capsys.readouterr()
    assert flawed(output.err) == CUT
    [golden] = [line for line in output.out.splitlines() if line.startswith('52:ad:92')][-1:]
    assert golden.split()[:4] == ['52:ad:92:07:32:8b', '1', '1', '0']
