# SPDX-License-Identifier: Apache-2.0
"""How frames stand in a journal (plc_kit.journal)."""

from collections.abc import Collection
from typing import Any

from scapy.packet import Packet, Raw

from plc_kit.written import Form
from plc_modem.homeplug.frame import Mme, dissect


def form_of(kinds: Collection[type[Packet]]) -> Form:
    """Return the form of frames: those of `kinds` whole, of any other only its way (R27)."""

    def write(mme: Mme) -> dict[str, Any]:
        if type(mme.message) not in kinds:
            return {'destination': mme.destination, 'source': mme.source}
        return {'frame': bytes(mme)}

    return write, _read


def _read(told: dict[str, Any]) -> Mme:
    if 'frame' in told:
        return dissect(told['frame'])
    return Mme(told['destination'], told['source'], Raw())
