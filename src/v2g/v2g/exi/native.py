# SPDX-License-Identifier: Apache-2.0
"""The engine in C, bound through cffi: the same two functions as the twin's."""

from collections.abc import Callable
from functools import cache
from struct import Struct
from typing import Any, TypeVar

from _v2g_exi import ffi, lib

from v2g.exi.grammar import Flat, Grammar
from v2g.exi.malformed import Fault
from v2g.exi.twin import Decoded, Refused

NAME = 'c'
SMALL = 2048  # octets of a stream that the kept scratch memory serves; longer ones get their own
SPARE = 64
Memory = TypeVar('Memory')
unpack = ffi.unpack
_new = ffi.new_allocator(should_clear_after_alloc=False)


class Inlet:
    """Memory that a stream of so many octets is decoded into, whatever it holds.

    A choice and a value take two bits at least, an octet of a string or binary more than four.
    """

    __slots__ = ('choices', 'flat', 'octets', 'report', 'values')

    def __init__(self, length: int) -> None:
        choices, octets = 4 * length + SPARE, 2 * length + SPARE
        self.choices = ffi.buffer(_new('uint8_t[]', choices))
        self.values = _new('int64_t[]', choices)
        self.octets = ffi.buffer(_new('uint8_t[]', octets))
        pointers = ffi.from_buffer(self.choices), self.values, ffi.from_buffer(self.octets)
        self.flat = ffi.new('exi_flat *', (*pointers, choices, choices, octets))
        self.report = ffi.new('exi_report *')


class Outlet:
    """Memory that a stream is encoded into."""

    __slots__ = ('octets', 'report', 'room', 'stream')

    def __init__(self, room: int) -> None:
        self.room, self.stream = room, _new('uint8_t[]', room)
        self.octets = ffi.buffer(self.stream)
        self.report = ffi.new('exi_report *')


class Table:
    """A grammar as the engine reads it, and scratch memory that its calls take turns with."""

    def __init__(self, grammar: Grammar) -> None:
        states: list[tuple[int, ...]] = []
        productions: list[tuple[int, ...]] = []
        for row in grammar.rows:
            states.append((row.bits, len(row.productions), len(productions), row.full))
            productions += row.productions
        self._kept = (
            ffi.new('exi_state[]', states),
            ffi.new('exi_production[]', productions),
            ffi.new('exi_value[]', [_value(value) for value in grammar.values]),
        )
        counts = len(states), len(productions), len(grammar.values)
        self.table = ffi.new('exi_table *', (*self._kept, *counts))
        bad_row = lib.exi_check(self.table)
        if bad_row:
            raise AssertionError(f'row {bad_row - 1} of the table of {grammar.name} is unsound')
        self.inlets: list[Inlet] = []  # at rest; threads never share one
        self.outlets: list[Outlet] = []

    @staticmethod
    def take(idle: list[Memory], make: Callable[[int], Memory], size: int) -> Memory:
        """What is at rest, or new memory."""
        try:
            return idle.pop()
        except IndexError:
            return make(size)


def _value(value: Any) -> tuple[int, int, int, int]:
    return value.wire, value.bits, value.minimum, value.maximum


@cache
def table_of(grammar: Grammar) -> Table:
    """The engine's table of a grammar, made once."""
    return Table(grammar)


def decode(grammar: Grammar, octets: bytes, fragment: bool = False) -> Decoded:
    """Octets to flat form; Refused with what is wrong in the reading of the standard."""
    table, length = table_of(grammar), len(octets)
    scratch = Inlet(length) if length > SMALL else table.take(table.inlets, Inlet, SMALL)
    flat, report = scratch.flat, scratch.report
    fault = lib.exi_decode(table.table, octets, length, 1 if fragment else 0, flat, report)
    if fault:
        refused = Refused(Fault(fault), report.position, report.where)
    else:
        found = (
            scratch.choices[: flat.choices_count],
            unpack(scratch.values, flat.values_count),
            scratch.octets[: flat.octets_count],
        )
        end = report.end
    if length <= SMALL:
        table.inlets.append(scratch)
    if fault:
        raise refused
    return found, end


@cache
def packer(count: int) -> Callable[..., bytes]:
    """Packs so many values as the engine reads them."""
    return Struct(f'={count}q').pack


def encode(grammar: Grammar, flat: Flat, fragment: bool = False) -> bytes:
    """Flat form to octets; Refused, with the number of the value, for what is no document."""
    table, (choices, values, octets) = table_of(grammar), flat
    packed, root = packer(len(values))(*values), 1 if fragment else 0
    sent = choices, len(choices), packed, len(values), octets, len(octets), root
    room = SPARE + 4 * len(choices) + 16 * len(values) + len(octets)
    out = Outlet(room) if room > SMALL else table.take(table.outlets, Outlet, SMALL)
    fault = lib.exi_encode(table.table, *sent, out.stream, out.room, out.report)
    while fault == Fault.ROOM:
        out = Outlet(2 * out.room)
        fault = lib.exi_encode(table.table, *sent, out.stream, out.room, out.report)
    if fault:
        raise Refused(Fault(fault), out.report.position, out.report.where)
    stream: bytes = out.octets[: out.report.end >> 3]
    if out.room == SMALL:
        table.outlets.append(out)
    return stream
