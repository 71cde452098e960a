# SPDX-License-Identifier: Apache-2.0
"""Every car matches the charger at its own cable, whoever else is heard."""

from dataclasses import replace
import random

import pytest

from plc_sim import car_park_table
from plc_sim.car_park import CarPark
from plc_sim.line_scene import load


def played(name, seed, **about):
    scene = load(name)
    scene = replace(scene, settings=replace(scene.settings, **about))
    return CarPark(scene, random.Random(seed).randbytes).play()


@pytest.mark.parametrize('loss', [0.0, 0.05])
@pytest.mark.parametrize('seed', [11, 12])
def test_eight_cars_within_a_second_and_none_is_wrong(seed, loss):
    cars = played('busy car park', seed, loss=loss)
    assert len(cars) == 8
    assert [car for car in cars if not car.right] == []
    assert max(car.seconds for car in cars) < 10.0


@pytest.mark.parametrize('seed', range(5))
def test_on_a_worn_cable_the_car_matches_too(seed):
    [car] = played('worn cable', seed)
    assert car.right and car.seconds < 10.0


@pytest.mark.parametrize('seed', range(3))
def test_r19_cables_that_lie_together_are_told_apart_by_the_pilot_alone(seed):
    park = CarPark(load('close neighbours'), random.Random(seed).randbytes)
    cars = park.play(within=0.01)
    assert [car for car in cars if not car.right] == []
    assert max(car.seconds for car in cars) > 2.5  # TP_EV_vald_toggle


@pytest.mark.parametrize('seed', [10, 134])
@pytest.mark.parametrize('loss', [0.0, 0.05])
def test_line_12_two_cars_that_toggle_together_are_told_apart_in_the_end(seed, loss):
    cars = played('close neighbours', seed, loss=loss)
    assert [car for car in cars if not car.right] == []


def test_the_same_seed_plays_the_same():
    assert played('neighbours', 5) == played('neighbours', 5)


@pytest.mark.parametrize('attenuation', [41.0, 48.0])
def test_line_1_and_lesson_93_a_lone_charger_is_matched_however_far_it_is(attenuation):
    [car] = played('single', 1, attenuation=attenuation)
    assert car.right and car.seconds < 10.0


def test_a_car_that_finds_nobody_is_told_as_such():
    [car] = played('single', 1, loss=1.0)
    assert car.partner is None and not car.right


def test_the_table_says_how_many_were_right_and_ends_with_1_where_one_was_not(capsys):
    with pytest.raises(SystemExit) as ended:
        car_park_table.main(['--scene', 'neighbours', '--seeds', '2', '--loss', '0'])
    assert ended.value.code == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[:5] == ['0.0%', '4', '4', '0', '0']
    with pytest.raises(SystemExit) as ended:
        car_park_table.main(['--scene', 'single', '--seeds', '1', '--loss', '1'])
    assert ended.value.code == 1
