# SPDX-License-Identifier: Apache-2.0
"""A vehicle and a charger ready to match, each with a modem that is there."""

import random

import pytest

from plc_modem.homeplug.keys import pseudonym
from plc_modem.state import Modem, ModemState
from slac.ev.matching import EvMatching, Settings as EvSettings
from slac.evse.matching import EvseMatching
from slac.evse.session import Settings as EvseSettings
from slac.values import Pilot, SetKey

EV, EVSE, MODEM = '02:00:00:00:00:e1', '02:00:00:00:00:e2', '02:00:00:00:00:aa'
PLUGGED = Pilot(plugged=True, digital=True)


@pytest.fixture
def vehicle():
    """A vehicle that has just sent its first CM_SLAC_PARM.REQ."""
    return make_vehicle()


@pytest.fixture
def vehicle_with():
    """Make such a vehicle with settings of its own."""
    return make_vehicle


def make_vehicle(**settings):
    matching = EvMatching(EvSettings(**settings), random.Random(1).randbytes)
    matching.mac = EV
    matching.modem(Modem(ModemState.FOUND, MODEM), 0.0)
    matching.attempt(1, 0.0)
    matching.pilot(PLUGGED, 0.0)
    return matching


@pytest.fixture
def charger():
    """A charger whose modem has its key and whose pilot asks for matching."""
    return make_charger()


@pytest.fixture
def charger_with():
    """Make such a charger with settings of its own."""
    return make_charger


def make_charger(**settings):
    matching = EvseMatching(EvseSettings(**settings), random.Random(2).randbytes)
    matching.mac = EVSE
    [key] = matching.modem(Modem(ModemState.FOUND, MODEM), 0.0)
    assert isinstance(key, SetKey)
    matching.modem(Modem(ModemState.READY, MODEM, network=pseudonym(key.nmk)), 0.0)
    matching.pilot(PLUGGED, 0.0)
    return matching
