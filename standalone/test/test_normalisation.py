# SPDX-License-Identifier: Apache-2.0
"""What a launch file may write as an argument, and how the rest is refused: word for word.

Where a ROS 2 is sourced, the same table is held against its `launch` and `launch_ros`.
"""

from pathlib import Path

from launch.launch_description_sources import PythonLaunchDescriptionSource
import launch_ros.actions
from launch_ros.substitutions import FindPackageShare
import pytest

import launch
from launch import LaunchContext, actions, conditions, substitutions

NAMES = {
    **vars(substitutions),
    **vars(conditions),
    **vars(actions),
    **vars(launch_ros.actions),
    'FindPackageShare': FindPackageShare,
    'LaunchDescription': launch.LaunchDescription,
    'Path': Path,
    'PythonLaunchDescriptionSource': PythonLaunchDescriptionSource,
    'T': lambda text: substitutions.TextSubstitution(text=text),
}
TYPES = (
    "<class 'str'>, <class 'launch.substitution.Substitution'>, <class 'collections.abc.Iterable'>"
)


def flat(kind):
    """How an item of a kind that is none in a flat list is refused."""
    return (
        f"Failed to normalize given item of type '<class '{kind}'>', when only "
        "'str' or 'launch.Substitution' were expected."
    )


def alone(kind):
    """How something that is no sequence at all is refused."""
    return f"'{kind}' object is not iterable"


TEXTS = {
    # one substitution, text, or a flat sequence of both
    "LaunchConfiguration('a')": '1',
    "LaunchConfiguration(['a', T('b')])": '12',
    "LaunchConfiguration((part for part in ['a', 'b']))": '12',
    "LaunchConfiguration('none', default='text')": 'text',
    "LaunchConfiguration('none', default=5)": '5',
    "LaunchConfiguration('none', default=True)": 'True',
    "LaunchConfiguration('none', default=['a', T('b'), 5])": 'ab5',
    "LaunchConfiguration('none', default=['a', ['b']])": "a['b']",
    "LaunchConfiguration('none', default=[])": '',
    "EnvironmentVariable('NO_SUCH', default_value=['a', T('b')])": 'ab',
    "PathJoinSubstitution(['/x', T('y'), 'z'])": '/x/y/z',
    "PathJoinSubstitution('x')": 'x',
    "PythonExpression(['1 + ', LaunchConfiguration('a')])": '2',
    "PythonExpression('sys.maxsize > 0', ['sys'])": 'True',
    "IfElseSubstitution('1', 'then')": 'then',
    "IfElseSubstitution(LaunchConfiguration('off'), 'then', ['o', T('r')])": 'or',
    # anything is told from anything, as its text
    "EqualsSubstitution(LaunchConfiguration('a'), 1.0)": 'true',
    "EqualsSubstitution(True, '1')": 'true',
    "EqualsSubstitution(None, '')": 'true',
    "EqualsSubstitution('a', 'A')": 'false',
    "EqualsSubstitution('1', 'True')": 'true',
    "EqualsSubstitution(['a', T('b')], 'ab')": 'true',
    "EqualsSubstitution(['a', ['b']], \"['a', ['b']]\")": 'true',
    "NotEqualsSubstitution(['a'], 'a')": 'true',
    # what counts as true
    "NotSubstitution('0')": 'true',
    "NotSubstitution(['o', T('n')])": 'false',
    "AndSubstitution('Yes', T('1'))": 'true',
    "OrSubstitution('false', 'off')": 'false',
}
REFUSED = {
    # a list in a list
    "LaunchConfiguration(['a', ['b']])": flat('list'),
    "LaunchConfiguration(5)": alone('int'),
    "LaunchConfiguration(None)": alone('NoneType'),
    "LaunchConfiguration(Path('a'))": alone('PosixPath'),
    "LaunchConfiguration(b'a')": flat('int'),
    "EnvironmentVariable([['a']])": flat('list'),
    "EnvironmentVariable('a', default_value=[T('a'), ['b']])": flat('list'),
    "EnvironmentVariable('a', default_value=5)": alone('int'),
    "PathJoinSubstitution(['a', ['b', T('c')]])": flat('list'),
    "PathJoinSubstitution([Path('a'), 'b'])": flat('pathlib.PosixPath'),
    "PythonExpression(['1 + ', ['2']])": flat('list'),
    "PythonExpression(['1 + ', 2])": flat('int'),
    "PythonExpression(5)": (
        f"'PythonExpression' expected 'expression' to be one of [{TYPES}], "
        "but got '5' of type '<class 'int'>'"
    ),
    "PythonExpression('1', 5)": (
        f"'PythonExpression' expected 'python_modules' to be one of [{TYPES}], "
        "but got '5' of type '<class 'int'>'"
    ),
    "IfElseSubstitution('1')": 'One of if_value and else_value must be specified',
    "IfElseSubstitution('1', ['a', ['b']])": flat('list'),
    "IfElseSubstitution([['1']], 'a')": flat('list'),
    "IfElseSubstitution(True, 'a')": alone('bool'),
    "IfElseSubstitution('maybe', 'a')": "Cannot convert value 'maybe' to '<class 'bool'>'",
    "NotSubstitution([['true']])": flat('list'),
    "NotSubstitution(True)": alone('bool'),
    "NotSubstitution('')": "Cannot convert value '' to '<class 'bool'>'",
    "AndSubstitution('true', [['true']])": flat('list'),
    "AndSubstitution('true', '2')": "Cannot convert value '2' to '<class 'bool'>'",
    "OrSubstitution([['true']], 'true')": flat('list'),
    "OrSubstitution('true', 'x')": "Cannot convert value 'x' to '<class 'bool'>'",
    "TextSubstitution(text=5)": (
        "TextSubstitution expected Text object got '<class 'int'>' instead."
    ),
    "TextSubstitution('a')": (
        'TextSubstitution.__init__() takes 1 positional argument but 2 were given'
    ),
    "LaunchConfiguration('a', 'b')": (
        'LaunchConfiguration.__init__() takes 2 positional arguments but 3 were given'
    ),
    "LaunchConfiguration('none')": "launch configuration 'none' does not exist",
    "EnvironmentVariable('NO_SUCH')": "environment variable 'NO_SUCH' does not exist",
    "FindPackageShare([['a']])": flat('list'),
    "FindPackageShare(5)": alone('int'),
    # actions
    "IfCondition([['true']])": flat('list'),
    "IfCondition(True)": alone('bool'),
    "UnlessCondition([['true']])": flat('list'),
    "LogInfo(msg=['a', ['b']])": flat('list'),
    "LogInfo(msg=5)": alone('int'),
    "LogInfo('a')": 'LogInfo.__init__() takes 1 positional argument but 2 were given',
    "SetLaunchConfiguration('a', ['b', ['c']])": flat('list'),
    "SetLaunchConfiguration('a', True)": alone('bool'),
    "SetEnvironmentVariable(['a', ['b']], 'c')": flat('list'),
    "SetEnvironmentVariable('a', 5)": alone('int'),
    "DeclareLaunchArgument('a', default_value=['b', ['c']])": flat('list'),
    "DeclareLaunchArgument('a', default_value=5)": alone('int'),
    "DeclareLaunchArgument('a', default_value=False)": alone('bool'),
    "DeclareLaunchArgument('a', choices=[])": (
        'Provided choices arg is empty. Use None to ignore the choice list.'
    ),
    "DeclareLaunchArgument('a', default_value='x', choices=['y'])": (
        'Provided default_value "x" is not in provided choices "[\'y\']".'
    ),
    "OpaqueFunction(function=5)": (
        "OpaqueFunction expected a callable for 'function', got '<class 'int'>'"
    ),
    "OpaqueFunction(function=print, args=5)": (
        "'OpaqueFunction' expected 'args' to be one of [<class 'collections.abc.Iterable'>, "
        "<class 'NoneType'>], but got '5' of type '<class 'int'>'"
    ),
    "OpaqueFunction(function=print, kwargs=[])": (
        "'OpaqueFunction' expected 'kwargs' to be one of [<class 'dict'>, <class 'NoneType'>], "
        "but got '[]' of type '<class 'list'>'"
    ),
    "EmitEvent(event=5)": "EmitEvent() expected an event instance, got '5'.",
    "TimerAction(period=5, actions=[])": (
        f"'TimerAction' expected 'period' to be one of [{TYPES}, <class 'float'>], "
        "but got '5' of type '<class 'int'>'"
    ),
    "TimerAction(period=1.0, actions=5)": (
        "'TimerAction' expected 'actions' to be one of [<class 'collections.abc.Iterable'>], "
        "but got '5' of type '<class 'int'>'"
    ),
    "PythonLaunchDescriptionSource(['a', ['b']])": flat('list'),
    "PythonLaunchDescriptionSource(Path('a'))": alone('PosixPath'),
    # processes
    "ExecuteProcess(cmd=['a', ['b', ['c']]])": flat('list'),
    "ExecuteProcess(cmd=['a', 5])": alone('int'),
    "ExecuteProcess(cmd=T('a'))": alone('TextSubstitution'),
    "ExecuteProcess(cmd=['a'], prefix=['b', ['c']])": flat('list'),
    "ExecuteProcess(cmd=['a'], name=5)": alone('int'),
    "ExecuteProcess(cmd=['a'], output=[['screen']])": flat('list'),
    "ExecuteProcess(cmd=['a'], additional_env={'A': 1})": alone('int'),
    "ExecuteProcess(cmd=['a'], additional_env={'A': ['b', ['c']]})": flat('list'),
    "ExecuteProcess(cmd=['a'], sigterm_timeout=5)": alone('int'),
    "ExecuteProcess(cmd=['a'], sigkill_timeout=[5])": flat('int'),
    "ExecuteProcess(cmd=['a'], respawn='true')": (
        "value='true' is not an instance of <class 'bool'>"
    ),
    "ExecuteProcess(cmd=['a'], respawn=1)": "value='1' is not an instance of <class 'bool'>",
    # nodes
    "Node(package='p', executable='e', arguments=[['a', ['b']]])": flat('list'),
    "Node(package='p', executable='e', arguments=['-r', 5])": alone('int'),
    "Node(package='p', executable='e', arguments=T('a'))": alone('TextSubstitution'),
    "Node(package='p', executable='e', ros_arguments=[['a', ['b']]])": flat('list'),
    "Node(package='p', executable=['e', ['f']])": flat('list'),
    "Node(package=5, executable='e')": alone('int'),
    "Node(package='p', executable='e', exec_name=5)": alone('int'),
    "Node(package='p', executable='e', parameters={})": (
        "'Node' expected 'parameters' to be one of [<class 'list'>], "
        "but got '{}' of type '<class 'dict'>'"
    ),
    "Node(package='p', executable='e', parameters=['a', ['b', ['c']]])": flat('list'),
    "Node(package='p', executable='e', parameters=[5])": (
        f"'ParameterFile()' expected 'param_file' to be one of [{TYPES}, <class 'os.PathLike'>, "
        "<class 'bytes'>], but got '5' of type '<class 'int'>'"
    ),
    "Node(package='p', executable='e', parameters=[{5: 'a'}])": alone('int'),
    "Node(package='p', executable='e', parameters=[{'a': None}])": (
        'Unexpected type for parameter value None'
    ),
    "Node(package='p', executable='e', parameters=[{'a': [T('b'), ['c', ['d']]]}])": flat('list'),
    "Node(package='p', executable='e', remappings=[['a', 'b']])": (
        "Expected 'remap_rule' to be one of [<class 'tuple'>], "
        "but got '['a', 'b']' of type '<class 'list'>'"
    ),
    "Node(package='p', executable='e', remappings=[('a',)])": (
        'remap_rule must be a tuple of length 2, got length 1'
    ),
    "Node(package='p', executable='e', remappings=[('a', ['b', ['c']])])": flat('list'),
    "PushRosNamespace(['a', ['b']])": flat('list'),
    "SetRemap('a', 5)": alone('int'),
    # parameters
    "SetParameter(['a', ['b']], 1)": flat('list'),
    "SetParameter('a', [])": (
        "Expected 'value' to be one of [<class 'float'>, <class 'int'>, <class 'str'>, "
        "<class 'bool'>, <class 'bytes'>], but got '()' of type '<class 'tuple'>'"
    ),
    "SetParameter('a', [1, None])": (
        "Expected 'subvalue' to be one of [<class 'float'>, <class 'int'>, <class 'str'>, "
        f"<class 'bool'>, {TYPES}], but got 'None' of type '<class 'NoneType'>'"
    ),
    "SetParameter('a', [{}])": 'Failed to handle type {}',
    "SetParameter('a', ['b', 1])": (
        'Expected a non-empty sequence, with items of uniform type. Allowed sequence item types '
        'are bool, int, float, str. Got inconsistent input for "a"'
    ),
    "SetParameter('a', T('[1, b]'))": (
        'Expected a non-empty sequence, with items of uniform type. Allowed sequence item types '
        'are bool, int, float, str. Got inconsistent input for "a"'
    ),
    "SetParameter('a', T('[1'))": (
        'Unable to parse the value of parameter a as yaml. If the parameter is meant to be a '
        'string, try wrapping it in launch_ros.parameter_descriptions.ParameterValue'
        '(value, value_type=str)'
    ),
    "SetParameter('a', T('{b: 1}'))": (
        'Allowed value types are bytes, bool, int, float, str, Sequence[bool], Sequence[int], '
        'Sequence[float], Sequence[str]. Got <class \'dict\'> for "a". If the parameter is '
        'meant to be a string, try wrapping it in launch_ros.parameter_descriptions.'
        'ParameterValue(value, value_type=str)'
    ),
}  # fmt: skip
PARAMETERS = {
    "SetParameter('a', 1)": 1,
    "SetParameter('a', 'b')": 'b',
    "SetParameter('a', '5')": '5',  # text stays text
    "SetParameter('a', T('5'))": 5,  # from a substitution it is YAML
    "SetParameter('a', T(''))": '',
    "SetParameter('a', ['x', T('y')])": 'xy',  # one text
    "SetParameter('a', ['x', 'y'])": ['x', 'y'],
    "SetParameter('a', [[T('x')], ['y', T('z')]])": ['x', 'yz'],
    "SetParameter('a', [1, 2])": [1, 2],
    "SetParameter('a', [1, 2.5])": [1.0, 2.5],
    "SetParameter('a', T('[1, 2]'))": [1, 2],
}
ACCEPTED = (
    "ExecuteProcess(cmd=('a', ['b', T('c')]), sigterm_timeout='5', respawn=T('true'))",
    "ExecuteProcess(cmd=(word for word in ['a']), additional_env={'A': ['b', T('c')]})",
    "Node(package='p', executable=['e', T('f')], arguments=['-r', ['a', T('b')]])",
    "Node(package='p', executable='e', arguments=('a', 'b'), ros_arguments=['--log-level', 'x'])",
    "Node(package='p', executable='e', parameters=[Path('a'), ['b', T('c')], {'d': {'e': 1}}])",
    "Node(package='p', executable='e', parameters=[{}])",
    "Node(package='p', executable='e', remappings=[('a', ['b', T('c')])], name=T('n'))",
    "DeclareLaunchArgument('a', default_value=['b', T('c')], choices=['y'])",
    "TimerAction(period=T('5'), actions=())",
    "OpaqueFunction(function=print, args=None, kwargs=None)",
    "GroupAction([], launch_configurations={'a': T('b')})",
)  # fmt: skip


def made(expression):
    return eval(expression, dict(NAMES))


@pytest.fixture
def context():
    one = LaunchContext()
    one.launch_configurations.update({'a': '1', 'ab': '12', 'off': 'off'})
    return one


def carried_out(expression, context):
    """Make what is written, and do what can be done with it alone."""
    one = made(expression)
    if hasattr(one, 'perform'):
        return one.perform(context)
    if expression.startswith('SetParameter'):
        one.execute(context)
        [(_, value)] = context.launch_configurations['global_params']
        return list(value) if isinstance(value, tuple) else value
    return one


@pytest.mark.parametrize('expression', TEXTS)
def test_a_substitution_gives(expression, context):
    assert carried_out(expression, context) == TEXTS[expression]


@pytest.mark.parametrize('expression', PARAMETERS)
def test_a_parameter_is(expression, context):
    value = carried_out(expression, context)
    assert (value, type(value)) == (PARAMETERS[expression], type(PARAMETERS[expression]))


@pytest.mark.parametrize('expression', ACCEPTED)
def test_an_action_is_taken(expression):
    assert made(expression)


@pytest.mark.parametrize('expression', REFUSED)
def test_what_is_none_is_refused_with_these_words(expression, context):
    with pytest.raises((TypeError, RuntimeError, ValueError)) as refused:
        carried_out(expression, context)
    assert str(refused.value) == REFUSED[expression]
