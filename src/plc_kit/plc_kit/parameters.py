# SPDX-License-Identifier: Apache-2.0
"""A frozen dataclass of settings is the list of a node's parameters."""

from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node

from plc_kit.setting import setting

__all__ = ['BadParameter', 'declare', 'setting']

Settings = TypeVar('Settings')


class BadParameter(ValueError):
    """A parameter has a value that cannot be; the text is a sentence for the user."""


def declare(node: Node, settings: type[Settings]) -> Settings:
    """Declare each field as a read-only parameter and return what the launch file set.

    Raises BadParameter for a value that is not among the choices or out of its range.
    """
    return settings(**{f.name: _declare_one(node, f) for f in fields(settings)})  # type: ignore[arg-type]


def _declare_one(node: Node, f: Field[Any]) -> Any:
    descriptor = _descriptor(f)
    try:
        value = node.declare_parameter(f.name, f.default, descriptor).value
    except Exception as error:  # rclpy has one class for each cause, without a common base
        raise BadParameter(f'parameter {f.name}: {error}') from error
    choices = f.metadata.get('choices', ())
    if choices and value not in choices:
        raise BadParameter(
            f'parameter {f.name} is {value!r}; it may be {", ".join(map(repr, choices))}'
        )
    return value


def _descriptor(f: Field[Any]) -> ParameterDescriptor:
    assert f.default is not MISSING, f'{f.name} needs a default'
    descriptor = ParameterDescriptor(description=f.metadata['about'], read_only=True)
    low, high = f.metadata['low'], f.metadata['high']
    if choices := f.metadata.get('choices'):
        descriptor.additional_constraints = 'one of ' + ', '.join(map(str, choices))
    if isinstance(f.default, float) and low is not None:
        descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
    elif isinstance(f.default, int) and low is not None:
        descriptor.integer_range = [IntegerRange(from_value=low, to_value=high)]
    return descriptor
