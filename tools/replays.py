# SPDX-License-Identifier: Apache-2.0
"""Records sessions on a busy machine, and replays each: none may differ.

Real processes on a simulated line, beside processes that do nothing but keep the processors busy.
Run in a shell that sourced env.sh; status 1 where a recording differs, or is not there.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import subprocess
import sys
import tempfile
import time

from bench_processes import started
import rclpy
from soak import LOOPING, SCENE, SIDES, Driver, Failed, replug, session
from two_sides import ENDS_WITH_US

from plc_log.bag.decoded import Bag
from plc_log.bag.folder import bags
from plc_log.replay import replays_of, verdict
from plc_log.replaying import Replay

A_LAUNCH = 5  # recordings: the first begins while the nodes still find each other
JOURNALS = 8  # of modem, SLAC, transport and session of both sides
BUSY = (*ENDS_WITH_US, 'nice', '-n', '5', sys.executable, '-c', 'while True: pass')


@contextmanager
def load(count: int) -> Iterator[None]:
    """Keep so many processes busy; they end with this one, however it ends."""
    busy = [subprocess.Popen(BUSY) for _ in range(count)]
    try:
        yield
    finally:
        for one in busy:
            one.kill()
            one.wait()


def record(folder: Path, count: int, *arguments: str) -> None:
    """Start both sides, and record so many sessions; tell of each that did not go as it should."""
    driver = Driver()
    command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', *arguments)
    with started(*command, 'record:=true', f'bags:={folder}'):
        for number in range(count):
            try:
                if number:
                    replug(driver)
                session(driver, SIDES[number % 2], LOOPING)
            except Failed as failure:
                print(failure, flush=True)
    driver.close()


def record_all(folder: Path, count: int) -> None:
    """Record in launches one after the other, every second one with a side in one process."""
    scene = folder / 'replays.yaml'
    scene.write_text(SCENE.format(loss=0.0, restart_time=0.1))
    given = (f'network:=replays{os.getpid()}', f'params_file:={scene}', 'scene:=instant')
    begin = time.monotonic()
    for number, first in enumerate(range(0, count, A_LAUNCH)):
        composed = f'composed:={str(number % 2 == 1).lower()}'
        there = min(A_LAUNCH, count - first)
        record(folder / 'bags', there, *given, composed, f'bags_kept:={count}')
        minutes = (time.monotonic() - begin) / 60
        average = os.getloadavg()[0]
        print(f'{first + there} sessions, {minutes:.1f} min, load {average:.1f}', flush=True)


def judged(replays: dict[str, Replay]) -> str:
    """Say in a word what a recording's journals are."""
    if any(replay.difference for replay in replays.values()):
        return 'different'
    whole = [replay for replay in replays.values() if replay.played and not replay.missing]
    return 'identical' if len(whole) == JOURNALS else 'not whole'


def replay_all(folder: Path) -> Counter[str]:
    """Replay every recording; print what each that is not identical lacks, and count them."""
    counts: Counter[str] = Counter(identical=0, different=0)
    counts['not whole'] = 0
    for bag in bags(folder):
        replays = replays_of(Bag(bag))
        counts[word := judged(replays)] += 1
        if word != 'identical':
            lines = (verdict(topic, replay) for topic, replay in sorted(replays.items()))
            print(f'{bag}: {word}', *lines, sep='\n  ', flush=True)
    return counts


def asked() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('count', type=int, nargs='?', default=200)
    parser.add_argument('--load', type=int, default=8, help='busy processes (%(default)s)')
    parser.add_argument('--keep', type=Path, help='folder in which the recordings are left')
    return parser.parse_args()


def main() -> int:
    """Record, replay, and tell."""
    arguments = asked()
    rclpy.init(args=[])
    with tempfile.TemporaryDirectory() as own:
        folder = arguments.keep or Path(own)
        with load(arguments.load):
            record_all(folder, arguments.count)
        counts = replay_all(folder / 'bags')
    told = ', '.join(f'{count} {word}' for word, count in counts.items())
    print(f'{counts.total()} recordings of {arguments.count}: {told}')
    return int(counts['different'] > 0 or counts.total() < arguments.count)


if __name__ == '__main__':
    sys.exit(main())
