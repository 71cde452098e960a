# SPDX-License-Identifier: Apache-2.0
"""Parameters as launch files write them, turned into what a node reads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
import functools
import os
import tempfile
from typing import Any

from launch.substitution import Substitution, normalize, one_of, perform
import yaml

Later = Callable[[Any, str], Any]  # a value, once there is a context; the name is for complaints
Normalized = tuple[tuple[list[Substitution], Later], ...]  # names and values
PLAIN = (float, int, str, bool)
TEXT = (*PLAIN, bytes)
SOME = (str, Substitution, Iterable)


def normalized(parameters: Any) -> list[Any]:
    """Return a list of parameters, each a path or a `Normalized`."""
    one_of(parameters, (list,), 'parameters', 'Node')
    return [of_dict(one) if isinstance(one, Mapping) else _file(one) for one in parameters]


def _file(path: Any) -> list[Substitution]:
    one_of(path, (*SOME, os.PathLike, bytes), 'param_file', 'ParameterFile()')
    return normalize(os.fspath(path) if isinstance(path, os.PathLike) else path)


def of_dict(parameters: Mapping[Any, Any]) -> Normalized:
    """Return a flat list: nested names are joined with dots."""
    flat: list[Any] = []
    for key, value in parameters.items():
        name = normalize(key)
        if isinstance(value, Mapping):
            flat += [([*name, *normalize('.'), *inner], one) for inner, one in of_dict(value)]
        else:
            flat.append((name, _value(value)))
    return tuple(flat)


def evaluate(context: Any, parameters: Normalized) -> dict[str, Any]:
    """Return the parameters by their names."""
    named = [(perform(context, name), later) for name, later in parameters]
    return {name: later(context, name) for name, later in named}


def _value(value: Any) -> Later:
    """Take text from substitutions as YAML (`'5'` becomes a number), plain values as they are."""
    if isinstance(value, TEXT):
        return lambda context, name: value
    if isinstance(value, Substitution):
        return functools.partial(_of_yaml, normalize(value))
    if not isinstance(value, Sequence):
        raise TypeError(f'Unexpected type for parameter value {value!r}')
    for item in value:
        one_of(item, (*PLAIN, *SOME), 'subvalue')
        if not isinstance(item, (*PLAIN, Substitution, Sequence)):
            raise RuntimeError(f'Failed to handle type {item!r}')
    return _of_list(value)


def _of_list(items: Sequence[Any]) -> Later:
    """One text where there is a substitution beside text; else a list of one kind."""
    if not items:
        one_of((), (float, int, str, bool, bytes), 'value')
    kinds = {type(item) for item in items}
    if not kinds <= set(PLAIN) and all(isinstance(item, str | Substitution) for item in items):
        return functools.partial(_of_yaml, normalize(items))
    if kinds == {int, float}:
        return lambda context, name: [float(item) for item in items]
    parts = [item if isinstance(item, PLAIN) else normalize(item) for item in items]

    def later(context: Any, name: str) -> list[Any]:
        texts = [part if isinstance(part, PLAIN) else perform(context, part) for part in parts]
        kept = zip(texts, parts, strict=True)
        return _uniform([t if t is part else yaml.safe_load(t) for t, part in kept], name)

    return later


def _uniform(values: list[Any], name: str) -> list[Any]:
    kind = type(values[0]) if values else None
    if kind not in PLAIN or not all(isinstance(value, kind) for value in values):
        raise TypeError(
            'Expected a non-empty sequence, with items of uniform type. Allowed sequence item '
            f'types are bool, int, float, str. Got inconsistent input for "{name}"'
        )
    return values


def _of_yaml(parts: list[Substitution], context: Any, name: str) -> Any:
    hint = (
        'If the parameter is meant to be a string, try wrapping it in '
        'launch_ros.parameter_descriptions.ParameterValue(value, value_type=str)'
    )
    try:
        value = yaml.safe_load(perform(context, parts) or "''")
    except yaml.YAMLError:
        message = f'Unable to parse the value of parameter {name} as yaml. {hint}'
        raise TypeError(message) from None
    if isinstance(value, TEXT):
        return value
    if isinstance(value, list):
        return _uniform(value, name)
    raise TypeError(
        'Allowed value types are bytes, bool, int, float, str, Sequence[bool], Sequence[int], '
        f'Sequence[float], Sequence[str]. Got {type(value)} for "{name}". {hint}'
    )


def write_file(node: str, parameters: dict[str, Any]) -> str:
    """Write a parameter file for the nodes that `node` matches and return its path."""
    with tempfile.NamedTemporaryFile('w', dir=_folder().name, delete=False) as file:
        yaml.dump({node: {'ros__parameters': parameters}}, file, default_flow_style=False)
    return file.name


@functools.cache
def _folder() -> Any:
    """Return a folder that goes with the launcher: a node started anew reads its file again."""
    return tempfile.TemporaryDirectory(prefix='launch_params_')
