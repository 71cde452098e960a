# SPDX-License-Identifier: Apache-2.0
"""Every parameter of every node says what it is, and every number its range."""

import ast
from dataclasses import fields, is_dataclass
import importlib
from math import isnan
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
NODES = sorted((REPOSITORY / 'src').glob('*/*/**/*_node.py'))
BY_HAND = 'declare_parameter'


def settings_classes():
    """Each class that a node gives to plc_kit.parameters.declare()."""
    for source in sorted((REPOSITORY / 'src').glob('*/*/**/*.py')):
        if 'test' in source.parts:
            continue
        names = {call.args[1].id for call in declares(source)}
        if names:
            package = source.relative_to(REPOSITORY / 'src').parts[1:]
            module = importlib.import_module('.'.join(package).removesuffix('.py'))
            yield from (getattr(module, name) for name in sorted(names) if hasattr(module, name))


def declares(source):
    for node in ast.walk(ast.parse(source.read_text())):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if called and node.func.id == 'declare' and isinstance(node.args[1], ast.Name):
            yield node


PARAMETERS = {
    f'{kind.__module__}.{kind.__name__}.{field.name}': field
    for kind in settings_classes()
    for field in fields(kind)
}


def test_the_settings_of_every_package_with_nodes_are_looked_at():
    packages = {source.relative_to(REPOSITORY / 'src').parts[0] for source in NODES}
    seen = {kind.__module__.partition('.')[0] for kind in settings_classes()}
    assert packages <= seen
    assert all(is_dataclass(kind) for kind in settings_classes())


def test_no_node_declares_a_parameter_another_way():
    sources = [
        source
        for source in (REPOSITORY / 'src').glob('*/*/**/*.py')
        if BY_HAND in source.read_text() and 'test' not in source.parts
    ]
    assert [source.name for source in sources] == ['parameters.py']


def is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


@pytest.mark.parametrize('name', sorted(PARAMETERS))
def test_a_parameter_has_a_description_and_a_number_its_range(name):
    field = PARAMETERS[name]
    assert len(field.metadata['about']) > 5
    if is_number(field.default) and not isnan(field.default):  # nan: another source has it
        low, high = field.metadata['low'], field.metadata['high']
        assert type(low) is type(high) is type(field.default)
        assert low <= field.default <= high
