# SPDX-License-Identifier: Apache-2.0
"""What a line does to frames is what its scene says, and the same for the same entropy."""

import random
import statistics

import pytest

from plc_sim.channel import Channel, Settings
from plc_sim.line_scene import BadScene, load, names


def channel(seed=1, **about):
    return Channel(Settings(**about), random.Random(seed).randbytes)


def test_a_quiet_line_brings_every_frame_once_and_at_once():
    assert [channel().arrivals(0) for _ in range(100)] == [[0.0]] * 100


def test_beyond_the_last_neighbour_that_is_named_nothing_is_heard():
    line = channel(crosstalk=(5.0, 8.0))
    assert [line.arrivals(distance) for distance in range(4)] == [[0.0], [0.0], [0.0], []]


def test_as_many_frames_are_lost_and_doubled_as_the_scene_says():
    line = channel(loss=0.05, doubled=0.1)
    copies = [len(line.arrivals(0)) for _ in range(10_000)]
    assert 0.04 < copies.count(0) / len(copies) < 0.06
    assert 0.07 < copies.count(2) / len(copies) < 0.11


def test_late_frames_are_overtaken():
    line = channel(jitter=0.004)
    delays = [line.arrivals(0)[0] for _ in range(1000)]
    assert 0.0 <= min(delays) < 0.001 and 0.003 < max(delays) <= 0.004


def test_a_neighbour_is_heard_as_much_weaker_as_the_scene_says_and_noise_stays_in_its_bounds():
    line = channel(attenuation=11.0, crosstalk=(5.0,), level_noise=2.0)
    own = [statistics.mean(line.profile(0)) for _ in range(200)]
    other = [statistics.mean(line.profile(1)) for _ in range(200)]
    assert statistics.mean(other) - statistics.mean(own) == pytest.approx(5.0, abs=0.3)
    assert max(own) - min(own) > 2.0
    assert all(abs(level - 11.0) <= 2.1 for level in own)


def test_lesson_05_a_modem_may_tell_no_group_at_all():
    assert channel(measured_groups=0).profile(0) == b''


def test_the_scenes_that_come_with_it_are_there():
    assert names() == [
        'busy car park',
        'close neighbours',
        'neighbours',
        'single',
        'worn cable',
    ]
    assert [load(name).places for name in names()] == [8, 3, 2, 1, 1]


@pytest.mark.parametrize(
    ('text', 'complaint'),
    [
        ('[1, 2]', 'mapping'),
        ('lost: 0.1', "'lost' is not known"),
        ('loss: much', "loss is 'much'"),
        ('crosstalk: [5.0, -1]', 'crosstalk is -1'),
        ('places: 0', 'places is 0'),
        ('places: 1.5', 'places is 1.5'),
        ('loss: yes', 'loss is True'),
        ('loss: .nan', 'loss is nan'),
        ('a: b: c', 'mapping values'),
    ],
)
def test_a_scene_that_makes_no_sense_is_refused_in_a_sentence(tmp_path, text, complaint):
    file = tmp_path / 'own.yaml'
    file.write_text(text)
    with pytest.raises(BadScene, match=complaint) as refused:
        load(str(file))
    assert '\n' not in str(refused.value)


def test_desk_8_a_scene_that_is_no_text_is_refused_in_a_sentence_with_its_name(tmp_path):
    file = tmp_path / 'own.yaml'
    file.write_bytes(b'loss: \xff')
    with pytest.raises(BadScene, match=r'own.yaml: .*invalid start byte'):
        load(str(file))


def test_a_scene_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(BadScene, match=r"no scene 'car wash'.*'busy car park'"):
        load('car wash')
