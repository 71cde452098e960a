# SPDX-License-Identifier: Apache-2.0
"""Whatever the grammars allow, and whatever they do not: both engines alike, and back again."""

import importlib

from hypothesis import HealthCheck, assume, given, settings, strategies as st
import pytest

from v2g.exi import MalformedExi, decode, encode, from_fields, to_fields, twin
from v2g.exi.automaton import Event
from v2g.exi.convert import FIELDS, MESSAGES, flatten, unflatten
from v2g.exi.grammar import DOCUMENT, FRAGMENT, choice, grammar_of
from v2g.exi.twin import Refused
from v2g.schema import din
from v2g.schema.xs import AnyInteger, Kind, Octets, Text, Wire

native = pytest.importorskip('v2g.exi.native', reason='the engine in C is not built')

SCHEMAS = ['sap', 'din', 'iso2', 'xmldsig', 'iso20_common']
settings.register_profile(
    'exi',
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
QUICK = settings.get_profile('exi')
LISTS = 4  # repetitions drawn before a walk prefers to go on


def schema_named(name):
    return importlib.import_module(f'v2g.schema.{name}')


def leaf(draw, kind, octets):
    if isinstance(kind, Text):
        octets += draw(st.text(max_size=9)).encode()
        return len(octets)
    if isinstance(kind, Octets):
        octets += draw(st.binary(max_size=9))
        return len(octets)
    if isinstance(kind, AnyInteger):
        octets += kind.pack(draw(st.integers(-(2**170), 2**170)))
        return len(octets)
    number = draw(st.integers(kind.minimum, kind.maximum))
    return number - (1 << 64) if number >> 63 > 0 else number


@st.composite
def flat_documents(draw, schema, fragment=False):
    """Any document of a schema: a walk along its grammar that takes a drawn way at each fork."""
    grammar = grammar_of(schema)
    choices, values, octets = bytearray(), [], bytearray()
    state, stack, visits = grammar.states[FRAGMENT if fragment else DOCUMENT], [], {}
    while state is not None:
        ways = [one for one in state.productions if one.event < Event.ANY and one.of not in HEADS]
        visits[id(state)] = visits.get(id(state), 0) + 1
        assume(ways)
        one = ways[-1]
        messages = [way for way in ways if way.name == 'V2G_Message']
        if not stack and messages and draw(st.integers(0, 3)):
            one = messages[0]
        elif visits[id(state)] <= LISTS and len(choices) < 120:
            one = ways[-1 - draw(st.integers(0, len(ways) - 1))]
        if len(state.productions) > 1:
            choices += choice(state.productions.index(one))
        if isinstance(one.of, Kind):
            values.append(leaf(draw, one.of, octets))
        if one.event == Event.ELEMENT:
            stack.append(one.next)
            state = one.start or grammar.states[grammar.start(one.of)]
        elif one.event == Event.END:
            state = stack.pop()
        else:
            state = one.next
    return bytes(choices), values, bytes(octets)


HEADS = {
    cls
    for name in SCHEMAS
    for cls in vars(schema_named(name)).values()
    if getattr(cls, 'head', None) is not None
}


def outcome(engine, grammar, octets, fragment=False):
    try:
        return engine.decode(grammar, octets, fragment)
    except Refused as refused:
        return refused.args


@pytest.mark.parametrize('fragment', [False, True], ids=['document', 'fragment'])
@pytest.mark.parametrize('name', SCHEMAS)
@QUICK
@given(data=st.data())
def test_any_document_is_itself_again_in_both_engines(name, fragment, data):
    schema = schema_named(name)
    grammar = grammar_of(schema)
    flat = data.draw(flat_documents(schema, fragment))
    octets = native.encode(grammar, flat, fragment)
    assert twin.encode(grammar, flat, fragment) == octets
    for engine in (native, twin):
        again, end = engine.decode(grammar, octets, fragment)
        assert again == flat
        assert -(-end // 8) == len(octets)


@pytest.mark.parametrize('name', SCHEMAS)
@QUICK
@given(data=st.data())
def test_any_document_is_itself_again_as_json(name, data):
    schema = schema_named(name)
    grammar = grammar_of(schema)
    fields = to_fields(schema, native.encode(grammar, data.draw(flat_documents(schema))))
    assert to_fields(schema, from_fields(schema, fields)) == fields


@pytest.mark.parametrize('name', SCHEMAS)
@QUICK
@given(data=st.data())
def test_any_message_is_itself_again(name, data):
    """The functions written for a shape agree with the walk along the grammar."""
    schema = schema_named(name)
    grammar = grammar_of(schema)
    flat = data.draw(flat_documents(schema))
    try:
        root, ns, message = unflatten(grammar, flat, MESSAGES)
        walked = native.encode(grammar, flatten(grammar, root, ns, message, MESSAGES))
    except ValueError:
        assume(False)  # a unit that measures something else, a string that is too long to send
    assume(hasattr(message, 'fields'))
    assert encode(schema, message) == walked
    for _ in range(4):  # at the third the shape is compiled
        assert decode(schema, walked) == message
    assert message.fields() == to_fields(schema, walked)


@pytest.mark.parametrize('name', SCHEMAS)
@QUICK
@given(octets=st.binary(max_size=60), fragment=st.booleans())
def test_any_octets_decode_or_are_refused_alike(name, octets, fragment):
    schema = schema_named(name)
    for stream in (octets, b'\x80' + octets):
        assert outcome(native, grammar_of(schema), stream, fragment) == outcome(
            twin, grammar_of(schema), stream, fragment
        )


@pytest.mark.parametrize('name', SCHEMAS)
@QUICK
@given(data=st.data())
def test_any_changed_document_decodes_or_is_refused_alike(name, data):
    schema = schema_named(name)
    grammar = grammar_of(schema)
    octets = bytearray(native.encode(grammar, data.draw(flat_documents(schema))))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(1, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    found = outcome(native, grammar, bytes(octets))
    assert found == outcome(twin, grammar, bytes(octets))
    if len(found) == 2:
        flat, _ = found
        assert native.encode(grammar, flat) == twin.encode(grammar, flat)
        unflatten(grammar, flat, FIELDS)


@QUICK
@given(octets=st.binary(min_size=1, max_size=40))
def test_any_octets_give_a_message_or_malformed_exi(octets):
    for engine in (native, twin):
        try:
            decode(din, b'\x80\x9a\x02' + octets, engine=engine)
        except MalformedExi as error:
            assert 0 <= error.position <= 8 * (len(octets) + 3)
            assert error.expected


@QUICK
@given(
    choices=st.binary(max_size=30),
    values=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=20),
    octets=st.binary(max_size=20),
)
def test_any_flat_form_encodes_or_is_refused_alike(choices, values, octets):
    grammar = grammar_of(din)
    answers = []
    for engine in (native, twin):
        try:
            answers.append(engine.encode(grammar, (b'\x4d' + choices, values, octets)))
        except Refused as refused:
            answers.append(refused.args)
    assert answers[0] == answers[1]


def test_kinds_of_the_engines_are_the_same_numbers():
    assert [native.lib.EXI_N_BIT, native.lib.EXI_STRING] == [Wire.N_BIT, Wire.STRING]
    assert [native.lib.EXI_ELEMENT, native.lib.EXI_UNTYPED] == [Event.ELEMENT, Event.UNTYPED]
