# SPDX-License-Identifier: Apache-2.0
"""Scenes of the power line: what `plc_sim/lines/*.yaml`, or a file of yours, says of it."""

from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from plc_sim.channel import Settings
from plc_sim.line import Outlet

_LINES = resources.files('plc_sim') / 'lines'
_ROLES = (('pev', False), ('evse', True))
_MOST_PLACES = 64


class BadScene(ValueError):
    """A scene that is not there or makes no sense; the text is a sentence for the user."""


@dataclass(frozen=True)
class LineScene:
    """A row of parking spaces, each with an outlet for a car and one for a charger."""

    places: int
    settings: Settings

    def outlets(self) -> list[Outlet]:
        """Return pev and evse, then pev2 and evse2 …; with the MAC address of each one's modem."""
        return [
            Outlet(outlet_name(role, place), mac(place, charger, modem=True), charger, place)
            for place in range(self.places)
            for role, charger in _ROLES
        ]


def outlet_name(role: str, place: int) -> str:
    """Name the outlet of a role at a place (0, 1 …)."""
    return f'{role}{place + 1}' if place else role


def mac(place: int, charger: bool, modem: bool) -> str:
    """Return the address of a computer, or of its modem, at a place."""
    role = '65:76:73:65' if charger else '70:65:76:00'
    return f'02:{role}:{2 * place + 1 + modem:02x}'


def host_of(outlet: Outlet) -> str:
    """Return the address of the computer at an outlet."""
    return mac(outlet.place, outlet.charger, modem=False)


def names() -> list[str]:
    """Return the scenes that come with this package."""
    return sorted(Path(file.name).stem for file in _LINES.iterdir() if file.name.endswith('.yaml'))


def load(scene: str) -> LineScene:
    """Read a scene by its name, or by the path of a file; BadScene where it cannot be one."""
    own = Path(scene)
    file = own if own.suffix in ('.yaml', '.yml') else _LINES / f'{scene}.yaml'
    try:
        told = yaml.safe_load(file.read_text())
    except OSError:
        there = ', '.join(map(repr, names()))
        raise BadScene(f'there is no scene {scene!r} of the line; there are {there}') from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadScene(f'{scene}: {str(error).splitlines()[0]}') from error
    return _scene(scene, told)


def _scene(scene: str, told: Any) -> LineScene:
    if not isinstance(told, dict):
        raise BadScene(f'{scene}: a scene is a mapping of names to numbers')
    known = {f.name: f for f in fields(Settings)}
    if unknown := sorted(map(str, told.keys() - known.keys() - {'places'})):
        raise BadScene(
            f'{scene}: {unknown[0]!r} is not known; {", ".join(["places", *known])} are'
        )
    values = {name: _number(scene, name, value) for name, value in told.items()}
    places = values.pop('places', 1)
    if not (isinstance(places, int) and 1 <= places <= _MOST_PLACES):
        raise BadScene(f'{scene}: places is {places!r}; it may be 1 to {_MOST_PLACES}')
    return LineScene(places, Settings(**values))


def _number(scene: str, name: str, value: Any) -> Any:
    each = value if name == 'crosstalk' and isinstance(value, list) else [value]
    for one in each:
        if isinstance(one, bool) or not isinstance(one, int | float) or not 0 <= one < 1e3:
            raise BadScene(f'{scene}: {name} is {one!r}; a number from 0 to 1000 is wanted')
    return tuple(each) if name == 'crosstalk' else value
