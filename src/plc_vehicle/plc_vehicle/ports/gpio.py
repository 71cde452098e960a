# SPDX-License-Identifier: Apache-2.0
"""GPIO lines of the kernel, by libgpiod."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from glob import glob
import re

import gpiod
from gpiod.line import Direction, Edge, Value

from plc_kit.run import CannotStart
from plc_vehicle.lines import Levels, LineWish

CONSUMER = 'ros2_ccs'
EDGES = 64  # of the pilot that the kernel keeps, the newest: 32 ms
_NUMBERED = re.compile(r'(?P<chip>.+):(?P<offset>\d+)')


class GpiodLines:
    """All lines of a vehicle; outputs are off from the moment they are requested."""

    def __init__(self, wishes: Iterable[LineWish]) -> None:
        """Raises CannotStart."""
        self._requests: list[gpiod.LineRequest] = []
        self._outputs: dict[str, tuple[gpiod.LineRequest, int]] = {}
        self._inputs: dict[str, tuple[gpiod.LineRequest, int]] = {}
        self._pilot: gpiod.LineRequest | None = None
        groups: dict[tuple[str, bool], dict[int, LineWish]] = defaultdict(dict)
        taken: dict[tuple[str, int], str] = {}
        for wish in wishes:
            chip, offset = find(wish.where)
            if other := taken.get((chip, offset)):
                raise CannotStart(f'{other} and {wish.name} are both at {wish.where}')
            taken[chip, offset] = wish.name
            groups[chip, wish.edges][offset] = wish
        try:
            for (chip, _), lines in groups.items():
                self._request(chip, lines)
        except OSError as error:
            self.close()
            names = ', '.join(wish.where for wish in lines.values())
            raise CannotStart(f'GPIO {names} cannot be had: {error.strerror or error}') from error

    def write(self, active: Mapping[str, bool]) -> None:
        """Make outputs active or not; those that are not wired are left out.

        Raises OSError after all was tried: one dead expander must not keep the others' lines.
        """
        refusals: list[OSError] = []
        for request in self._requests:
            values: dict[int | str, Value] = {
                offset: Value.ACTIVE if active[name] else Value.INACTIVE
                for name, (own, offset) in self._outputs.items()
                if own is request and name in active
            }
            if values:
                try:
                    request.set_values(values)
                except OSError as refusal:
                    refusals.append(refusal)
        if refusals:
            raise refusals[0]

    def read(self) -> Levels:
        """Look at the inputs."""
        active = {
            name: request.get_value(offset) is Value.ACTIVE
            for name, (request, offset) in self._inputs.items()
        }
        return Levels(active, tuple(self._edges()))

    def close(self) -> None:
        """Make all outputs inactive and give the lines back."""
        with suppress(OSError):
            self.write(dict.fromkeys(self._outputs, False))
        for request in self._requests:
            with suppress(OSError):
                request.release()
        self._requests, self._outputs, self._inputs = [], {}, {}

    def _request(self, chip: str, lines: Mapping[int, LineWish]) -> None:
        request = gpiod.request_lines(
            chip,
            consumer=CONSUMER,
            config={offset: _settings(wish) for offset, wish in lines.items()},
            event_buffer_size=EDGES,
        )
        self._requests.append(request)
        for offset, wish in lines.items():
            (self._outputs if wish.output else self._inputs)[wish.name] = (request, offset)
            if wish.edges:
                self._pilot = request

    def _edges(self) -> list[tuple[float, bool]]:
        if self._pilot is None or not self._pilot.wait_edge_events(0):
            return []
        rising = gpiod.EdgeEvent.Type.RISING_EDGE
        events = self._pilot.read_edge_events(EDGES)
        return [(event.timestamp_ns * 1e-9, event.event_type is rising) for event in events]


def find(where: str) -> tuple[str, int]:
    """Return path of the chip and offset of a line, named `chip:offset` or by its own name.

    Raises CannotStart with a sentence.
    """
    if numbered := _NUMBERED.fullmatch(where):
        return _path(numbered['chip']), int(numbered['offset'])
    chips = sorted(glob('/dev/gpiochip*'))
    for path in chips:
        with suppress(OSError), gpiod.Chip(path) as chip:
            return path, chip.line_offset_from_id(where)
    raise CannotStart(f'no GPIO line is named {where}; there is {", ".join(chips) or "no chip"}')


def _path(chip: str) -> str:
    path = chip if '/' in chip else f'/dev/gpiochip{chip}' if chip.isdigit() else f'/dev/{chip}'
    try:
        found = gpiod.is_gpiochip_device(path)
    except OSError as error:
        raise CannotStart(f'the GPIO chip {path} is not there: {error}') from error
    if not found:
        chips = ', '.join(sorted(glob('/dev/gpiochip*'))) or 'none'
        raise CannotStart(f'the GPIO chip {path} is not there; these are: {chips}')
    return path


def _settings(wish: LineWish) -> gpiod.LineSettings:
    if wish.output:
        return gpiod.LineSettings(
            direction=Direction.OUTPUT, active_low=wish.active_low, output_value=Value.INACTIVE
        )
    edges = Edge.BOTH if wish.edges else Edge.NONE
    return gpiod.LineSettings(
        direction=Direction.INPUT, active_low=wish.active_low, edge_detection=edges
    )
