# SPDX-License-Identifier: Apache-2.0
"""How the host's view of its modem is written down and played again, on pseudonyms (R27)."""

from collections.abc import Callable
from typing import Any

from plc_kit.journal import Recipe
from plc_kit.written import Hide, Written
from plc_modem.homeplug import Mme, station
from plc_modem.homeplug.layer import declared_in
from plc_modem.homeplug.written import form_of
from plc_modem.modem import Changed, ModemMachine, Send
from plc_modem.state import Modem, ModemState

_OF_STATION = declared_in(station)  # frames of others may hold a modem's keys (R27)
_INPUTS = frozenset({'set_key', 'restarted', 'work', 'work_ended', 'receive', 'tick'})


def _written(hide: Hide) -> Written:
    return Written((Changed, Modem, ModemState, Send), (), {Mme: form_of(_OF_STATION)}, hide)


def _make(state: dict[str, Any], _: Callable[[int], bytes]) -> tuple[Any, dict[str, Any]]:
    defaults = state['_factory_defaults']
    return ModemMachine(state['_host'], 0.0, factory_defaults=defaults), {}


RECIPES = {'ModemMachine': Recipe(_written, _INPUTS, _make)}
