# SPDX-License-Identifier: Apache-2.0
"""What a launch has for its own before anything of it starts (R6), until the launcher ends."""

from launch.actions import OpaqueFunction

from plc_bringup.reason import Failed
from plc_bringup.spaces import whole
from plc_kit.claim import ELSEWHERE, Claim, Taken, of_side
from plc_kit.network import ANOTHER_NETWORK, runs, twice

_OWN = {}  # by name: a launch file that includes a side claims it before its own nodes, too


def own_side(namespace):
    """Return the action that claims the side of a namespace, a text or a substitution."""
    return OpaqueFunction(function=_side, args=[namespace])


def own_network(network):
    """Return the action that claims a simulated network.

    A modem that finds one there would key the modem of somebody else's charge.
    """
    return OpaqueFunction(function=_network, args=[network])


def _side(context, namespace):
    _claim(of_side(whole(context, namespace) or '/'), ELSEWHERE)


def _network(context, network):
    name = network.perform(context)
    _claim(f'a simulated network {name!r}', ANOTHER_NETWORK, of_user=True)
    if runs(name):
        raise Failed(twice(name))


def _claim(what, instead, *, of_user=False):
    if what in _OWN:
        return
    try:
        _OWN[what] = Claim(what, instead, of_user=of_user)
    except Taken as error:
        raise Failed(str(error)) from None
