# SPDX-License-Identifier: Apache-2.0
"""A frozen dataclass of settings is the list of a node's parameters."""

from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields, replace
from typing import Any, Generic, TypeVar

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

from plc_kit.setting import Change, constraint, mutable, setting

__all__ = ['BadParameter', 'Changes', 'declare', 'setting']

Settings = TypeVar('Settings')


class BadParameter(ValueError):
    """A parameter has a value that cannot be; the text is a sentence for the user."""


@dataclass(frozen=True)
class Changes(Generic[Settings]):
    """What becomes of parameters that are set while a node runs.

    check: is shown the settings as they would be; raises ValueError with a sentence. take: has
    those that were checked count from now on; raises nothing.
    """

    check: Callable[[Settings], object]
    take: Callable[[Settings], object]


def declare(
    node: Node, settings: type[Settings], changes: Changes[Settings] | None = None
) -> Settings:
    """Declare each field as a parameter and return what the launch file set.

    Those with a `change` may be set later, and are told to `changes`; all others are read-only.
    Raises BadParameter for a value that is not among the choices or out of its range.
    """
    names = mutable(settings)
    assert bool(names) is (changes is not None), f'{settings.__name__}: who takes its changes?'
    found = settings(**{f.name: _declare_one(node, f) for f in fields(settings)})  # type: ignore[arg-type]
    if changes is not None:
        _Running(node, found, names, changes)
    return found


class _Running(Generic[Settings]):
    """The settings of a node that runs: checked all at once, and taken only if all are set."""

    def __init__(
        self, node: Node, settings: Settings, names: list[str], changes: Changes[Settings]
    ) -> None:
        self._settings, self._names, self._changes = settings, names, changes
        node.add_on_set_parameters_callback(self._check)
        node.add_post_set_parameters_callback(self._take)

    def _with(self, parameters: list[Parameter]) -> Settings:
        new = {one.name: one.value for one in parameters if one.name in self._names}
        return replace(self._settings, **new)  # type: ignore[type-var]

    def _check(self, parameters: list[Parameter]) -> SetParametersResult:
        try:
            settings = self._with(parameters)
            for f in fields(settings):  # type: ignore[arg-type]
                _check_choice(f, getattr(settings, f.name))
            self._changes.check(settings)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _take(self, parameters: list[Parameter]) -> None:
        settings = self._with(parameters)
        if settings != self._settings:
            self._settings = settings
            self._changes.take(settings)


def _declare_one(node: Node, f: Field[Any]) -> Any:
    descriptor = _descriptor(f)
    try:
        value = node.declare_parameter(f.name, f.default, descriptor).value
    except Exception as error:  # rclpy has one class for each cause, without a common base
        raise BadParameter(f'parameter {f.name}: {error}') from error
    _check_choice(f, value)
    return value


def _check_choice(f: Field[Any], value: Any) -> None:
    choices = f.metadata['choices']
    if choices and value not in choices:
        raise BadParameter(
            f'parameter {f.name} is {value!r}; it may be {", ".join(map(repr, choices))}'
        )


def _descriptor(f: Field[Any]) -> ParameterDescriptor:
    assert f.default is not MISSING, f'{f.name} needs a default'
    change = f.metadata['change']
    descriptor = ParameterDescriptor(
        description=f.metadata['about'],
        read_only=change is Change.AT_START,
        additional_constraints=constraint(f.metadata['choices'], change),
    )
    low, high = f.metadata['low'], f.metadata['high']
    if isinstance(f.default, float) and low is not None:
        descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
    elif isinstance(f.default, int) and low is not None:
        descriptor.integer_range = [IntegerRange(from_value=low, to_value=high)]
    return descriptor
