# SPDX-License-Identifier: Apache-2.0
"""slac:=skip: a link for each attempt while the pilot is there, and no partner known."""

from plc_modem.state import Modem
from slac.skipped import Skipped
from slac.values import LinkChanged, Phase, Pilot

PLUGGED, UNPLUGGED = Pilot(plugged=True, digital=True), Pilot(unplugged=True)


def skipped():
    machine = Skipped()
    machine.mac = '02:00:00:00:00:01'
    return machine


def links(events):
    return [event for event in events if isinstance(event, LinkChanged)]


def test_the_link_is_ready_with_pilot_and_attempt_and_only_with_both():
    machine = skipped()
    assert links(machine.pilot(PLUGGED, 0.0)) == []
    assert links(machine.attempt(1, 0.1)) == [LinkChanged(True)]
    assert machine.status.phase is Phase.SKIPPED
    assert links(machine.attempt(2, 1.0)) == [LinkChanged(False), LinkChanged(True)]
    assert links(machine.pilot(UNPLUGGED, 2.0)) == [LinkChanged(False)]
    assert links(machine.pilot(PLUGGED, 3.0)) == []
    assert links(machine.attempt(3, 3.1)) == [LinkChanged(True)]


def test_a_session_that_was_started_anew_gets_a_link_after_the_next_unplug_only():
    machine = skipped()
    machine.pilot(PLUGGED, 0.0)
    machine.attempt(1, 0.1)
    assert machine.attempt(0, 0.2) + machine.attempt(1, 0.3) == []
    machine.attempt(0, 0.4)
    machine.pilot(UNPLUGGED, 1.0)
    machine.pilot(PLUGGED, 2.0)
    assert links(machine.attempt(1, 2.1)) == [LinkChanged(True)]


def test_a_pilot_nobody_tells_of_ends_the_link():
    machine = skipped()
    machine.pilot(PLUGGED, 0.0)
    machine.attempt(1, 0.1)
    assert links(machine.tick(machine.deadline)) == [LinkChanged(False)]
    assert machine.deadline is None


def test_a_link_waits_until_its_interface_is_known():
    machine = Skipped()
    machine.pilot(PLUGGED, 0.0)
    assert links(machine.attempt(1, 0.1)) == []
    machine.mac = '02:00:00:00:00:01'
    assert links(machine.modem(Modem(), 0.2)) == [LinkChanged(True)]
