# SPDX-License-Identifier: Apache-2.0
"""From a car's EXI to a receiver: the reading in virtual time, then HTTP in real time."""

from queue import Queue
from typing import NamedTuple

import pytest

from plc_home.callback import Callback, Post, Value
from plc_home.ports.http import Http
from plc_home.receiver import Receiver
from plc_sim.scenario.reading import ReadingPlay
from plc_sim.scenario.script import ALWAYS, Rule, Scaled
from v2g.session.facts import Acquaintance


class Car(NamedTuple):
    """A pack, and the multiplier with which its energies are told."""

    vehicle: dict[str, float]
    multiplier: int
    query: dict[str, str]


CARS = [
    Car(
        {'energy_capacity': 28_000.0, 'soc': 0.27, 'target_soc': 0.9},
        0,
        {'current_soc': '27', 'full_soc': '90', 'energy_capacity': '28000',
         'energy_request': '17640', 'evccid': '02000000e5a1'},
    ),
    Car(
        {'energy_capacity': 78_500.0, 'soc': 0.4, 'target_soc': 1.0},
        2,
        {'current_soc': '40', 'full_soc': '100', 'energy_capacity': '78500',
         'energy_request': '47100', 'evccid': '02000000e5a1'},
    ),
]  # fmt: skip


@pytest.mark.parametrize('car', CARS)
def test_one_post_has_the_numbers_of_the_car_whatever_its_multiplier(car, receiver):
    scaled = Scaled(('EVEnergyCapacity', 'EVEnergyRequest'), car.multiplier)
    rule = Rule('ChargeParameterDiscoveryReq', [scaled], times=ALWAYS)
    play = ReadingPlay([rule], vehicle=car.vehicle).play(20)

    callback, answers = Callback(10.0, 60.0), Queue()
    http = Http(answers.put, timeout=10.0)
    try:
        for when, facts in play.told:
            if facts.status is not Acquaintance.READ:
                continue
            value = Value.of(
                facts.soc, facts.full_soc, facts.energy_capacity, facts.energy_request,
                facts.evcc_id,
            )  # fmt: skip
            for event in callback.value(value, facts.told_at, when):
                assert isinstance(event, Post)
                assert when - play.digital_at < 3.0
                http.send(event.number, Receiver(receiver.url).request(event.value))
                assert callback.answered(answers.get(timeout=20), when) == []
    finally:
        http.close()
    assert receiver.queries == [car.query]
