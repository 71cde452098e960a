# SPDX-License-Identifier: Apache-2.0
"""Decoded messages packed by their shape: a session has thousands, of some twenty shapes."""

from collections import defaultdict
from typing import Any

from plc_log.events import Event
from plc_log.leaves import Value, leaves

Shape = tuple[Any, ...]  # name, side, then path and unit of each value


def packed(messages: list[Event], begin: float) -> dict[str, Any]:
    """Return `shapes` and `rows`: time, number of the shape, its values.

    A shape has a name, a side and paths: [path, unit], and where all its messages have the same
    value, that as a third; rows do not repeat it.
    """
    told: dict[Shape, list[tuple[int, list[Value]]]] = defaultdict(list)
    for place, event in enumerate(messages):
        found = leaves(event.message)
        shape = (event.name, str(event.side), *((leaf.path, leaf.unit) for leaf in found))
        told[shape].append((place, [_short(leaf.value) for leaf in found]))
    shapes: list[dict[str, Any]] = []
    rows: list[list[Any]] = [[] for _ in messages]
    for number, (shape, several) in enumerate(told.items()):
        columns = list(zip(*(values for _, values in several), strict=True))
        same = [len(set(column)) == 1 for column in columns]
        shapes.append(_described(shape, columns, same))
        for place, values in several:
            changing = [v for v, is_same in zip(values, same, strict=True) if not is_same]
            rows[place] = [round(messages[place].time - begin, 6), number, *changing]
    return {'shapes': shapes, 'rows': rows}


def _described(shape: Shape, columns: list[Any], same: list[bool]) -> dict[str, Any]:
    name, side, *paths = shape
    told = [
        [*path, column[0]] if is_same else [*path]
        for path, column, is_same in zip(paths, columns, same, strict=True)
    ]
    return {'name': name, 'side': side, 'paths': told}


def _short(value: Value) -> Value:
    return round(value, 6) if isinstance(value, float) else value
