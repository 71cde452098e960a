# SPDX-License-Identifier: Apache-2.0
"""The records of one file, and the topics that they tell of."""

from pathlib import Path
from typing import Any

from mcap.records import Channel, Message, Schema

from plc_log.bag import files
from plc_log.bag.records import Records
from plc_log.bag.sqlite import SqliteRecords


def records_of(path: Path) -> Records | SqliteRecords:
    """Return what reads a file, by its name."""
    return SqliteRecords(path) if files.is_sqlite(path.name) else Records(path)


class Topics:
    """The channels of a file with their schemas, by their number."""

    def __init__(self, path: Path) -> None:
        self.known: dict[int, tuple[Channel, Schema]] = {}
        self._schemas: dict[int, Schema] = {}
        self._path: Path | None = path  # of what is still to be looked through

    def take(self, record: Any) -> None:
        """Learn from a record, if it tells of one."""
        if isinstance(record, Schema):
            self._schemas[record.id] = record
        elif isinstance(record, Channel) and record.schema_id in self._schemas:
            self.known[record.id] = record, self._schemas[record.schema_id]

    def of(self, message: Message) -> tuple[Channel, Schema] | None:
        """Return whose message it is; None: nothing tells of it.

        Where the chunk that told is damaged, the summary repeats it.
        """
        if message.channel_id not in self.known and self._path is not None:
            for record in records_of(self._path):
                self.take(record)
            self._path = None
        return self.known.get(message.channel_id)
