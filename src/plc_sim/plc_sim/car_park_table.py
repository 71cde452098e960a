# SPDX-License-Identifier: Apache-2.0
"""`ros2 run plc_sim car_park`: a scene of the line with many seeds, as a table of match times."""

import argparse
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import repeat
import random
import statistics
import sys

from plc_sim.car_park import CarPark, Matched
from plc_sim.line_scene import BadScene, LineScene, load


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table; the status is 1 where a car matched a wrong charger, or none."""
    told = _parser().parse_args(arguments)
    try:
        scene = load(told.scene)
    except BadScene as error:
        sys.exit(f'car_park: {error}')
    print(f'{told.scene}: {scene.places} places, {told.seeds} seeds')
    print('  loss    cars   right   wrong    none   median s   worst s')
    losses = told.loss or [scene.settings.loss, 0.05]
    verdicts = [_row(scene, loss, range(told.seeds)) for loss in losses]
    sys.exit(0 if all(verdicts) else 1)


def play(scene: LineScene, seed: int) -> list[Matched]:
    """Play a scene once; with the same seed the same happens."""
    return CarPark(scene, random.Random(seed).randbytes).play()


def _row(scene: LineScene, loss: float, seeds: Iterable[int]) -> bool:
    scene = replace(scene, settings=replace(scene.settings, loss=loss))
    with ProcessPoolExecutor() as pool:
        played = list(zip(seeds, pool.map(play, repeat(scene), seeds), strict=True))
    good = _print(loss, [car for _, cars in played for car in cars])
    if not good:
        failed = (str(seed) for seed, cars in played if not all(car.right for car in cars))
        print(f'        not right with the seeds {", ".join(failed)}')
    return good


def _print(loss: float, cars: list[Matched]) -> bool:
    right, none = sum(car.right for car in cars), sum(car.partner is None for car in cars)
    times = [car.seconds for car in cars if car.right]
    median, worst = (statistics.median(times), max(times)) if times else (float('nan'),) * 2
    wrong = len(cars) - right - none
    print(f'{loss:6.1%} {len(cars):7} {right:7} {wrong:7} {none:7} {median:10.2f} {worst:9.2f}')
    return right == len(cars)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='car_park', description=__doc__)
    parser.add_argument('--scene', default='busy car park', help='name or file of a scene')
    parser.add_argument('--seeds', type=_count, default=200, help='how often it is played')
    parser.add_argument(
        '--loss', type=float, action='append', help='share of frames lost; may be given again'
    )
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError('it takes at least one')
    return count


if __name__ == '__main__':
    main()
