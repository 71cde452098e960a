# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the arguments of a launch, told in a sentence before anything starts."""

import os

from ament_index_python.packages import get_package_share_directory
from launch.actions import OpaqueFunction
import yaml

from plc_bringup.reason import Failed


def _number(name, text):
    try:
        float(text)
    except ValueError:
        raise Failed(f'{name}:={text} is no number') from None


def _scene(name):
    folder = os.path.join(get_package_share_directory('plc_bringup'), 'scenes')
    there = sorted(file.removesuffix('.yaml') for file in os.listdir(folder))
    if name not in there:
        raise Failed(f'there is no scene {name}; there are {", ".join(there)}')


def parameters_of(path):
    """Return {node: {name: value}} of a parameter file, nested or not; raises Failed."""
    nodes = {}
    for node, values in _nodes(path, '', _content(path)):
        nodes.setdefault(node, {}).update(values)
    return nodes


def _nodes(path, name, content):
    """Go down through namespaces to each node and its parameters."""
    if not isinstance(content, dict):
        raise Failed(f'params_file:={path}: {name} leads to no ros__parameters')
    for key, value in content.items():
        if key == 'ros__parameters':
            yield name, _values(path, name, value)
        else:
            yield from _nodes(path, f'{name}/{str(key).strip("/")}', value)


def _values(path, name, values):
    if not isinstance(values, dict | None):
        raise Failed(f'params_file:={path}: ros__parameters of {name} are no names with values')
    return values or {}


def _content(path):
    try:
        with open(path, encoding='utf-8') as file:
            content = yaml.safe_load(file)
    except OSError as error:
        raise Failed(f'params_file:={path} cannot be read: {error.strerror}') from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Failed(f'params_file:={path} is no YAML: {" ".join(str(error).split())}') from None
    if not isinstance(content, dict):
        raise Failed(f'params_file:={path} has no parameters; NODE: {{ros__parameters: {{…}}}}')
    return content


def _check(context):
    given = context.launch_configurations
    _number('speed', given['speed'])
    _scene(given['scene'])
    if given['params_file']:
        parameters_of(given['params_file'])


def checked():
    """Return the action that looks at the arguments both sides have in common."""
    return OpaqueFunction(function=_check)
