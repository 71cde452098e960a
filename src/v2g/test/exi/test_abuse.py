# SPDX-License-Identifier: Apache-2.0
"""What a peer may do to the codec, by the numbers of the abuse list (25 to 30)."""

import time
import tracemalloc

import pytest

from v2g.exi import (
    MalformedExi,
    decode,
    decode_document,
    encode,
    from_fields,
    to_fields,
    twin,
)
from v2g.exi.convert import FIELDS, flatten, unflatten
from v2g.exi.engines import engine_named
from v2g.exi.grammar import grammar_of
from v2g.schema import din, iso2, sap, xmldsig

CURRENT_DEMAND_RES = bytes.fromhex('809a02004080c1014181c210e000408000018284f0181818050000c0')


def engines():
    found = [engine_named('python')]
    try:
        return [engine_named('c'), *found]
    except ImportError:
        return found


@pytest.fixture(params=engines(), ids=lambda engine: engine.NAME)
def engine(request):
    return request.param


def from_bits(bits):
    bits = bits.replace(' ', '')
    return int(bits + '0' * (-len(bits) % 8), 2).to_bytes(-(-len(bits) // 8), 'big')


SESSION_SETUP = '10000000 1001101 0 0 0 00000000 0 10 0 011101 0 0'  # up to the EVCCID's value


@pytest.mark.parametrize('length', range(len(CURRENT_DEMAND_RES)))
def test_abuse_25_truncated_at_each_octet(engine, length):
    with pytest.raises(MalformedExi) as caught:
        decode(din, CURRENT_DEMAND_RES[:length], engine=engine)
    assert caught.value.position <= 8 * length


def test_abuse_25_each_bit_flipped_decodes_or_is_malformed(engine):
    refused = 0
    for bit in range(8 * len(CURRENT_DEMAND_RES)):
        octets = bytearray(CURRENT_DEMAND_RES)
        octets[bit >> 3] ^= 0x80 >> (bit & 7)
        try:
            decode(din, bytes(octets), engine=engine)
        except MalformedExi:
            refused += 1
    assert 100 < refused < 8 * len(CURRENT_DEMAND_RES)


def test_abuse_25_trailing_junk_is_counted(engine):
    found = decode_document(din, CURRENT_DEMAND_RES + b'\xff' * 7, engine=engine)
    assert found.message == decode(din, CURRENT_DEMAND_RES)
    assert found.spare == 7


@pytest.mark.parametrize(
    ('bits', 'position', 'expected'),
    [
        ('00100100', 0, 'expected the EXI header 0x80'),
        ('10000000 1010001', 8, 'an escape to the second level'),
        ('10000000 1111111', 8, 'no such event code'),
        ('10000000 1001101 1', 15, 'an escape to the second level, .* expected Header in V2G_'),
        ('10000000 1001101 0 0 1', 17, 'an escape .* expected a value and its end'),
        (SESSION_SETUP + '10000000' * 10, 38, 'an integer without end'),
        (SESSION_SETUP + '11111111' * 100, 38, 'an integer without end'),
        (SESSION_SETUP + '10000000' * 4 + '00010000', 38, 'a length beyond the end'),
        ('10000000 1001101 0 0 0 00000000 0 10 0 111111', 30, 'no such event code'),
        ('10000000 1001101 0 0 0 00000000 0 10 0 011101 0 1', 37, 'an escape'),
    ],
)
def test_abuse_26_what_is_not_in_the_grammar_is_named(engine, bits, position, expected):
    with pytest.raises(MalformedExi, match=expected) as caught:
        decode(din, from_bits(bits), engine=engine)
    assert caught.value.position == position


@pytest.mark.parametrize('hit', ['00000000', '00000001'])
def test_abuse_26_a_string_table_hit_is_refused(engine, hit):
    octets = from_bits('10000000 00 0 0 0' + hit + '0' * 40)
    with pytest.raises(MalformedExi, match='string-table hit'):
        decode(sap, octets, engine=engine)


def test_abuse_26_a_string_of_two_gigabytes_is_refused_at_once(engine):
    octets = from_bits('10000000 00 0 0 0' + '10000000' * 4 + '00001000' + '0' * 64)
    with pytest.raises(MalformedExi, match='a length beyond the end') as caught:
        decode(sap, octets, engine=engine)
    assert caught.value.position == 13


def test_abuse_26_more_than_max_occurs_is_refused():
    fields = {'AppProtocol': [entry(1)] * 21}
    with pytest.raises(ValueError, match='supportedAppProtocolReq: AppProtocol where the end'):
        from_fields(sap, {'supportedAppProtocolReq': fields})


def test_abuse_26_a_wildcard_is_refused(engine):
    # SignedInfo, CanonicalizationMethod with an Algorithm, then SE(*) instead of the end
    octets = from_bits('10000000 100000 01 0 00000010 00')
    with pytest.raises(MalformedExi, match='a wildcard, which is not supported'):
        decode_document(xmldsig, octets, fragment=True, engine=engine)


def test_abuse_27_a_stream_beyond_the_limit_is_not_looked_at(engine):
    with pytest.raises(MalformedExi, match='within the limit') as caught:
        decode(din, bytes(65537), engine=engine)
    assert caught.value.position == 8 * 65536
    with pytest.raises(MalformedExi, match='within the limit'):
        decode(din, CURRENT_DEMAND_RES, limit=27, engine=engine)


def payments(count):
    """A ServiceDiscoveryRes of DIN whose endless list says the same again and again."""
    body = '10000000 1001101 0 0 0 00000000 0 10 0 011010 0 0 00000 0 0'
    return from_bits(body + '0 0 0 0' + '00 0 0 0' * (count - 1))


def test_abuse_27_memory_and_time_are_bounded_by_the_stream(engine):
    octets = payments(2800)  # 1.7 kB: as long as messages of real cars get, and nothing but list
    with pytest.raises(MalformedExi):
        decode(din, octets, engine=engine)
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(MalformedExi):
        decode(din, octets, engine=engine)
    took = time.process_time() - started
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert took < 0.2  # under the tracer; docs/exi.md has the figures without


@pytest.mark.parametrize('session_id', [b'', b'\0', b'\1\2\3\4', bytes(8)])
def test_abuse_28_a_session_id_of_any_length_is_taken(engine, session_id):
    message = din.V2G_Message(
        Header=din.MessageHeader(SessionID=session_id), Body=din.SessionSetupReq(EVCCID=b'')
    )
    assert decode(din, encode(din, message), engine=engine) == message


def test_abuse_28_control_characters_and_non_ascii_are_taken(engine):
    detail = din.Notification(FaultCode=din.FaultCode.UnknownError, FaultMsg='\0\n\x7f\xe9€😀')
    header = din.MessageHeader(SessionID=b'', Notification=detail)
    message = din.V2G_Message(
        Header=header,
        Body=din.SessionSetupRes(ResponseCode=din.ResponseCode.OK, EVSEID=b'\7'),
    )
    assert decode(din, encode(din, message), engine=engine) == message


def test_abuse_28_half_a_surrogate_pair_is_no_character(engine):
    octets = from_bits('10000000 00 0 0 0 00000011 10000000 10110000 00000011' + '0' * 32)
    with pytest.raises(MalformedExi, match='expected a Unicode character') as caught:
        decode(sap, octets, engine=engine)
    assert caught.value.position == 21


def test_abuse_29_soc_over_100_is_refused(engine):
    message = encode(
        din,
        din.V2G_Message(
            Header=din.MessageHeader(SessionID=b''), Body=din.CableCheckReq(DC_EVStatus=READY)
        ),
    )
    bits = ''.join(f'{octet:08b}' for octet in message)
    at = bits.rindex('0111001')  # 57
    over = from_bits(bits[:at] + '1100101' + bits[at + 7 :])
    with pytest.raises(MalformedExi, match=r'expected a value in 0\.\.100'):
        decode(din, over, engine=engine)


READY = din.DC_EVStatus(EVReady=True, EVErrorCode=din.DC_EVErrorCode.NO_ERROR, EVRESSSOC=57)


def entry(priority, schema_id=0, namespace='urn:din:70121:2012:MsgDef', minor=0):
    return {
        'ProtocolNamespace': namespace,
        'VersionNumberMajor': 2,
        'VersionNumberMinor': minor,
        'SchemaID': schema_id,
        'Priority': priority,
    }


@pytest.mark.parametrize(
    'entries',
    [
        [entry(1), entry(1)],
        [entry(1, schema_id=7), entry(2, schema_id=7)],
        [entry(1, namespace='urn:tesla:din:2018:MsgDef', minor=7)],
        [entry(1, namespace='')],
        [entry(n) for n in range(1, 21)],
    ],
)
def test_abuse_30_odd_offers_are_read_as_they_are(engine, entries):
    fields = {'supportedAppProtocolReq': {'AppProtocol': entries}}
    octets = from_fields(sap, fields, engine=engine)
    assert to_fields(sap, octets, engine=engine) == fields
    assert len(decode(sap, octets, engine=engine).AppProtocol) == len(entries)


def test_abuse_30_no_offer_and_a_priority_of_0_or_21_are_refused(engine):
    for entries in ([], [entry(0)], [entry(21)]):
        with pytest.raises(ValueError, match=r'AppProtocol|Priority'):
            from_fields(sap, {'supportedAppProtocolReq': {'AppProtocol': entries}})
    with pytest.raises(MalformedExi, match='expected AppProtocol in supportedAppProtocolReq'):
        decode(sap, from_bits('10000000 00 1 0000000'), engine=engine)


class AsIfUnbounded(twin._Writer):
    """Writes as encoders do that keep the code of one more item after a full list."""

    lists_from = 1

    def _event(self, state):
        _, productions, full = self.rows[state]
        if not full or full < self.lists_from:
            return super()._event(state)
        code = next(self.choices) if len(productions) > 1 else 0
        self._put(code + 1, (len(productions) + 1).bit_length())
        return productions[code]


class AsTheJarDoes(AsIfUnbounded):
    """The same, from lists of sixteen on."""

    lists_from = 16


def schedule(entries, tuples):
    values = {'Multiplier': 0, 'Unit': 'W', 'Value': 5}
    one = {'RelativeTimeInterval': {'start': 1}, 'PMax': values}
    schedules = [
        {'SAScheduleTupleID': 1 + n, 'PMaxSchedule': {'PMaxScheduleEntry': [one] * entries}}
        for n in range(tuples)
    ]
    return {'SAScheduleList': {'SAScheduleTuple': schedules}}


@pytest.mark.parametrize('writer', [twin._Writer, AsIfUnbounded, AsTheJarDoes])
@pytest.mark.parametrize(('entries', 'tuples'), [(1, 3), (1024, 1), (1024, 3), (2, 2)])
def test_a_full_list_is_read_either_way(engine, writer, entries, tuples):
    grammar = grammar_of(iso2)
    fields = schedule(entries, tuples)
    flat = flatten(grammar, 'SAScheduleList', None, fields['SAScheduleList'], FIELDS)
    octets = writer(grammar, flat).document(0)
    again, end = engine.decode(grammar, octets)
    assert unflatten(grammar, again, FIELDS)[2] == fields['SAScheduleList']
    assert -(-end // 8) == len(octets)
