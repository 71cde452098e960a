# SPDX-License-Identifier: Apache-2.0
"""How a matching is written down and played again (plc_kit.journal), on pseudonyms (R27)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from scapy.packet import Raw

from plc_kit.journal import Recipe
from plc_kit.written import Hide, Written
from plc_modem.homeplug import Mme, dissect, matching
from plc_modem.homeplug.layer import MMTYPES
from plc_modem.state import Modem, ModemState
from slac.ev import matching as ev
from slac.evse import matching as evse
from slac.evse.session import Settings as EvseSettings
from slac.key_wish import KeyWish
from slac.pilot_watch import PilotWatch
from slac.skipped import Skipped
from slac.values import Changed, LinkChanged, Phase, Pilot, Send, SetKey, Status

# Some are scapy's own, made known in our module.
_OF_SLAC = frozenset(kind for kind in MMTYPES if vars(matching).get(kind.__name__) is kind)
_INPUTS = frozenset({'pilot', 'attempt', 'modem', 'connected', 'receive', 'tick', 'mac='})
_KINDS = (Changed, LinkChanged, Modem, ModemState, Phase, Pilot, Send, SetKey, Status)


def _written(own: tuple[type, ...], hide: Hide) -> Written:
    return Written((*_KINDS, *own), (KeyWish, PilotWatch), {Mme: (_of_mme, _to_mme)}, hide)


def _of_mme(mme: Mme) -> dict[str, Any]:
    """A frame of SLAC; of any other only its way: it may hold a modem's keys (R27)."""
    if type(mme.message) not in _OF_SLAC:
        return {'destination': mme.destination, 'source': mme.source}
    return {'frame': bytes(mme)}


def _to_mme(told: dict[str, Any]) -> Mme:
    if 'frame' in told:
        return dissect(told['frame'])
    return Mme(told['destination'], told['source'], Raw())


Made = tuple[Any, dict[str, Any]]


def _matching(
    machine: Callable[..., Any], state: dict[str, Any], entropy: Callable[[int], bytes]
) -> Made:
    return machine(state['_settings'], entropy), {}


def _skipped(_: dict[str, Any], __: Callable[[int], bytes]) -> Made:
    return Skipped(), {}


_recipe = partial(Recipe, inputs=_INPUTS, skipped=frozenset({'_entropy'}))
RECIPES = {
    'EvMatching': _recipe(
        partial(_written, (ev.Settings, ev.State)), make=partial(_matching, ev.EvMatching)
    ),
    'EvseMatching': _recipe(
        partial(_written, (EvseSettings, evse.State)), make=partial(_matching, evse.EvseMatching)
    ),
    'Skipped': _recipe(partial(_written, ()), make=_skipped),
}
