# SPDX-License-Identifier: Apache-2.0
"""How the host's view of its modem is written down and played again, on pseudonyms (R27)."""

from collections.abc import Callable
from typing import Any

from scapy.packet import Raw

from plc_kit.journal import Recipe
from plc_kit.written import Hide, Written
from plc_modem.homeplug import Mme, dissect, station
from plc_modem.homeplug.layer import MMTYPES
from plc_modem.modem import Changed, ModemMachine, Send
from plc_modem.state import Modem, ModemState

# Some are scapy's own, made known in our module.
_OF_STATION = frozenset(kind for kind in MMTYPES if vars(station).get(kind.__name__) is kind)
_INPUTS = frozenset({'set_key', 'restarted', 'work', 'work_ended', 'receive', 'tick'})


def _written(hide: Hide) -> Written:
    return Written((Changed, Modem, ModemState, Send), (), {Mme: (_of_mme, _to_mme)}, hide)


def _of_mme(mme: Mme) -> dict[str, Any]:
    """A frame that the machine reads or sends; of any other only its way: keys may be in it."""
    if type(mme.message) not in _OF_STATION:
        return {'destination': mme.destination, 'source': mme.source}
    return {'frame': bytes(mme)}


def _to_mme(told: dict[str, Any]) -> Mme:
    if 'frame' in told:
        return dissect(told['frame'])
    return Mme(told['destination'], told['source'], Raw())


def _make(state: dict[str, Any], _: Callable[[int], bytes]) -> tuple[Any, dict[str, Any]]:
    defaults = state['_factory_defaults']
    return ModemMachine(state['_host'], 0.0, factory_defaults=defaults), {}


RECIPES = {'ModemMachine': Recipe(_written, _INPUTS, _make)}
