# SPDX-License-Identifier: Apache-2.0
"""The engine in Python: readable twin of engine.c, and its stand-in where that is not built."""

from v2g.exi.automaton import Event
from v2g.exi.grammar import (
    DOCUMENT,
    DONE,
    FRAGMENT,
    IN_VALUE,
    Flat,
    Grammar,
    Value,
    choice,
    codes,
)
from v2g.exi.malformed import Fault
from v2g.schema.xs import BIG_INTEGER_BITS, Wire

NAME = 'python'
ELEMENT, SIMPLE, VALUE, END, ANY, UNTYPED = map(int, Event)
N_BIT, UNSIGNED, INTEGER, BIG_INTEGER, BINARY, STRING = map(int, Wire)
HEADER = 0x80
INTEGER_OCTETS = 10  # of an Unsigned Integer of up to 64 bits
BIG_INTEGER_OCTETS = -(-BIG_INTEGER_BITS // 7)
CHUNK_BITS = 64
FULL_LIST_READINGS = (
    0,
    16,
    1,
)  # list lengths from which a full list may be read as unbounded; 0: none


Decoded = tuple[Flat, int]  # a flat document, and the bit after its last


class Refused(Exception):
    """Why, at which bit, and in which state or value type."""

    def __init__(self, fault: Fault, position: int, where: int) -> None:
        super().__init__(fault, position, where)
        self.fault, self.position, self.where = fault, position, where


def decode(grammar: Grammar, octets: bytes, fragment: bool = False) -> Decoded:
    """Octets to flat form; Refused with what is wrong in the reading of the standard.

    A list that is full to its maxOccurs is read by the standard first, then as the encoders do
    that write it as if one more could follow.
    """
    first: Refused | None = None
    for lists_from in FULL_LIST_READINGS:
        reader = _Reader(grammar, octets, lists_from)
        try:
            return reader.document(FRAGMENT if fragment else DOCUMENT)
        except Refused as refused:
            first = first or refused
            if not reader.met_full_list:
                break
    assert first is not None
    raise first


class _Reader:
    """Reads one stream, as a text of zeros and ones."""

    def __init__(self, grammar: Grammar, octets: bytes, lists_from: int) -> None:
        self.rows, self.value_types = grammar.rows, grammar.values
        self.end, self.at = 8 * len(octets), 0
        self.text = f'{int.from_bytes(octets, "big"):0{self.end}b}' if octets else ''
        self.lists_from, self.met_full_list = lists_from, False
        self.choices = bytearray()
        self.values: list[int] = []
        self.blob = bytearray()
        self.where = 0

    def document(self, root: int) -> Decoded:
        if self._bits(8, root) != HEADER:
            raise Refused(Fault.HEADER, 0, root)
        state, stack = root, []
        while state != DONE:
            event, argument, after = self._event(state)
            if event == SIMPLE:
                self._zero(IN_VALUE)
                self._value(argument)
                self._zero(IN_VALUE)
                state = after
            elif event == ELEMENT:
                stack.append(after)
                state = argument
            elif event == VALUE:
                self._value(argument)
                state = after
            else:
                state = stack.pop()
        if root == FRAGMENT:
            self._fragment_end()
        return (bytes(self.choices), self.values, bytes(self.blob)), self.at

    def _event(self, state: int) -> tuple[int, int, int]:
        bits, productions, full = self.rows[state]
        at, count = self.at, len(productions)
        if full:
            self.met_full_list = True
            code = self._full_list_code(bits, count, full, state)
        elif count == 1:
            code = 0
            self._zero(state)
        else:
            code = self._bits(bits, state)
        if code >= count:
            raise Refused(Fault.ESCAPE if code == count else Fault.EVENT_CODE, at, state)
        chosen = productions[code]
        if chosen[0] >= ANY:
            wildcard = chosen[0] == ANY
            raise Refused(Fault.WILDCARD if wildcard else Fault.UNTYPED_CHARACTERS, at, state)
        if count > 1:
            self.choices += choice(code)
        return chosen

    def _zero(self, where: int) -> None:
        """The code of the only production; a one is the escape."""
        at = self.at
        bit = self.text[at : at + 1]
        if bit != '0':
            raise Refused(Fault.ESCAPE if bit else Fault.TRUNCATED, at, where)
        self.at = at + 1

    def _full_list_code(self, bits: int, count: int, full: int, state: int) -> int:
        """The code after a full list; in the other reading, one more item is the first of them."""
        if not self.lists_from or full < self.lists_from:
            return self._bits(bits, state)
        at = self.at
        code = self._bits((count + 1).bit_length(), state)
        if code == 0:
            raise Refused(Fault.OVER_MAXIMUM, at, state)
        return code - 1

    def _fragment_end(self) -> None:
        bits, productions, _ = self.rows[FRAGMENT]
        at = self.at
        if self._bits(bits, DONE) != len(productions):
            raise Refused(Fault.EVENT_CODE, at, DONE)

    def _value(self, number: int) -> None:
        self.where = number
        wire, bits, minimum, maximum = self.value_types[number]
        at = self.at
        if wire == N_BIT:
            value = self._bits(bits, number) + minimum
        elif wire == UNSIGNED:
            value = self._unsigned()
        elif wire == INTEGER:
            negative = self._bits(1, number)
            value = self._unsigned()
            value = -value - 1 if negative else value
        else:
            self._to_blob(wire)
            self.values.append(len(self.blob))
            return
        if not minimum <= value <= maximum:
            raise Refused(Fault.RANGE, at, number)
        self.values.append(value - (1 << 64) if value >> 63 > 0 else value)

    def _to_blob(self, wire: int) -> None:
        if wire == BINARY:
            self._binary()
        elif wire == STRING:
            self._string()
        else:
            self._big_integer()

    def _bits(self, count: int, where: int) -> int:
        at = self.at
        to = at + count
        if to > self.end:
            raise Refused(Fault.TRUNCATED, at, where)
        self.at = to
        return int(self.text[at:to], 2)

    def _unsigned(self) -> int:
        at, value = self.at, 0
        for group in range(INTEGER_OCTETS):
            octet = self._bits(8, self.where)
            value |= (octet & 0x7F) << 7 * group
            if octet < 0x80:
                if value >> 64:
                    break
                return value
        raise Refused(Fault.TOO_LONG, at, self.where)

    def _big_integer(self) -> None:
        at = self.at
        self.blob.append(self._bits(1, self.where))
        for _ in range(BIG_INTEGER_OCTETS):
            octet = self._bits(8, self.where)
            self.blob.append(octet & 0x7F)
            if octet < 0x80:
                return
        raise Refused(Fault.TOO_LONG, at, self.where)

    def _length(self, least: int) -> int:
        at = self.at
        length = self._unsigned()
        if length < least:
            raise Refused(Fault.STRING_TABLE, at, self.where)
        if length - least > (self.end - self.at) // 8:
            raise Refused(Fault.LENGTH, at, self.where)
        return length - least

    def _binary(self) -> None:
        length = self._length(0)
        at = self.at
        self.at = at + 8 * length
        if length:
            self.blob += int(self.text[at : self.at], 2).to_bytes(length, 'big')

    def _string(self) -> None:
        for _ in range(self._length(2)):
            at = self.at
            point = self._unsigned()
            if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
                raise Refused(Fault.CHARACTER, at, self.where)
            self.blob += chr(point).encode()


def encode(grammar: Grammar, flat: Flat, fragment: bool = False) -> bytes:
    """Flat form to octets; Refused, with the number of the value, for what is no document."""
    return _Writer(grammar, flat).document(FRAGMENT if fragment else DOCUMENT)


class _Writer:
    """Writes one stream."""

    def __init__(self, grammar: Grammar, flat: Flat) -> None:
        self.rows, self.value_types = grammar.rows, grammar.values
        choices, values, self.blob = flat
        self.choices, self.values = codes(choices), iter(values)
        self.blob_at = 0
        self.number = 0
        self.octets = bytearray()
        self.pending, self.pending_bits = HEADER, 8

    def document(self, root: int) -> bytes:
        state, stack = root, []
        while state != DONE:
            event, argument, after = self._event(state)
            if event == SIMPLE:
                self._put(0, 1)
                self._value(self.value_types[argument])
                self._put(0, 1)
                state = after
            elif event == ELEMENT:
                stack.append(after)
                state = argument
            elif event == VALUE:
                self._value(self.value_types[argument])
                state = after
            else:
                state = stack.pop()
        if root == FRAGMENT:
            bits, productions, _ = self.rows[FRAGMENT]
            self._put(len(productions), bits)
        return self._close()

    def _event(self, state: int) -> tuple[int, int, int]:
        bits, productions, _ = self.rows[state]
        code = 0
        if len(productions) > 1:
            code = next(self.choices, len(productions))
        if not 0 <= code < len(productions) or productions[code][0] >= ANY:
            raise Refused(Fault.FLAT, self.number, state)
        self._put(code, bits)
        return productions[code]

    def _value(self, value: Value) -> None:
        wire = value.wire
        raw = next(self.values, None)
        if raw is None:
            raise Refused(Fault.FLAT, self.number, DONE)
        if wire >= BIG_INTEGER:
            self._from_blob(wire, raw)
        else:
            self._number(value, raw)
        self.number += 1

    def _number(self, value: Value, raw: int) -> None:
        wire, bits, minimum, maximum = value
        number = raw + (1 << 64) if raw < 0 <= minimum else raw
        if not minimum <= number <= maximum:
            raise Refused(Fault.RANGE, self.number, DONE)
        if wire == N_BIT:
            self._put(number - minimum, bits)
            return
        if wire == INTEGER:
            self._put(number < 0, 1)
            number = -number - 1 if number < 0 else number
        self._unsigned(number)

    def _from_blob(self, wire: int, end: int) -> None:
        if not self.blob_at <= end <= len(self.blob):
            raise Refused(Fault.FLAT, self.number, DONE)
        raw, self.blob_at = self.blob[self.blob_at : end], end
        if wire == BINARY:
            self._unsigned(len(raw))
            self._put(int.from_bytes(raw, 'big'), 8 * len(raw))
        elif wire == STRING:
            self._string(raw)
        else:
            self._big_integer(raw)

    def _string(self, raw: bytes) -> None:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise Refused(Fault.FLAT, self.number, DONE) from None
        self._unsigned(len(text) + 2)
        for character in text:
            self._unsigned(ord(character))

    def _big_integer(self, raw: bytes) -> None:
        if not 2 <= len(raw) <= 1 + BIG_INTEGER_OCTETS:
            raise Refused(Fault.FLAT, self.number, DONE)
        self._put(raw[0] & 1, 1)
        for group in raw[1:-1]:
            self._put(group | 0x80, 8)
        self._put(raw[-1] & 0x7F, 8)

    def _unsigned(self, value: int) -> None:
        while value >= 0x80:
            self._put(value & 0x7F | 0x80, 8)
            value >>= 7
        self._put(value, 8)

    def _put(self, value: int, bits: int) -> None:
        self.pending = self.pending << bits | value
        self.pending_bits += bits
        if self.pending_bits >= CHUNK_BITS:
            rest = self.pending_bits % 8
            self.octets += (self.pending >> rest).to_bytes(self.pending_bits // 8, 'big')
            self.pending, self.pending_bits = self.pending & (1 << rest) - 1, rest

    def _close(self) -> bytes:
        self._put(0, -self.pending_bits % 8)
        return bytes(self.octets) + self.pending.to_bytes(self.pending_bits // 8, 'big')
