# SPDX-License-Identifier: Apache-2.0
"""The engine in C, bound through cffi: the same two functions as the twin's."""

from functools import cache
from struct import Struct
from typing import Any, NamedTuple

from _v2g_exi import ffi, lib

from v2g.exi.grammar import DOCUMENT, FRAGMENT, Flat, Grammar
from v2g.exi.malformed import Fault
from v2g.exi.twin import Decoded, Refused

NAME = 'c'
SMALL = 2048  # octets of a stream that the kept scratch memory serves; longer ones get their own
SPARE = 64
_new = ffi.new_allocator(should_clear_after_alloc=False)


class Scratch(NamedTuple):
    """Memory that a stream is decoded into, and what keeps it alive."""

    flat: Any
    report: Any
    kept: tuple[Any, ...]


def _scratch(length: int) -> Scratch:
    """Room for whatever a stream of so many octets can hold.

    A choice takes two bits at least, a value four with its element, a character eight.
    """
    choices = _new('uint8_t[]', 4 * length + SPARE)
    values = _new('int64_t[]', 2 * length + SPARE)
    octets = _new('uint8_t[]', 2 * length + SPARE)
    flat = ffi.new('exi_flat *', {'choices': choices, 'values': values, 'octets': octets})
    flat.choices_room, flat.values_room = 4 * length + SPARE, 2 * length + SPARE
    flat.octets_room = 2 * length + SPARE
    return Scratch(flat, ffi.new('exi_report *'), (choices, values, octets))


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
        self._idle: list[Scratch] = []

    def borrow(self) -> Scratch:
        """Scratch memory for a short stream; threads never share one."""
        try:
            return self._idle.pop()
        except IndexError:
            return _scratch(SMALL)

    def give_back(self, scratch: Scratch) -> None:
        self._idle.append(scratch)


def _value(value: Any) -> tuple[int, int, int, int]:
    return value.wire, value.bits, value.minimum, value.maximum


@cache
def table_of(grammar: Grammar) -> Table:
    """The engine's table of a grammar, made once."""
    return Table(grammar)


def decode(grammar: Grammar, octets: bytes, fragment: bool = False) -> Decoded:
    """Octets to flat form; Refused with what is wrong in the reading of the standard."""
    table, length = table_of(grammar), len(octets)
    scratch = table.borrow() if length <= SMALL else _scratch(length)
    try:
        return _decoded(table, octets, FRAGMENT if fragment else DOCUMENT, scratch)
    finally:
        if length <= SMALL:
            table.give_back(scratch)


def _decoded(table: Table, octets: bytes, root: int, scratch: Scratch) -> Decoded:
    flat, report, _ = scratch
    fault = lib.exi_decode(table.table, octets, len(octets), root, flat, report)
    if fault:
        raise Refused(Fault(fault), report.position, report.where)
    found = Flat(
        ffi.buffer(flat.choices, flat.choices_count)[:],
        ffi.unpack(flat.values, flat.values_count) if flat.values_count else [],
        ffi.buffer(flat.octets, flat.octets_count)[:],
    )
    return Decoded(found, report.end)


@cache
def packer(count: int) -> Struct:
    """Packs so many values as the engine reads them."""
    return Struct(f'={count}q')


def encode(grammar: Grammar, flat: Flat, fragment: bool = False) -> bytes:
    """Flat form to octets; Refused, with the number of the value, for what is no document."""
    choices, values, octets = flat
    room = SPARE + 4 * len(choices) + 16 * len(values) + 3 * len(octets)
    report = ffi.new('exi_report *')
    while True:
        stream = _new('uint8_t[]', room)
        fault = lib.exi_encode(
            table_of(grammar).table,
            choices,
            len(choices),
            packer(len(values)).pack(*values),
            len(values),
            octets,
            len(octets),
            FRAGMENT if fragment else DOCUMENT,
            stream,
            room,
            report,
        )
        if fault != Fault.ROOM:
            break
        room *= 2
    if fault:
        raise Refused(Fault(fault), report.position, report.where)
    return bytes(ffi.buffer(stream, report.end // 8)[:])
