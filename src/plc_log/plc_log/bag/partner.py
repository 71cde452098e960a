# SPDX-License-Identifier: Apache-2.0
"""Who the other side of a recorded session is: its MAC, as data_link tells it."""

from typing import Any

from mcap.records import Schema
from mcap_ros2.decoder import DecoderFactory

from plc_log.bag.records import NONSENSE

TOPIC = '/data_link'


class Partner:
    """Looks at the messages of a bag; `name` is empty as long as nobody is known.

    Where both sides are recorded, it is the vehicle's partner.
    """

    def __init__(self) -> None:
        self._macs: dict[str, str] = {}
        self._decoders: dict[int, Any] = {}

    @property
    def name(self) -> str:
        """The MAC without colons."""
        vehicles = [mac for topic, mac in self._macs.items() if topic.startswith('/pev')]
        return next(iter([*vehicles, *self._macs.values()]), '').replace(':', '')

    def look(self, topic: str, schema: Schema, cdr: bytes) -> None:
        """Look at one message; only data_link tells."""
        if not topic.endswith(TOPIC):
            return
        try:
            if schema.id not in self._decoders:
                self._decoders[schema.id] = DecoderFactory().decoder_for('cdr', schema)
            link = self._decoders[schema.id](cdr)
            if link.ready and link.peer_mac:
                self._macs[topic] = str(link.peer_mac).lower()
        except NONSENSE:
            return  # it names nobody

    def forget(self) -> None:
        """The next bag has another."""
        self._macs.clear()
