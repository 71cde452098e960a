# SPDX-License-Identifier: Apache-2.0
"""How a matching is written down and played again (plc_kit.journal), on pseudonyms (R27)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from plc_kit.journal import Recipe
from plc_kit.written import Hide, Written
from plc_modem.homeplug import Mme, matching
from plc_modem.homeplug.layer import declared_in
from plc_modem.homeplug.written import form_of
from plc_modem.state import Modem, ModemState
from slac.ev import matching as ev
from slac.evse import matching as evse
from slac.evse.session import Settings as EvseSettings
from slac.key_wish import KeyWish
from slac.pilot_watch import PilotWatch
from slac.skipped import Skipped
from slac.values import Changed, LinkChanged, Phase, Pilot, Send, SetKey, Status

_OF_SLAC = declared_in(matching)  # frames of others may hold a modem's keys (R27)
_INPUTS = frozenset(
    {'pilot', 'attempt', 'modem', 'connected', 'approached', 'receive', 'tick', 'mac='}
)
_KINDS = (Changed, LinkChanged, Modem, ModemState, Phase, Pilot, Send, SetKey, Status)


def _written(own: tuple[type, ...], hide: Hide) -> Written:
    return Written((*_KINDS, *own), (KeyWish, PilotWatch), {Mme: form_of(_OF_SLAC)}, hide)


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
