# SPDX-License-Identifier: Apache-2.0
"""How the sessions of both sides are written down and played again (plc_kit.journal)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from plc_kit.journal import Recipe
from plc_kit.written import Form, Written
from v2g.session.battery import Battery
from v2g.session.evcc.goal import Goal, Wishes
from v2g.session.evcc.goals import Goals
from v2g.session.evcc.machine import Evcc
from v2g.session.evcc.outcome import Code, End, Outcome
from v2g.session.evcc.settings import EvccSettings
from v2g.session.events import (
    AuthorizationAsked,
    Ended,
    Level,
    Note,
    Send,
    StageChanged,
    Traffic,
    VehicleTold,
)
from v2g.session.facts import Acquaintance, VehicleFacts
from v2g.session.kept import Kept
from v2g.session.ladder import Ladder
from v2g.session.outputs import PilotOutputs, SupplyOutputs, VehicleOutputs
from v2g.session.readings import (
    DataLinkReading,
    Isolation,
    LinkReading,
    LinkState,
    ModemReading,
    ModemState,
    PilotReading,
    PilotState,
    SlacReading,
    SlacState,
    SupplyReading,
    Switch,
    VehicleReading,
)
from v2g.session.secc.machine import Secc
from v2g.session.secc.notes import VehicleNotes
from v2g.session.secc.reader import Reader
from v2g.session.secc.reader_settings import ReaderSettings
from v2g.session.secc.settings import SeccSettings
from v2g.session.side import Phase
from v2g.session.stage import Stage
from v2g.session.state import SessionState
from v2g.session.story import Story

Entropy = Callable[[int], bytes]
GOALS = 'goals.'  # what is told to the goals of charging/charge beside the vehicle's machine

_BOTH = {
    'modem', 'slac', 'data_link', 'link', 'receive', 'node_lost', 'stop', 'emergency_stop', 'end',
    'reset', 'tick', 'recall',
}  # fmt: skip
_EVCC = _BOTH | {'vehicle', 'identify', 'adjust', 'release_lock'}
_READER = _BOTH | {'pilot'}
_SECC = _READER | {'supply', 'authorize'}
_GOALS = {f'{GOALS}{name}' for name in ('accept', 'cancel', 'follow')}

_KINDS = (
    Acquaintance, AuthorizationAsked, Battery, Code, DataLinkReading, End, Ended,
    EvccSettings, Goal, Isolation, Kept, Level, LinkReading, LinkState, ModemReading,
    ModemState, Note, Outcome, Phase, PilotOutputs, PilotReading, PilotState,
    ReaderSettings, SeccSettings, Send, SessionState, SlacReading, SlacState, Stage,
    StageChanged, SupplyOutputs, SupplyReading, Switch, VehicleFacts, VehicleOutputs,
    VehicleReading, VehicleTold,
)  # fmt: skip
_PARTS = (Ladder, Story, Wishes)


def _written(hide: Callable[[Any], Any]) -> Written:
    forms: dict[type, Form] = {
        Traffic: (_of_traffic, _to_traffic),
        VehicleNotes: (_of_notes, _to_notes),
    }
    return Written(_KINDS, _PARTS, forms, hide)


def _of_notes(notes: VehicleNotes) -> dict[str, Any]:
    """What they say; the story they tell it in is the machine's own."""
    return {name: value for name, value in vars(notes).items() if name != 'story'}


def _to_notes(told: dict[str, Any]) -> VehicleNotes:
    notes = object.__new__(VehicleNotes)
    vars(notes).update(told)
    return notes


def _of_traffic(traffic: Traffic) -> dict[str, Any]:
    """What a message was; its octets stand beside it, as what was received or is to be sent."""
    told = ('sent', 'protocol', 'name', 'error', 'spare')
    return {name: getattr(traffic, name) for name in told}


def _to_traffic(told: dict[str, Any]) -> Traffic:
    told.pop('name')  # of a message that is not there any more
    return Traffic(exi=b'', message=None, **told)


def _evcc(state: dict[str, Any], _: Entropy) -> tuple[Evcc, dict[str, Any]]:
    machine = Evcc(state['_settings'], bytes.fromhex(state['story'].state.evcc_id))
    return machine, {GOALS: Goals(machine)}


def _secc(state: dict[str, Any], entropy: Entropy) -> tuple[Secc, dict[str, Any]]:
    return Secc(state['_settings'], entropy), {}


def _reader(state: dict[str, Any], entropy: Entropy) -> tuple[Reader, dict[str, Any]]:
    return Reader(state['_settings'], entropy), {}


def _shows(machine: Evcc | Secc | Reader) -> object:
    """The outputs of now."""
    return machine.command


# A charger's authorization is made anew with each connection.
_SKIPPED = frozenset({'_timers', '_demand', '_entropy', '_authorization', '_permit', '_machine'})
_recipe = partial(Recipe, _written, shows=_shows, skipped=_SKIPPED)
RECIPES = {
    'Evcc': _recipe(inputs=frozenset(_EVCC | _GOALS), make=_evcc),
    'Secc': _recipe(inputs=frozenset(_SECC), make=_secc),
    'Reader': _recipe(inputs=frozenset(_READER), make=_reader),
}
