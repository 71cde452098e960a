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


def _parameters(path):
    try:
        with open(path, encoding='utf-8') as file:
            content = yaml.safe_load(file)
    except OSError as error:
        raise Failed(f'params_file:={path} cannot be read: {error.strerror}') from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Failed(f'params_file:={path} is no YAML: {" ".join(str(error).split())}') from None
    if not isinstance(content, dict):
        raise Failed(f'params_file:={path} has no parameters; NODE: {{ros__parameters: {{…}}}}')


def _check(context):
    given = context.launch_configurations
    _number('speed', given['speed'])
    _scene(given['scene'])
    if given['params_file']:
        _parameters(given['params_file'])


def checked():
    """Return the action that looks at the arguments both sides have in common."""
    return OpaqueFunction(function=_check)
