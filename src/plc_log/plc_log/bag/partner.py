# SPDX-License-Identifier: Apache-2.0
"""Who the other side of a recorded session is: its MAC, as data_link tells it."""

import re
from typing import Any

from mcap.records import Schema
from mcap_ros2.decoder import DecoderFactory

from plc_log.bag.records import NONSENSE
from plc_log.bag.shapes import LINK, difference

_MAC = re.compile(r'([0-9a-f]{2}:){5}[0-9a-f]{2}')


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
        if not topic.endswith(LINK):
            return
        try:
            if schema.id not in self._decoders:
                strange = difference(topic, schema)
                decoder = None if strange else DecoderFactory().decoder_for('cdr', schema)
                self._decoders[schema.id] = decoder
            link = self._decoders[schema.id](cdr)
            if link.ready and _MAC.fullmatch(mac := link.peer_mac.lower()):
                self._macs[topic] = mac
        except NONSENSE:
            return  # it names nobody

    def forget(self) -> None:
        """The next bag has another."""
        self._macs.clear()
