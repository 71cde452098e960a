# SPDX-License-Identifier: Apache-2.0
"""Which test carries the number of which lesson, abuse case, rule or row; by their names alone.

`numbered_tests.py lesson 1 23` prints the tests of each number; it ends with 1 where one has none.
A name may carry several: test_lessons_01_and_02_…, test_lesson_12_and_abuse_07_….
"""

import argparse
from collections import defaultdict
from pathlib import Path
import re
import sys

ROOT = Path(__file__).resolve().parents[1]
KINDS = {
    'lesson': 'lessons?',
    'abuse': 'abuse',
    'rule': 'r',
    'safety': 'safety',
    'desk': 'desk',
    'line': 'line',
    'robot': 'robot',
}
_TEST = re.compile(r'^def (test_\w+)', re.MULTILINE)


def numbers(name: str, kind: str) -> set[int]:
    """Return the numbers of a kind that a test's name carries."""
    word = KINDS[kind]
    gap = '' if kind == 'rule' else '_'
    runs = re.findall(rf'(?:^|_){word}{gap}(\d+(?:_(?:and_)?\d+)*)(?=_|$)', name)
    return {int(number) for run in runs for number in re.findall(r'\d+', run)}


def tests(kind: str) -> dict[int, list[str]]:
    """Return the tests of each number, as file::name."""
    found = defaultdict(list)
    for file in sorted([*ROOT.glob('src/*/test/**/test_*.py'), *ROOT.glob('test/test_*.py')]):
        for name in _TEST.findall(file.read_text()):
            for number in numbers(name, kind):
                found[number].append(f'{file.relative_to(ROOT)}::{name}')
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('kind', choices=KINDS)
    parser.add_argument('first', type=int, nargs='?', default=1)
    parser.add_argument('last', type=int, nargs='?', default=0)
    told = parser.parse_args()
    found = tests(told.kind)
    wanted = range(told.first, (told.last or max(found)) + 1)
    for number in wanted:
        names = found.get(number, ['-'])
        print(f'{told.kind} {number:3}  ' + f'\n{" " * (len(told.kind) + 6)}'.join(names))
    sys.exit(0 if all(number in found for number in wanted) else 1)


if __name__ == '__main__':
    main()
