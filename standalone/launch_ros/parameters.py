# SPDX-License-Identifier: Apache-2.0
"""Parameters as launch files write them, turned into what a node reads."""

from collections.abc import Mapping
import functools
import tempfile
from typing import Any

from launch.substitutions import Substitution, perform
import yaml

PLAIN = (bool, int, float, str, bytes)


def evaluate(context: Any, parameters: Mapping[Any, Any], prefix: str = '') -> dict[str, Any]:
    """Return a flat dict of a parameter dict: nested names are joined with dots.

    Text from substitutions counts as YAML (`'5'` becomes a number), plain values as they are.
    """
    flat: dict[str, Any] = {}
    for key, value in parameters.items():
        name = prefix + perform(context, key)
        if isinstance(value, Mapping):
            flat.update(evaluate(context, value, f'{name}.'))
        else:
            flat[name] = _value(context, name, value)
    return flat


def _value(context: Any, name: str, value: Any) -> Any:
    parts = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(part, Substitution) for part in parts):
        return _of_yaml(name, perform(context, value))
    if parts is value:
        return [_value(context, name, item) for item in value]
    if isinstance(value, PLAIN):
        return value
    raise TypeError(f'Unexpected type for parameter value {value!r}')


def _of_yaml(name: str, text: str) -> Any:
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise ValueError(
            f'Unable to parse the value of parameter {name} as yaml. If the parameter is meant '
            'to be a string, try wrapping it in launch_ros.parameter_descriptions.ParameterValue'
            '(value, value_type=str)'
        ) from None
    if isinstance(value, (*PLAIN, list)):
        return value
    raise TypeError(
        'Allowed value types are bytes, bool, int, float, str, Sequence[bool], Sequence[int], '
        f'Sequence[float], Sequence[str]. Got {type(value)}.'
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
