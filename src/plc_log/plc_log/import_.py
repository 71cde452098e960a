# SPDX-License-Identifier: Apache-2.0
"""`plc-log import CAPTURE…`: a capture into a bag, as the nodes of one side tell it."""

import argparse
from collections.abc import Iterator
from pathlib import Path
import shutil
import sys

from plc_log.capture import Capture, Frame, Unreadable
from plc_log.dissection import Dissection
from plc_log.each import each, tell
from plc_log.events import Event, Side
from plc_log.mme import HOMEPLUG
from plc_modem.homeplug.keys import without_keys

VERB = 'import'
ROLES = {Side.VEHICLE: 'pev', Side.CHARGER: 'evse'}


def main(arguments: list[str] | None = None) -> int:
    """Import; 1: a file could be read in part only, 2: not at all."""
    options = _parser().parse_args(arguments)
    folder, side = options.output, Side(options.side)
    return each(VERB, options.files, lambda path: _import(path, folder, side))


def _parser() -> argparse.ArgumentParser:
    command = argparse.ArgumentParser(
        prog=VERB,
        description='Write captures as bags: mme_log (keys replaced), sdp_log, transport/status '
        'and v2g_log of one side, with the times of the capture.',
    )
    command.add_argument('files', nargs='+', type=Path, metavar='CAPTURE', help='a pcap or pcapng')
    command.add_argument(
        '-o', '--output', type=Path, default=Path(), help='folder for the bags (default: here)'
    )
    command.add_argument(
        '--side', choices=('vehicle', 'charger'), default='vehicle', help='whose view it is'
    )
    return command


def _import(path: Path, output: Path, side: Side) -> list[str]:
    folder = output / path.name.removesuffix(path.suffix)
    flaw, count = _write(path, folder, side)
    tell(f'{folder}: {count} messages')
    return [flaw] if flaw else []


def _write(path: Path, folder: Path, side: Side) -> tuple[str, int]:
    from plc_log.imported import (
        ImportedBag,
    )  # rosbags: half a second the other verbs need not wait

    capture = Capture(path)
    if folder.exists():
        raise Unreadable(f'{folder} exists already; choose another folder with -o')
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with ImportedBag(folder, ROLES[side], side) as bag:
            for frame, events in _dissected(capture):
                if frame.octets[12:14] == HOMEPLUG:
                    bag.frame(Frame(frame.time, without_keys(frame.octets)))
                for event in events:
                    bag.event(event, frame.octets)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return capture.flaw, bag.count


def _dissected(capture: Capture) -> Iterator[tuple[Frame, list[Event]]]:
    dissection, frame = Dissection(), Frame(0.0, b'')
    for frame in capture:
        yield frame, dissection.take(frame)
    yield Frame(frame.time, b''), list(dissection.rest(frame.time))


if __name__ == '__main__':
    sys.exit(main())
