# SPDX-License-Identifier: Apache-2.0
"""A folder of bags, one for each session: their names, how many are kept, and open ones closed.

A bag is called `2026-11-26_04-23-31_0a1b2c3d4e5f`: when it began, and the partner's MAC.
"""

from collections.abc import Callable, Iterator
import fcntl
from pathlib import Path
import re
import shutil
import time

from plc_log.bag import reader
from plc_log.bag.partner import Partner
from plc_log.bag.writer import BagWriter

NAME = re.compile(r'\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(\.\d+)?(_[0-9a-z-]+)?')
_TIME = '%Y-%m-%d_%H-%M-%S'
_DRAFT = '.closing-'


def new_bag(folder: Path, now: int) -> BagWriter:
    """Begin a bag, called by its time alone; `now`: nanoseconds since 1970."""
    name = time.strftime(_TIME, time.localtime(now * 1e-9))
    taken = [path.name for path in folder.glob(f'{name}*')]
    return BagWriter(folder / (f'{name}.{len(taken) + 1}' if taken else name))


def named(name: str, partner: str) -> str:
    """Return the name of a bag with its partner, where one is known and is not in it yet."""
    return f'{name}_{partner}' if partner and '_' not in name.partition('_')[2] else name


def bags(folder: Path) -> list[Path]:
    """Return the bags that a recorder has left there, the oldest first."""
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    return [one for one in there if NAME.fullmatch(one.name) and any(one.glob('*.mcap'))]


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove the oldest bags, so that `keep` are left; return what was removed."""
    surplus = bags(folder)[: -keep or None]
    gone = [bag for bag in surplus if not _being_written(bag)]
    for bag in gone:
        shutil.rmtree(bag)
    return gone


def close_all(folder: Path, tell: Callable[[str], None]) -> None:
    """Close each bag that a recorder left open; what of it can be read is kept."""
    for draft in folder.glob(f'{_DRAFT}*'):
        shutil.rmtree(draft, ignore_errors=True)  # of a closing that was interrupted
    for bag in bags(folder):
        if not (bag / 'metadata.yaml').exists() and not _being_written(bag):
            try:
                closed, count = close(bag)
            except OSError as error:
                tell(f'{bag} was left open, and cannot be closed: {error}')
            else:
                tell(f'{bag} was left open; closed as {closed.name}, with {count} messages')


def close(bag: Path) -> tuple[Path, int]:
    """Close a bag that was left open; return its folder, and how many messages it has.

    Its file is replaced in one step: whenever this is interrupted, the bag can be closed again.
    """
    contents, partner, count = reader.found(bag), Partner(), 0
    draft = bag.with_name(f'{_DRAFT}{bag.name}')
    writer = BagWriter(draft)
    for one in _known(contents, writer):
        partner.look(one.topic, one.schema, one.cdr)
        writer.write(one.topic, one.cdr, one.received, one.sent)
        count += 1
    writer.close(as_name=bag.name)
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


def _being_written(bag: Path) -> bool:
    for path in bag.glob('*.mcap'):
        with open(path, 'rb') as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return True
    return False
