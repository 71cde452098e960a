# SPDX-License-Identifier: Apache-2.0
"""The derived automata against tables made from the schemas by other means."""

from functools import cache
import importlib
import json

import pytest

from v2g.exi.automaton import Event
from v2g.exi.grammar import FRAGMENT, grammar_of
from v2g.schema.xs import Enumeration, Kind, Number

EVENTS = {'AT': Event.VALUE, 'CH': Event.VALUE, 'EE': Event.END, 'SE(*)': Event.ANY}
NAMES = ['sap', 'din', 'iso2', 'xmldsig']


def grammar_named(name):
    return grammar_of(importlib.import_module(f'v2g.schema.{name}'))


def facts(shared, kind, name):
    return json.loads((shared / 'facts' / kind / f'{kind}_{name}.json').read_text())


@pytest.mark.parametrize('name', NAMES)
def test_root_elements_have_their_codes(shared, name):
    grammar, wanted = grammar_named(name), facts(shared, 'grammar', name)
    roots = [one.name for one in grammar.roots]
    assert roots == [key.partition(':')[2] for key in wanted['document']['codes']]
    assert grammar.rows[0].bits == wanted['document']['event_code_bits']
    elements = {f'{one.name} {{{one.ns}}}': code for code, one in enumerate(grammar.elements)}
    assert elements == wanted['fragment']['codes']
    assert grammar.rows[FRAGMENT].bits == wanted['fragment']['event_code_bits']


def event_of(production):
    """The Event of a production of the facts."""
    kind = production['event']
    if kind == 'SE':
        return Event.SIMPLE if production['type'].startswith('xs:') else None
    return EVENTS.get(kind, Event.UNTYPED)


def pairs(grammar, wanted, schema):
    """Each state that can be reached from a root, with its counterpart in the facts."""
    types = wanted['types']
    root_types = [one['type'] for one in schema['global_elements']]
    todo = [
        (grammar.states[grammar.start(one.of)], types[name], 'start')
        for name, one in zip(root_types, grammar.roots, strict=True)
        if not isinstance(one.of, Kind) and name in types
    ]
    seen = set()
    while todo:
        state, owner, label = todo.pop()
        rows = {row['state']: row for row in owner['states']}
        if label not in rows or id(state) in seen:
            continue
        seen.add(id(state))
        yield state, rows[label]
        for one, other in zip(state.productions, rows[label]['productions'], strict=True):
            if one.next is not None and other.get('next'):
                todo.append((one.next, owner, other['next']))
            if one.event == Event.ELEMENT and other['type'] in types:
                todo.append((grammar.states[grammar.start(one.of)], types[other['type']], 'start'))


@pytest.mark.parametrize('name', NAMES)
def test_every_state_has_its_productions_in_their_order(shared, name):
    grammar, wanted = grammar_named(name), facts(shared, 'grammar', name)
    schema = facts(shared, 'schema', name)
    compared = 0
    for state, row in pairs(grammar, wanted, schema):
        assert len(state.productions).bit_length() == row['event_code_bits']
        for one, other in zip(state.productions, row['productions'], strict=True):
            assert one.name == (other.get('name') or '')
            wanted_event = event_of(other)
            assert one.event in ({wanted_event} if wanted_event is not None else SE)
            compared += 1
    assert compared > {'sap': 10, 'din': 300, 'iso2': 800, 'xmldsig': 120}[name]


SE = {Event.SIMPLE, Event.ELEMENT}


@pytest.mark.parametrize('name', NAMES)
def test_every_simple_type_has_its_range_and_names(shared, name):
    grammar, schema = grammar_named(name), facts(shared, 'schema', name)
    wanted, compared = facts(shared, 'grammar', name), 0
    for state, row in pairs(grammar, wanted, schema):
        for one, other in zip(state.productions, row['productions'], strict=True):
            simple = schema['simple_types'].get(other.get('type', ''))
            if simple is None:
                continue
            compared += 1
            if isinstance(one.of, Enumeration):
                assert [str(member) for member in one.of.members] == simple['enumeration']
            elif isinstance(one.of, Number):
                assert one.of.minimum == simple['exi']['min']
                assert one.of.maximum == simple['exi']['max']
                assert one.of.bits == simple['exi'].get('bits', 0)
            else:
                assert 'enumeration' not in simple
                longest = simple.get('maxLength', simple.get('length'))
                assert getattr(one.of, 'longest', None) == longest
    assert compared > 0


@pytest.mark.parametrize('name', [*NAMES, 'iso20_common'])
def test_no_element_stands_deeper_than_the_engines_stack(name):
    grammar = grammar_named(name)

    @cache
    def depth(cls) -> int:
        """Of the elements within one; a type that contains itself would not end."""
        return 1 + max((depth(inner) for inner in children(grammar, cls)), default=0)

    roots = [one.of for one in grammar.elements if not isinstance(one.of, Kind)]
    assert max(map(depth, roots)) <= 32


def children(grammar, cls):
    found, todo, seen = set(), [grammar.states[grammar.start(cls)]], set()
    while todo:
        state = todo.pop()
        if id(state) not in seen:
            seen.add(id(state))
            found |= {one.of for one in state.productions if one.event == Event.ELEMENT}
            todo += [one.next for one in state.productions if one.next is not None]
    return found
