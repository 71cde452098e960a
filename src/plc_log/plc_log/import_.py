# SPDX-License-Identifier: Apache-2.0
"""`plc-log import CAPTURE…`: a capture into a bag, as the nodes of one side tell it."""

import argparse
from collections.abc import Iterator
from pathlib import Path
import shutil
import sys

from plc_log.capture import Capture, Frame, Unreadable
from plc_log.dissection import Dissection
from plc_log.events import Event, Kind, Side
from plc_log.mme import HOMEPLUG
from plc_log.progress import tracked
from plc_modem.homeplug.keys import without_keys

ROLES = {Side.VEHICLE: 'pev', Side.CHARGER: 'evse'}


def main(arguments: list[str] | None = None) -> int:
    """Import; 1: a file could be read in part only, 2: not at all."""
    options = _parser().parse_args(arguments)
    try:
        files = tracked(options.files, len(options.files), 'import')
        return max(_import(path, options) for path in files)
    except (BrokenPipeError, KeyboardInterrupt):
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='import',
        description='Write captures as bags: mme_log (keys replaced), sdp_log, transport/status '
        'and v2g_log of one side, with the times of the capture.',
    )
    parser.add_argument('files', nargs='+', type=Path, metavar='CAPTURE', help='a pcap or pcapng')
    parser.add_argument(
        '-o', '--output', type=Path, default=Path(), help='folder for the bags (default: here)'
    )
    parser.add_argument(
        '--side', choices=('vehicle', 'charger'), default='vehicle', help='whose view it is'
    )
    return parser


def _import(path: Path, options: argparse.Namespace) -> int:
    name = path.name.removesuffix(path.suffix)
    folder = options.output / name
    try:
        flaw, count = _write(path, folder, Side(options.side))
    except Unreadable as error:
        sys.stderr.write(f'import: {error}\n')
        return 2
    except OSError as error:
        sys.stderr.write(f'import: {error.filename or path}: {error.strerror or error}\n')
        return 2
    sys.stdout.write(f'{folder}: {count} messages\n')
    if flaw:
        sys.stderr.write(f'import: {flaw}\n')
    return 1 if flaw else 0


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
                    if event.kind is Kind.SDP:
                        bag.datagram(frame)
                    bag.event(event)
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
