# SPDX-License-Identifier: Apache-2.0
"""supportedAppProtocol as the charger answers it (R15, lesson 59, abuse 30)."""

from dataclasses import fields, is_dataclass

import pytest

from v2g.schema import sap
from v2g.session.din import NAMESPACE
from v2g.session.events import Send, Traffic
from v2g.session.sap import from_octets, to_octets

ISO_2 = 'urn:iso:15118:2:2013:MsgDef'


def offered(*rows):
    entries = [
        sap.AppProtocol(
            ProtocolNamespace=namespace,
            VersionNumberMajor=major,
            VersionNumberMinor=minor,
            SchemaID=schema,
            Priority=priority,
        )
        for namespace, major, minor, schema, priority in rows
    ]
    return to_octets(sap.supportedAppProtocolReq(AppProtocol=entries))


def too_many(namespace, entries):
    """An offer of more entries than the schema allows: those of a legal one, many times over."""
    legal = ''.join(f'{octet:08b}' for octet in offered(*[(namespace, 2, 0, 1, 1)] * 20))
    middle = legal[len(legal) // 2 :][:1000]
    width = next(n for n in range(200, 400) if middle[n:] == middle[:-n])  # of an entry
    text = legal[: 19 * width] + legal[18 * width : 19 * width] * (entries - 19)
    return bytes(int(text[at : at + 8], 2) for at in range(0, len(text) - 7, 8))


@pytest.fixture
def negotiate(charger):
    """The answer to some octets, and the charger that gave it."""

    def answered(octets):
        client = charger()
        return from_octets(client.send(octets)).message, client

    return answered


def declined(response, client, error):
    assert response.ResponseCode == 'Failed_NoNegotiation'
    assert response.SchemaID is None
    assert client.closed
    assert client.error == error
    return True


@pytest.mark.parametrize('schema', [0, 1, 7, 255])
def test_lesson_59_the_schema_id_is_the_vehicles_own(negotiate, schema):
    response, client = negotiate(offered((ISO_2, 2, 0, 3, 1), (NAMESPACE, 2, 0, schema, 2)))
    assert response.ResponseCode == 'OK_SuccessfulNegotiation'
    assert response.SchemaID == schema
    assert not client.closed


@pytest.mark.parametrize(
    'rows',
    [
        [('urn:tesla:din:2018:MsgDef', 1, 0, 1, 1)],
        [('urn:din:70121:2012:MsgDe', 2, 0, 1, 1)],
        [('urn:din:70121:2012:MsgDef ', 2, 0, 1, 1)],
        [('', 2, 0, 1, 1)],
        [(NAMESPACE, 3, 0, 1, 1)],
        [(NAMESPACE, 1, 0, 1, 1)],
        [(ISO_2, 2, 0, n, n) for n in range(1, 21)],
    ],
)
def test_abuse_30_no_common_protocol_is_said_and_closed(negotiate, rows):
    assert declined(*negotiate(offered(*rows)), 'NO_PROTOCOL')


def texts(told):
    """Every text in what a machine tells, but what goes to the other side as it is."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, tuple | list):
        for one in told:
            yield from texts(one)
    elif is_dataclass(told) and not isinstance(told, Traffic | Send):
        for field in fields(told):
            yield from texts(getattr(told, field.name))


def test_desk_7_and_abuse_51_what_a_vehicle_says_that_it_speaks_is_told_readable(negotiate):
    _, client = negotiate(offered(('urn:\x1b[31m\nFAILED\r\u202e', 2, 0, 1, 1)))
    told = list(texts(client.events))
    assert any('\\x1b[31m\\nFAILED' in text for text in told)
    assert [text for text in told if not text.isprintable()] == []


def test_abuse_30_an_offer_of_nothing_is_declined(negotiate):
    assert declined(*negotiate(bytes.fromhex('8000')), 'MALFORMED_MESSAGE')


@pytest.mark.parametrize('entries', [21, 40])
def test_abuse_30_of_more_than_twenty_entries_only_twenty_count(negotiate, entries):
    assert declined(*negotiate(too_many(ISO_2, entries)), 'NO_PROTOCOL')
    response, client = negotiate(too_many(NAMESPACE, entries))
    assert response.ResponseCode == 'OK_SuccessfulNegotiation'
    [heard] = [e for _, e in client.events if isinstance(e, Traffic) and not e.sent]
    assert len(heard.message.AppProtocol) == 20
    assert heard.spare > 0


def test_abuse_30_twenty_entries_are_read_to_the_last(negotiate):
    rows = [(ISO_2, 2, 0, n, n) for n in range(1, 20)] + [(NAMESPACE, 2, 0, 99, 20)]
    response, _ = negotiate(offered(*rows))
    assert response.SchemaID == 99


@pytest.mark.parametrize('schemas', [(4, 4), (4, 9)])
def test_abuse_30_equal_entries_are_no_obstacle(negotiate, schemas):
    response, _ = negotiate(offered(*[(NAMESPACE, 2, 0, schema, 1) for schema in schemas]))
    assert response.ResponseCode == 'OK_SuccessfulNegotiation'
    assert response.SchemaID == 4


def test_abuse_30_another_minor_version_is_a_minor_deviation(negotiate):
    response, client = negotiate(offered((NAMESPACE, 2, 1, 4, 1)))
    assert response.ResponseCode == 'OK_SuccessfulNegotiationWithMinorDeviation'
    assert response.SchemaID == 4
    assert not client.closed


def test_of_two_that_fit_the_vehicles_priority_decides(negotiate):
    response, _ = negotiate(offered((NAMESPACE, 2, 0, 4, 2), (NAMESPACE, 2, 0, 5, 1)))
    assert response.SchemaID == 5


@pytest.mark.parametrize('junk', [b'', b'\x80', bytes(200), b'\xff' * 40])
def test_octets_that_are_no_offer_are_declined(negotiate, junk):
    assert declined(*negotiate(junk), 'MALFORMED_MESSAGE')


def test_a_second_offer_ends_the_session(charger):
    client = charger()
    client.agree()
    assert client.send(offered((NAMESPACE, 2, 0, 1, 1))) is None
    assert client.closed
    assert client.error == 'MALFORMED_MESSAGE'
