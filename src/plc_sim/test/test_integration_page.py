# SPDX-License-Identifier: Apache-2.0
"""docs/integration.md lists the parameters that the simulated ends really have."""

from dataclasses import fields
from pathlib import Path

import pytest

from plc_sim.supply import SupplySettings
from plc_sim.vehicle import VehicleSettings
from plc_sim.wallbox import WallboxSettings

PAGE = Path(__file__).parents[3] / 'docs' / 'integration.md'


def row(field):
    default = str(field.default)
    if isinstance(field.default, bool):
        default = default.lower()
    choices = field.metadata['choices']
    about = field.metadata['about'] + (f': {", ".join(choices)}' if choices else '')
    return f'| `{field.name}` | {default} | {about} |'


@pytest.mark.parametrize(
    ('title', 'settings'),
    [('vehicle', VehicleSettings), ('supply', SupplySettings), ('wallbox', WallboxSettings)],
)
def test_every_parameter_stands_on_the_page_with_its_default(title, settings):
    section = PAGE.read_text().split(f'### Parameters of the simulated {title}\n')[1]
    rows = section.strip().split('\n\n')[0].splitlines()[2:]
    assert rows == [row(field) for field in fields(settings)]
