# SPDX-License-Identifier: Apache-2.0
"""Two ends in processes of their own, of which one stands still: what its referee makes of it.

Each knows the other by the newest message alone, as by a topic of depth 1, and the referee lives
in the vehicle's process. What passed meanwhile it has not seen, and must neither make up nor miss.
"""

import pytest

from plc_sim.cable import SILENCE, Pilot
from plc_sim.referee import Rule, sight
from plc_sim.scene import STEP, Scene
from plc_sim.supply import OFF, SupplySettings
from plc_sim.vehicle import VehicleSettings


class Apart(Scene):
    """A scene whose ends hear each other by messages; who is in `still` does nothing."""

    def __init__(self, **supply):
        super().__init__(VehicleSettings(), SupplySettings(**supply))
        self.still = set()
        self._post = {}  # the newest message to each, and when it was sent

    def run(self, seconds):
        until = self.now + seconds
        while self.now < until:
            self.now = min(until, self.now + STEP)
            self._exchange()

    def _exchange(self):
        for name in ('vehicle', 'supply'):
            if name not in self.still:
                self._wake(name)

    def _wake(self, name):
        other = {'vehicle': 'supply', 'supply': 'vehicle'}[name]
        one = getattr(self, name)
        one.tick(self.now)
        self._look()
        if name in self._post:
            end, sent = self._post.pop(name)
            one.hear(end, self.now - sent, self.now)
            self._look()
        if one.worth_telling():
            self._post[other] = one.end, self.now

    def _look(self):
        if 'vehicle' not in self.still:
            vehicle = self.vehicle
            seen = sight(vehicle.end, vehicle.charger, vehicle.charger_age)
            self.referee.see(seen, self.now)


class Standing:
    """A play of two processes."""

    def __init__(self, play, **supply):
        self.play = play()
        self.scene = self.play.scene = Apart(**supply)

    def stands_still(self, name, seconds, **orders):
        """Have one process miss this time; its commands come behind it."""
        self.scene.still = {name}
        for order in orders.values():
            self.scene.supply_does(order)
        self.scene.run(seconds)
        self.scene.still = set()

    def precharging(self):
        """C, and the output on its way up from nothing."""
        self.play.ready()
        self.play.delivers(355.0, 2.0)
        self.play.go(0.06)
        assert 0.0 < self.play.supply.source.plug_voltage < 60.0

    def leaves_c(self):
        self.play.asks(pilot=Pilot.B)
        self.scene.vehicle_does(self.play.orders.vehicle)


@pytest.fixture
def standing(play):
    return lambda **supply: Standing(play, **supply)


def test_a_charger_that_opens_unseen_behind_its_current_did_not_open_under_load(standing):
    s = standing()
    s.play.charge(current=33.0)
    s.stands_still('vehicle', 0.3, order=OFF)
    assert not s.play.supply.contactors.closed
    s.scene.run(0.05)
    assert not s.play.vehicle.charger.connected
    assert s.play.calls() == []


def test_a_charger_that_opens_under_load_is_called_though_nobody_looked(standing):
    s = standing()
    s.play.charge(current=33.0)
    s.play.supply.contactors.broken = True
    s.stands_still('vehicle', 0.3)
    s.scene.run(0.05)
    assert s.play.calls() == [(Rule.OPENED_UNDER_LOAD, 'evse')]
    assert s.scene.referee.violations[0].text == 'its contactors opened at 33 A'


def test_a_voltage_that_rose_in_c_did_not_rise_as_c_ended_because_nobody_looked(standing):
    s = standing()
    s.precharging()
    s.stands_still('vehicle', SILENCE - 0.05)
    assert s.play.supply.source.plug_voltage > 200.0
    s.leaves_c()  # before its node reads what the charger's end has become
    s.scene.run(0.1)
    assert s.play.calls() == []


def test_a_lease_that_ran_out_meanwhile_changes_nothing_of_that(standing):
    s = standing()
    s.precharging()
    s.stands_still('vehicle', 0.6)
    s.scene.run(0.1)
    assert s.play.vehicle.end.pilot is Pilot.B
    assert s.play.calls() == []


def test_a_supply_that_stands_still_as_c_ends_hears_of_it_as_it_goes_on(standing):
    s = standing()
    s.precharging()
    s.scene.still = {'supply'}
    s.leaves_c()
    s.scene.run(0.3)
    s.scene.still = set()
    s.scene.run(0.3)
    assert s.play.calls() == []


@pytest.mark.parametrize('still', [0.0, 0.2])
def test_a_supply_that_does_not_heed_the_pilot_is_called_all_the_same(standing, still):
    s = standing(heeds_pilot=False)
    s.precharging()
    s.leaves_c()
    s.stands_still('supply', still)
    s.scene.run(0.4)
    assert s.play.calls() == [(Rule.LIVE_WITHOUT_C, 'evse')]
