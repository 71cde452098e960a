# SPDX-License-Identifier: Apache-2.0
"""The records of one file of rosbag2's storage sqlite3, of each of its versions."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
import sqlite3
from typing import Any

from mcap.records import Channel, Message, Schema

from plc_log.bag.bounds import LARGEST, TooLarge
from plc_log.bag.records import NONSENSE

_STEPS = 1 << 26  # of SQLite's machine, for one question to the smallest file
_STEPS_AN_OCTET = 100


class SqliteRecords:
    """Iterates over what Records does; afterwards `lost` and `closed` are known.

    rosbags reads these files too, but none in which a type has no definition, as an action's
    messages have none in what `ros2 bag record -a` writes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.closed = False  # it could be read to its end
        self.lost: list[str] = []

    def __iter__(self) -> Iterator[Any]:
        try:
            with closing(_opened(self.path)) as database:
                yield from _topics(database)
                yield from self._messages(database)
            self.closed = True
        except (sqlite3.Error, *NONSENSE) as error:
            self.lost.append(f'no more of it can be read: {error}')

    def _messages(self, database: sqlite3.Connection) -> Iterator[Message]:
        damaged, left = 0, _size(self.path)
        row = 'select topic_id, timestamp, data from messages where rowid = ?'
        # Numbers alone are sorted: what rows seem to hold can be more than the file.
        for number in database.execute('select rowid from messages order by timestamp, id'):
            [(topic, time, data)] = database.execute(row, tuple(number))
            if [type(one) for one in (topic, time, data)] == [int, int, bytes]:
                if (left := left - len(data)) < 0:
                    raise TooLarge
                yield Message(topic, time, data, publish_time=time, sequence=0)
            else:
                damaged += 1
        if damaged:
            self.lost.append(f'{damaged} messages are damaged')


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f'{path.absolute().as_uri()}?mode=ro', uri=True)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
    database.set_progress_handler(lambda: 1, _STEPS + _STEPS_AN_OCTET * _size(path))
    database.row_factory = sqlite3.Row
    return database


def _size(path: Path) -> int:
    """Return its octets, with those that a killed recorder has left beside it."""
    beside = path.with_name(f'{path.name}-wal')
    return sum(one.stat().st_size for one in (path, beside) if one.exists())


def _refuse_computed(database: sqlite3.Connection) -> None:
    """What stands in a bag is all in its file."""
    for table in ('topics', 'messages', 'message_definitions'):
        if list(database.execute(f"select 1 from pragma_table_xinfo('{table}') where hidden")):
            raise ValueError('its tables are not those of a bag')


def _topics(database: sqlite3.Connection) -> Iterator[Schema | Channel]:
    tables = {
        name for (name,) in database.execute("select name from sqlite_schema where type = 'table'")
    }
    if not {'topics', 'messages'} <= tables:
        raise ValueError('it has no tables of a bag')
    _refuse_computed(database)
    texts: dict[str, tuple[str, str]] = {}
    if 'message_definitions' in tables:  # since Iron
        query = 'select topic_type, encoding, encoded_message_definition from message_definitions'
        texts = {kind: (encoding, text) for kind, encoding, text in database.execute(query)}
    for topic in map(dict, database.execute('select * from topics')):
        number, name, kind = topic['id'], topic['name'], topic['type']
        if [type(one) for one in (number, name, kind)] != [int, str, str]:
            raise ValueError('its table of topics is damaged')
        encoding, text = texts.get(kind, ('', ''))
        yield Schema(number, text.encode(), encoding, kind)
        about = {'offered_qos_profiles': topic.get('offered_qos_profiles', '')}  # since Foxy
        yield Channel(number, name, 'cdr', about, number)
