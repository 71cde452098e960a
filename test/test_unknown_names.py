# SPDX-License-Identifier: Apache-2.0
"""A name that a user writes and nobody has is refused, with the nearest that there is.

No launch file, argument, node or parameter is left out: each is asked for its own names.
"""

import ast
from dataclasses import fields
import inspect
import os

from ament_index_python.packages import get_package_share_directory
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from plc_bringup.reason import Failed
from plc_bringup.sections import NODES, look_at_sections
import pytest
import rclpy
from rclpy.node import Node
from test_parameters import NODES as NODE_FILES, REPOSITORY, settings_classes

from launch import LaunchContext, LaunchDescription
from plc_kit.nearest import THE_SAME, nearest
from plc_kit.parameters import Changes, declare
from plc_kit.setting import mutable
from plc_kit.undeclared import refuse_undeclared
from plc_kit.vehicle_adapter import VehicleAdapter

FILES = sorted((REPOSITORY / 'launch').glob('*.launch.py'))
ENTRY = ' = plc_kit.entry:main'


def included(name, *given):
    """Include a launch file of ours with these arguments."""
    path = os.path.join(get_package_share_directory('plc_bringup'), 'launch', name)
    source = PythonLaunchDescriptionSource(path)
    return IncludeLaunchDescription(source, launch_arguments=given)


def carry_out(entity, context):
    """Visit an entity and what it entails, as a launch does."""
    for below in entity.visit(context) or ():
        carry_out(below, context)


def refusal(entity, **configurations):
    """The sentence with which a launch of it ends."""
    context = LaunchContext()
    context.launch_configurations.update(configurations)
    with pytest.raises(Failed) as refused:
        carry_out(entity, context)
    return str(refused.value)


def arguments(name):
    """Return {argument: a value that it may have} of a launch file."""
    source = included(name).launch_description_source
    declared = source.get_launch_description(LaunchContext()).get_launch_arguments()
    return {
        one.name: ''.join(part.perform(LaunchContext()) for part in one.default_value)
        for one in declared
    }


def misspelt(name):
    """A letter twice."""
    return name + name[-1]


ARGUMENTS = [(file.name, name) for file in FILES for name in arguments(file.name)]


def test_desk_1_the_launch_files_are_looked_at_as_they_are():
    assert {name for name, _ in ARGUMENTS} == {'evse.launch.py', 'pev.launch.py', 'sim.launch.py'}
    assert ('evse.launch.py', 'authorization') in ARGUMENTS
    assert ('sim.launch.py', 'authorization') in ARGUMENTS


@pytest.mark.parametrize(('file', 'name'), ARGUMENTS)
def test_desk_1_a_launch_file_refuses_an_argument_that_it_does_not_have(file, name):
    own = arguments(file)  # whatever it has is no reason to refuse
    wrong = misspelt(name)
    said = refusal(included(file, *own.items(), (wrong, own[name])))
    assert said == f'{file} has no argument {wrong}; did you mean {name}?'


def test_desk_1_with_no_name_that_is_alike_none_is_named():
    assert refusal(included('pev.launch.py', ('xyzzy', '1'))) == (
        'pev.launch.py has no argument xyzzy'
    )


@pytest.mark.parametrize('later', [False, True])
def test_desk_1_who_includes_a_launch_file_has_configurations_of_his_own(later):
    def including(*given):
        inner = included('evse.launch.py', ('speed', 'x'), *given)
        shown = OpaqueFunction(function=lambda context: [inner]) if later else inner
        return LaunchDescription([DeclareLaunchArgument('moed', default_value='1'), shown])

    known = 'speed:=x is no number'  # it is looked at behind the names
    assert refusal(including(), modem_='1', moed='2') == known
    given = ('moed', LaunchConfiguration('moed'))
    assert refusal(including(given)) == 'evse.launch.py has no argument moed; did you mean mode?'


def executables():
    """Return the module of each executable that is a node."""
    for setup in (*(REPOSITORY / 'src').glob('*/setup.py'), REPOSITORY / 'launch/setup.py'):
        for line in setup.read_text().splitlines():
            if ENTRY in line:
                package = 'plc_bringup' if setup.parent.name == 'launch' else setup.parent.name
                name = line.rpartition(ENTRY)[0].rpartition("'")[2]
                yield setup.parent / package / f'{name}_node.py'


def test_desk_1_every_executable_looks_at_the_names_that_it_was_given():
    found = list(executables())
    assert len(found) == len(set(found)) == 19
    for file in found:
        text = file.read_text()
        assert 'from plc_kit.run import' in text
        assert '    run(' in text or 'refuse_undeclared(told, [feed])' in text, file


KINDS = {f'{kind.__module__}.{kind.__name__}': kind for kind in settings_classes()}


@pytest.fixture(scope='module')
def context():
    one = rclpy.Context()
    rclpy.init(context=one, domain_id=40 + os.getpid() % 50)
    yield one
    rclpy.shutdown(context=one)


@pytest.mark.parametrize('kind', KINDS)
def test_desk_1_a_node_refuses_every_name_that_is_almost_a_parameter(context, kind):
    node = Node('some', context=context)
    settings = KINDS[kind]
    changes = Changes(lambda _: None, lambda _: None) if mutable(settings) else None
    declare(node, settings, changes)
    for name in (one.name for one in fields(settings)):
        refuse_undeclared([('/some', name)], [node])
        wrong = misspelt(name)
        sentence = f'^/some has no parameter {wrong}; did you mean {name}\\?$'
        with pytest.raises(ValueError, match=sentence):
            refuse_undeclared([('/**/some', wrong)], [node])
    node.destroy_node()


def test_desk_1_no_name_of_ours_is_taken_for_a_misspelt_one_of_another_node():
    names = {kind: {one.name for one in fields(KINDS[kind])} for kind in KINDS}
    for kind, known in names.items():
        others = set().union(*names.values()) - known
        alike = {name: nearest(name, known, THE_SAME) for name in others}
        assert {name: one for name, one in alike.items() if one} == {}, kind


def names_of_nodes():
    """Return the name with which each node's class begins."""
    yield inspect.signature(VehicleAdapter).parameters['name'].default
    for file in (file for file in NODE_FILES if 'test' not in file.parts):
        for call in ast.walk(ast.parse(file.read_text())):
            begins = isinstance(call, ast.Call) and ast.unparse(call.func) == 'super().__init__'
            if begins and call.args and isinstance(call.args[0], ast.Constant):
                yield call.args[0].value


def test_desk_1_the_names_of_all_nodes_with_parameters_are_known_to_the_launch_files():
    known = {name for names in NODES.values() for name in names}
    # the page is started by no launch file, and a recorder has no parameters
    assert set(names_of_nodes()) - {'web', 'recorder'} == known


SIDES = {'pev': 'pev', 'evse': 'evse', 'line': '/line'}


@pytest.mark.parametrize(
    ('section', 'places', 'meant'),
    [
        (
            '/evse/sesion',
            {'evse': 'evse'},
            'no node is called /evse/sesion; did you mean session?',
        ),
        ('/**/slca', {'evse': 'evse'}, 'no node is called slca; did you mean slac?'),
        ('/**/evse/session_', {'evse': 'left'}, 'did you mean session?'),
        ('/left/mdem', {'evse': 'left'}, 'did you mean modem?'),
        ('/evs/session', {'evse': 'evse'}, 'did you mean /evse/session?'),
        ('/pve/session', SIDES, 'did you mean /pev/session?'),
        ('/line/lin', SIDES, 'did you mean line?'),
    ],
)
def test_desk_1_a_node_that_is_misspelt_in_a_params_file_is_refused(section, places, meant):
    with pytest.raises(Failed) as refused:
        look_at_sections(LaunchContext(), 'own.yaml', ['/evse/session', section], places)
    assert str(refused.value).startswith('params_file:=own.yaml: no node is called ')
    assert str(refused.value).endswith(meant)


@pytest.mark.parametrize(
    'section',
    [
        '/nav/planner',
        '/planner',
        '/**',
        '/evse/*',
        '/pev/bms',
        '/pev/vehicle_driver',
        '/nav/sesion',
    ],
)
def test_desk_1_a_robot_has_one_file_for_all_its_nodes(section):
    assert look_at_sections(LaunchContext(), 'own.yaml', [section], SIDES) == []


@pytest.mark.parametrize(
    ('section', 'places', 'said'),
    [
        ('/pev/session', {'evse': 'evse'}, '/pev/session'),
        ('/evse/session', {'evse': 'left'}, '/evse/session'),
        ('/evse2/session', {'evse': 'evse'}, '/evse2/session'),
        ('/**/supply', {'pev': 'pev'}, 'supply'),
    ],
)
def test_desk_1_a_node_of_ours_that_is_none_of_this_launch_is_said(section, places, said):
    [log] = look_at_sections(LaunchContext(), 'own.yaml', [section, '/**/slac'], places)
    text = ''.join(part.perform(LaunchContext()) for part in log.msg)
    assert text == f'params_file:=own.yaml: no node of this launch is {said}'


def test_desk_1_a_side_is_where_its_namespace_is_pushed():
    context = LaunchContext()
    context.launch_configurations['ros_namespace'] = '/one'
    where = {'evse': LaunchConfiguration('namespace')}
    context.launch_configurations['namespace'] = 'left'
    assert look_at_sections(context, 'own.yaml', ['/one/left/session'], where) == []
    context.launch_configurations['namespace'] = '/left'
    assert look_at_sections(context, 'own.yaml', ['/left/session'], where) == []
