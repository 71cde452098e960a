# SPDX-License-Identifier: Apache-2.0
"""docs/integration.md lists the parameters and lines that plc_vehicle really has."""

from dataclasses import fields
from pathlib import Path

import pytest

from plc_vehicle.bench_load import LoadSettings
from plc_vehicle.can_pack import CanSettings
from plc_vehicle.composition import CompositionSettings
from plc_vehicle.inlet import InletSettings
from plc_vehicle.leave import LeaveSettings
from plc_vehicle.lines import USES, GearSettings
from plc_vehicle.pack import PackSettings

PAGE = (Path(__file__).parents[3] / 'docs' / 'integration.md').read_text()
VEHICLE = (
    CompositionSettings, PackSettings, InletSettings, LeaveSettings, GearSettings, CanSettings,
)  # fmt: skip


def row(field):
    default = str(field.default)
    default = default.lower() if isinstance(field.default, bool) else default
    return f'| `{field.name}` | {default} | {field.metadata["about"]} |'


@pytest.mark.parametrize(
    ('title', 'settings'), [('a ready-made vehicle', VEHICLE), ('the bench load', (LoadSettings,))]
)
def test_every_parameter_stands_on_the_page_with_its_default(title, settings):
    section = PAGE.split(f'### Parameters of {title}\n')[1]
    rows = section.strip().split('\n\n')[0].splitlines()[2:]
    assert rows == [row(field) for kind in settings for field in fields(kind)]


def test_every_line_stands_on_the_page():
    rows = PAGE.split('| line | |\n')[1].split('\n\n')[0].splitlines()[1:]
    assert rows == [f'| `{name}` | {use} |' for name, use in USES.items()]
