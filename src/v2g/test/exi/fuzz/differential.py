# SPDX-License-Identifier: Apache-2.0
"""Both engines on changed documents of every schema: whatever one answers, the other answers too.

Usage: differential.py [COUNT [SEED]]; ends with 1 at the first difference, and prints its stream.
"""

from collections import Counter
import importlib.util
from pathlib import Path
import random
import sys

from v2g.exi import native, twin
from v2g.exi.grammar import DOCUMENT, FRAGMENT, Grammar
from v2g.exi.twin import Refused

SEEDS = 400  # documents, and as many fragments, of each schema
ODD = (0x00, 0x7F, 0x80, 0xFF)


def seeds(chance: random.Random) -> list[tuple[Grammar, bytes, bool]]:
    """Documents and fragments to change."""
    path = Path(__file__).with_name('fuzz_tables.py')
    spec = importlib.util.spec_from_file_location('fuzz_tables', path)
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    return [
        (grammar, stream, root == FRAGMENT)
        for grammar in tables.grammars()
        for root in (DOCUMENT, FRAGMENT)
        for _ in range(SEEDS)
        if (stream := tables.walk(grammar, root, chance)) is not None
    ]


def changed(stream: bytes, chance: random.Random) -> bytes:
    """A stream with some bits flipped, octets replaced, put in or taken out."""
    octets = bytearray(stream)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        octets = octets or bytearray(1)
        at = chance.randrange(len(octets))
        match chance.choices(('flip', 'replace', 'insert', 'take', 'cut'), (60, 15, 10, 10, 5)):
            case ['flip']:
                octets[at] ^= 1 << chance.randrange(8)
            case ['replace']:
                octets[at] = chance.randrange(256)
            case ['insert']:
                octets[at:at] = bytes(chance.choices(ODD, k=chance.randrange(1, 12)))
            case ['take']:
                del octets[at : at + chance.randrange(1, 5)]
            case ['cut']:
                del octets[at:]
    if chance.random() < 0.95:  # past the header there is more to differ in
        octets[:1] = b'\x80'
    return bytes(octets)


def answer(engine: object, grammar: Grammar, stream: bytes, fragment: bool) -> tuple:
    """What an engine makes of a stream: why it refuses, or the flat form and its octets."""
    try:
        flat, end = engine.decode(grammar, stream, fragment)
    except Refused as refused:
        return refused.args
    return flat, end, engine.encode(grammar, flat, fragment), 'decoded'


def main(count: int, seed: int) -> int:
    chance = random.Random(seed)
    found, answers = seeds(chance), Counter()
    for number in range(count):
        grammar, stream, fragment = chance.choice(found)
        stream = changed(stream, chance)
        one, other = (answer(engine, grammar, stream, fragment) for engine in (native, twin))
        if one != other:
            print(f'input {number} of seed {seed}, {grammar.name}: {stream.hex()}')
            print(f'c:      {one}\npython: {other}')
            return 1
        answers['decoded' if len(one) == 4 else one[0].name] += 1
    print(f'{count} inputs, no difference: {dict(answers.most_common())}')
    return 0


if __name__ == '__main__':
    numbers = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*numbers, *(20000, 1)[len(numbers) :]))
