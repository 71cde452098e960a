# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the arguments of a launch, told in a sentence before anything starts."""

import os
from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch.actions import LogInfo, OpaqueFunction, SetLaunchConfiguration
import yaml

from plc_bringup.arguments import refuse_unknown
from plc_bringup.own_file import new_file
from plc_bringup.reason import Failed
from plc_bringup.sections import look_at_sections
from plc_home.broker import Broker
from plc_home.receiver import Receiver
from plc_kit import parameter_file
from plc_kit.reach import settle
from plc_kit.readable import is_utf_8, readable
from plc_kit.variables import refuse_misspelt

_SAID = set()


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
    """Return {pattern: {name: value}} of a parameter file; raises Failed."""
    try:
        return parameter_file.parameters_of(path)
    except parameter_file.BadParameterFile as error:
        raise Failed(f'params_file:={error}') from None


def with_whole_names(path):
    """Return a parameter file in which a node without its namespace is one in any.

    Values stay as they are written: ROS reads 10:20:30 as text, PyYAML as a number.
    """
    with open(path, encoding='utf-8') as file:
        tree = yaml.compose(file, yaml.SafeLoader)
    bare = [
        key
        for key, value in tree.value
        if parameter_file.is_bare(key.value)
        and 'ros__parameters' in (below.value for below, _ in value.value)
    ]
    for key in bare:
        key.value = f'/**/{key.value.strip("/")}'
    if not bare:
        return path
    with new_file() as out:
        yaml.serialize(tree, out, yaml.SafeDumper)
    return out.name


def _bags(given):
    """See whether a recorder could begin, as far as that hangs on what was typed."""
    if given['bag'] and os.path.exists(given['bag']):
        raise Failed(f'{given["bag"]} exists already; choose another with bag:=FOLDER')
    folder = Path(given['bag'] or given['bags']).expanduser()
    there = next(one for one in (folder, *folder.absolute().parents) if os.path.exists(one))
    if not os.path.isdir(there):
        raise Failed(f'no bag can be written: {there} is no folder')
    for name in ('bags_kept', 'bag_limit'):
        if not given[name].isdecimal() or int(given[name]) < 1:
            raise Failed(f'{name}:={given[name]} is no number of at least 1')


def _servers(given):
    """See whether those that are told of a session have names that can be."""
    try:
        if (syslog := given['syslog']) != 'none':
            from plc_log.syslog import endpoint  # no other launch needs it

            endpoint(syslog)
        if url := given.get('soc_callback'):
            Receiver(url)
        if broker := given.get('mqtt'):
            Broker.of_text(broker, tls=False)
    except ValueError as error:
        raise Failed(str(error)) from None


def _reach():
    """Settle how far the graph of all nodes reaches, so that it is said here, and once (R27).

    Each side that is included has the environment of before.
    """
    try:
        refuse_misspelt(os.environ)
        _, said = settle(os.environ)
    except ValueError as error:
        raise Failed(str(error)) from None
    if not said or said in _SAID:
        return []
    _SAID.add(said)
    return [LogInfo(msg=said)]


def _permit(text):
    """See whether a list of who may charge can be one."""
    from v2g.session.secc.authorization import Permit  # a launch that asks nobody needs none

    try:
        Permit.of_text(text)
    except ValueError as error:
        raise Failed(str(error)) from None


def _texts(given):
    """See whether nodes can be told of all of it."""
    for name, value in given.items():
        if isinstance(value, str) and not is_utf_8(value):  # launch_ros keeps lists there
            raise Failed(f'{name}:={readable(value)} is no text in UTF-8')


def _check(context, places):
    refuse_unknown(context)
    given = context.launch_configurations
    _texts(given)
    if given['record'] == 'true':
        _bags(given)
    _servers(given)
    _number('speed', given['speed'])
    _scene(given['scene'])
    if given.get('authorization', 'free') != 'free':
        _permit(given['authorization'])
    return [*_reach(), *_parameters(context, given['params_file'], places)]


def _parameters(context, path, places):
    """Look at a params_file, and have its bare names be whole from here on."""
    if not path:
        return []
    sections, said = parameters_of(path), []
    in_a_simulation = 'scenario' in context.launch_configurations and 'line' not in places
    if not in_a_simulation:  # that has looked at the whole file
        said = look_at_sections(context, path, sections, places)
    return [*said, SetLaunchConfiguration('params_file', with_whole_names(path))]


def checked(**places):
    """Return the action that looks at the arguments all launch files have in common.

    places: the namespace of each role that the launch file starts, in text or as a substitution.
    """
    return OpaqueFunction(function=_check, args=[places])
