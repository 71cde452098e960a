# SPDX-License-Identifier: Apache-2.0
"""Writes what the fuzz target needs into a folder: the grammars as C, and a seed corpus.

The seeds are documents and fragments found by walking each grammar with a fixed seed.
"""

import importlib
from pathlib import Path
import random
import sys

from v2g.exi import twin
from v2g.exi.automaton import Event
from v2g.exi.grammar import DOCUMENT, FRAGMENT, Grammar, choice, grammar_of
from v2g.schema.xs import AnyInteger, Kind, Octets, Text

SCHEMAS = ('sap', 'din', 'iso2', 'xmldsig', 'iso20_common')
SEEDS = 150  # a root, of each schema
LONG = 60  # choices after which a walk goes the last way, which is the way out


def grammars() -> list[Grammar]:
    return [grammar_of(importlib.import_module(f'v2g.schema.{name}')) for name in SCHEMAS]


def c_table(number: int, grammar: Grammar) -> str:
    states, productions = [], []
    for row in grammar.rows:
        states.append(braces(row.bits, len(row.productions), len(productions), row.full))
        productions += [braces(*one) for one in row.productions]
    values = [
        braces(one.wire, one.bits, f'({one.minimum + 1} - 1)', f'{one.maximum}u')
        for one in grammar.values
    ]
    return (
        f'static const exi_state states_{number}[] = {{{",".join(states)}}};\n'
        f'static const exi_production productions_{number}[] = {{{",".join(productions)}}};\n'
        f'static const exi_value values_{number}[] = {{{",".join(values)}}};\n'
    )


def braces(*numbers: object) -> str:
    return f'{{{",".join(map(str, numbers))}}}'


def c_entry(number: int, grammar: Grammar) -> str:
    count = sum(len(row.productions) for row in grammar.rows)
    arrays = ', '.join(f'{name}_{number}' for name in ('states', 'productions', 'values'))
    return f'{{{arrays}, {len(grammar.rows)}, {count}, {len(grammar.values)}}}'


def walk(grammar: Grammar, root: int, chance: random.Random) -> bytes | None:
    """A document or fragment that takes chance ways; None where only a wildcard could follow."""
    choices, values, octets = bytearray(), [], bytearray()
    state, stack = grammar.states[root], []
    while state is not None:
        ways = [one for one in state.productions if one.event < Event.ANY]
        if not ways:
            return None
        one = chance.choice(ways) if len(choices) < LONG else ways[-1]
        if len(state.productions) > 1:
            choices += choice(state.productions.index(one))
        if isinstance(one.of, Kind):
            values.append(leaf(one.of, octets, chance))
        if one.event == Event.ELEMENT:
            stack.append(one.next)
            state = one.start or grammar.states[grammar.start(one.of)]
        else:
            state = stack.pop() if one.event == Event.END else one.next
    return twin.encode(grammar, (bytes(choices), values, bytes(octets)), root == FRAGMENT)


def leaf(kind: Kind, octets: bytearray, chance: random.Random) -> int:
    if isinstance(kind, Text):
        octets += chance.choice(('', 'a', 'urn:din', 'é€😀')).encode()
    elif isinstance(kind, AnyInteger):
        octets += kind.pack(chance.randrange(-(2**70), 2**70))
    elif isinstance(kind, Octets):
        octets += chance.randbytes(chance.choice((0, 1, 8)))
    else:
        return kind.pack_json(kind.unpack_json(chance.choice((kind.minimum, kind.maximum))))
    return len(octets)


def main(folder: Path) -> None:
    (folder / 'corpus').mkdir(parents=True, exist_ok=True)
    found, chance = grammars(), random.Random(70121)
    parts = [c_table(number, grammar) for number, grammar in enumerate(found)]
    entries = ', '.join(c_entry(number, grammar) for number, grammar in enumerate(found))
    parts.append(f'static const exi_table tables[] = {{{entries}}};\n')
    parts.append(f'enum {{ TABLE_COUNT = {len(found)} }};\n')
    (folder / 'tables.h').write_text(''.join(parts))
    for number, grammar in enumerate(found):
        for root in (DOCUMENT, FRAGMENT):
            for seed in range(SEEDS):
                if (stream := walk(grammar, root, chance)) is not None:
                    path = folder / 'corpus' / f'{grammar.name}-{root}-{seed}'
                    path.write_bytes(bytes([2 * number + root]) + stream)


if __name__ == '__main__':
    main(Path(sys.argv[1]))
