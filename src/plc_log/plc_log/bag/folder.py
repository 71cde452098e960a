# SPDX-License-Identifier: Apache-2.0
"""A folder of bags, one for each session: their names, how many are kept, and open ones closed.

A bag is called `2026-11-26_04-23-31_0a1b2c3d4e5f`: when it began, and the partner's MAC. Other
recorders' bags may lie beside ours, whatever they are called: they are left alone.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
import fcntl
from io import BytesIO
import os
from pathlib import Path
import re
import shutil
import time

from mcap.data_stream import ReadDataStream
from mcap.opcode import Opcode
from mcap.records import Header, Metadata

from plc_log.bag import reader
from plc_log.bag.partner import Partner
from plc_log.bag.records import MAGIC, NONSENSE
from plc_log.bag.writer import LIBRARY, SEQUENCE, BagWriter

NAME = re.compile(r'\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(\.\d+)?(_[0-9a-z-]+)?')
_RECORD_HEAD = 9  # octets: an opcode, and how many follow
_TIME = '%Y-%m-%d_%H-%M-%S'
_DRAFT = '.closing-'
_HEADER = 512  # octets that hold the beginning of a file of ours


def new_bag(folder: Path, now: int) -> BagWriter:
    """Begin a bag, called by its time alone; `now`: nanoseconds since 1970."""
    name = time.strftime(_TIME, time.localtime(now * 1e-9))
    taken = [path.name for path in folder.glob(f'{name}*')]
    there = bags(folder)
    number = 1 + (_number(there[-1]) if there else 0)
    return BagWriter(folder / (f'{name}.{len(taken) + 1}' if taken else name), number)


def named(name: str, partner: str) -> str:
    """Return the name of a bag with its partner, where one is known and is not in it yet."""
    return f'{name}_{partner}' if partner and '_' not in name.partition('_')[2] else name


def bags(folder: Path) -> list[Path]:
    """Return the bags that our recorder has left there, the oldest first.

    By their numbers: a computer without a clock begins in 1970, and others' are set back. Those of
    before there were numbers come first, by their times.
    """
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    ours = (one for one in there if NAME.fullmatch(one.name) and _ours(one))
    return sorted(ours, key=lambda bag: (_number(bag), _written(bag)))


def prune(folder: Path, keep: int, tell: Callable[[str], None]) -> list[Path]:
    """Remove the oldest bags, so that `keep` are left; return what was removed."""
    there = bags(folder)
    closed, surplus = [bag for bag in there if not _being_written(bag)], len(there) - keep
    return [bag for bag in closed[: max(0, surplus)] if _removed(bag, tell)]


def _removed(bag: Path, tell: Callable[[str], None]) -> bool:
    try:
        shutil.rmtree(bag)
    except OSError as error:
        tell(f'{bag} cannot be removed: {error}')
        return False
    return True


def close_all(folder: Path, tell: Callable[[str], None]) -> None:
    """Close each bag that a recorder left open; what of it can be read is kept."""
    for draft in folder.glob(f'{_DRAFT}*'):
        shutil.rmtree(draft, ignore_errors=True)  # of a closing that was interrupted
    for bag in bags(folder):
        if not (bag / 'metadata.yaml').exists() and not _being_written(bag):
            try:
                closed, count = close(bag)
            except Exception as error:  # noqa: BLE001  no file keeps the others open
                shutil.rmtree(_draft(bag), ignore_errors=True)
                tell(f'{bag} was left open, and cannot be closed: {error}')
            else:
                tell(f'{bag} was left open; closed as {closed.name}, with {count} messages')


def _draft(bag: Path) -> Path:
    return bag.with_name(f'{_DRAFT}{bag.name}')


def close(bag: Path) -> tuple[Path, int]:
    """Close a bag that was left open; return its folder, and how many messages it has.

    Its file is replaced in one step: whenever this is interrupted, the bag can be closed again.
    """
    contents, partner, count = reader.found(bag), Partner(), 0
    draft, written = _draft(bag), _written(bag)
    writer = BagWriter(draft, _number(bag))
    for one in _known(contents, writer):
        partner.look(one.topic, one.schema, one.cdr)
        writer.write(one.topic, one.cdr, one.received, one.sent)
        count += 1
    writer.close(as_name=bag.name)
    os.utime(draft / f'{bag.name}_0.mcap', ns=(written, written))  # it is as old as it was
    for path in sorted(draft.iterdir()):  # metadata.yaml last
        path.replace(bag / path.name)
    draft.rmdir()
    for other in set(contents.files) - {f'{bag.name}_0.mcap'}:
        (bag / other).unlink()
    final = bag.with_name(named(bag.name, partner.name))
    return bag.rename(final), count


def _known(contents: reader.Contents, writer: BagWriter) -> Iterator[reader.Recorded]:
    """Give the messages, each topic made known to the writer before its first."""
    known: set[str] = set()
    for one in contents.messages():
        if one.topic not in known:
            known.add(one.topic)
            qos = contents.qos[one.topic]
            writer.add_topic(one.topic, one.schema.name, qos, '', one.schema.data)
        yield one


def _ours(bag: Path) -> bool:
    """Tell whether each file of a bag has the header that our writer begins with."""
    return None not in (numbers := _numbers(bag)) and bool(numbers)


def _number(bag: Path) -> int:
    """Return the number that its recorder gave a bag of ours; 0: none."""
    return max((number or 0 for number in _numbers(bag)), default=0)


def _numbers(bag: Path) -> list[int | None]:
    try:
        return [_number_in(bag / name) for name in reader.found(bag).files]
    except OSError:
        return []


def _number_in(file: Path) -> int | None:
    """Return the number that stands behind the header of a file; 0: none, None: it is not ours."""
    try:
        with open(file, 'rb') as octets:
            head = octets.read(_HEADER)
        stream = ReadDataStream(BytesIO(head[len(MAGIC) :]))
        stream.read(_RECORD_HEAD)
        if not head.startswith(MAGIC) or Header.read(stream).library != LIBRARY:
            return None
    except (OSError, *NONSENSE):
        return None
    with suppress(*NONSENSE):
        if stream.read(_RECORD_HEAD)[0] == Opcode.METADATA:
            return int(Metadata.read(stream).metadata[SEQUENCE])
    return 0


def _written(bag: Path) -> int:
    """Return when a bag was last written, ns since 1970; 0: it has just been removed."""
    try:
        return max((file.stat().st_mtime_ns for file in bag.glob('*.mcap')), default=0)
    except OSError:
        return 0


def _being_written(bag: Path) -> bool:
    """Tell whether somebody holds a file of it, or keeps us from looking."""
    try:
        for path in bag.glob('*.mcap'):
            with open(path, 'rb') as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False
