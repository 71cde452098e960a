# SPDX-License-Identifier: Apache-2.0
"""How the machines of SDP and TCP are written down and played again (plc_kit.journal)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from plc_kit.journal import Recipe
from plc_kit.written import Hide, Written
from v2g.link import values, vehicle
from v2g.link.charger import ChargerLink
from v2g.link.security import Policy
from v2g.link.vehicle import VehicleLink
from v2g.sdp import Security

_KINDS = (
    Policy, Security, vehicle.Step, values.Accepted, values.AddressFound, values.Admit,
    values.AnswerSdp, values.AskSdp, values.Carrier, values.Changed, values.Close, values.CloseAll,
    values.Connect, values.DatagramCame, values.FindAddress, values.InterfaceFailed,
    values.LinkDown, values.LinkUp, values.Listen, values.Listening, values.Lost, values.Open,
    values.Opened, values.Peer, values.SecurityTerms, values.SessionGone, values.Spoke,
    values.State, values.Status, values.Transmit,
)  # fmt: skip


def _written(hide: Hide) -> Written:
    return Written(_KINDS, hide=hide)


def _make(
    machine: Callable[..., Any], state: dict[str, Any], entropy: Callable[[int], bytes]
) -> tuple[Any, dict[str, Any]]:
    return machine(state['policy'], entropy), {}


_recipe = partial(
    Recipe, _written, frozenset({'receive', 'tick', 'transmit'}), skipped=frozenset({'_entropy'})
)
RECIPES = {
    'VehicleLink': _recipe(make=partial(_make, VehicleLink)),
    'ChargerLink': _recipe(make=partial(_make, ChargerLink)),
}
