# SPDX-License-Identifier: Apache-2.0
"""plc-log measured: a ten-minute session in each verb, and a folder of bags of growing size."""

import argparse
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
import os
from pathlib import Path
import resource
import shutil
import subprocess
import sys
import tempfile
import time

from charge_frames import whole_charge

from plc_log import export, import_, pcapng
from plc_log.recording import read
from plc_log.rows import rows_of

ROUNDS = 3450  # of CurrentDemand at 0.1 s
LENGTHS = (1, 2, 4)  # portions of the folder that are compared


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        '--bags', type=int, default=160, help='in the largest folder (%(default)s)'
    )
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix='bench_log_') as folder:
        bench_verbs(Path(folder))
        bench_folders(Path(folder), given.bags)


def made(folder: Path, name: str, rounds: int) -> tuple[Path, Path]:
    """Write a session as capture and bag; returns both paths."""
    capture = folder / f'{name}.pcapng'
    pcapng.write(capture, whole_charge(rounds).frames)
    with redirect_stdout(StringIO()):
        import_.main(['-o', str(folder / 'bags'), str(capture)])
    return capture, folder / 'bags' / name


def seconds(*arguments: str | Path) -> float:
    """Return how long a command of plc-log takes, its start included."""
    command = [sys.executable, '-m', 'plc_log.cli', *map(str, arguments)]
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def bench_verbs(folder: Path) -> None:
    """One long session, as capture and as bag, in each verb."""
    capture, bag = made(folder, 'long', ROUNDS)
    recording = read(bag)
    start = seconds('--help')
    print(f'a session of {recording.duration:.0f} s, {recording.counts.v2g} V2G messages')
    print(f'{"":24}{"capture":>10}{"bag":>10}{"µs a message":>14}')
    for verb, *rest in (('timeline',), ('report', '-o', folder), ('export', '-o', folder / 'out')):
        took = [seconds(verb, *rest, path) for path in (capture, bag)]
        each = (took[1] - start) / recording.counts.v2g * 1e6
        print(f'{verb:24}{took[0]:8.2f} s{took[1]:8.2f} s{each:14.0f}')
    table = best(lambda: export.main(['-o', str(folder / 'x.parquet'), str(bag)]))
    print(f'{"export to Parquet":24}{"":10}{table:8.2f} s')
    print(f'{"start alone":24}{start:8.2f} s')


def best(what: Callable[[], object], tries: int = 3) -> float:
    """Return the shortest of some tries, s."""
    times = []
    for _ in range(tries):
        begun = time.perf_counter()
        with redirect_stdout(StringIO()):
            what()
        times.append(time.perf_counter() - begun)
    return min(times)


def bench_folders(folder: Path, bags: int) -> None:
    """Compare folders of 1, 2 and 4 parts: linear means that a bag costs the same in each.

    What others do on this machine lengthens the time, and hardly the processor time.
    """
    _, one = made(folder, 'short', 300)
    many = folder / 'many'
    many.mkdir()
    paths = [Path(shutil.copytree(one, many / f'{n:05}')) for n in range(bags)]
    print(f'\ncompare, bags of {read(one).counts.v2g} V2G messages, {os.cpu_count()} processors')
    print(f'{"":8}{"one process":^27}{"a process for each":^27}')
    print(f'{"bags":>8}', f'{"time":>8}{"CPU":>9}{"ms a bag":>10}' * 2)
    for part in LENGTHS:
        some = paths[: max(1, bags * part // LENGTHS[-1])]
        print(f'{len(some):8}', *(cost(some, processes) for processes in (1, 0)))


def cost(paths: list[Path], processes: int) -> str:
    """Read bags; return as text the s it took, the s of processor time, and ms of it a bag."""
    begun, used = time.perf_counter(), processor_time()
    rows = list(rows_of(paths, processes))
    took, used = time.perf_counter() - begun, processor_time() - used
    return f'{took:6.1f} s{used:7.1f} s{used / len(rows) * 1000:10.1f}'


def processor_time() -> float:
    """Return what this process and those it has ended have used, s."""
    told = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in told)


if __name__ == '__main__':
    main()
