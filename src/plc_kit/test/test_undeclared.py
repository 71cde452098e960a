# SPDX-License-Identifier: Apache-2.0
"""A parameter that a node does not have is refused with the nearest name, whoever gave it."""

from dataclasses import dataclass
import os
import subprocess
import sys

import pytest
import rclpy
from rclpy.exceptions import ParameterNotDeclaredException
from rclpy.node import Node
from rclpy.parameter import Parameter

from plc_kit.nearest import nearest
from plc_kit.parameter_file import BadParameterFile, matches, parameters_of
from plc_kit.parameters import declare
from plc_kit.refusal import CANNOT_START
from plc_kit.setting import setting
from plc_kit.undeclared import given, refuse_undeclared
from plc_kit.variables import LAUNCHED, OURS, refuse_misspelt


@dataclass(frozen=True)
class Gate:
    """Of a gate."""

    authorization: str = setting('free', 'who may pass')
    mode: str = setting('open', 'what it does')


class GateNode(Node):
    """A gate, which may be a barrier elsewhere."""

    elsewhere = frozenset({'height'})

    def __init__(self, **options):
        super().__init__('gate', namespace='/evse', **options)
        declare(self, Gate)


@pytest.fixture
def nodes():
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=40 + os.getpid() % 50)
    made = [GateNode(context=context), Node('lamp', namespace='/evse', context=context)]
    yield made
    for one in made:
        one.destroy_node()
    rclpy.shutdown(context=context)


@pytest.fixture
def written(tmp_path):
    """Write a parameter file, and return its path."""

    def write(text):
        (tmp_path / 'own.yaml').write_text(text)
        return str(tmp_path / 'own.yaml')

    return write


def ros(*words):
    return given(['gate', '--keep', '3', '--ros-args', *words])


def test_desk_1_all_ways_in_which_a_command_line_gives_parameters_are_read(written):
    path = written(
        'gate: {ros__parameters: {a: 1}}\n'
        '/**: {ros__parameters: {b: 1, c: {d: 1, e: [1]}}}\n'
        'evse: {lamp: {ros__parameters: {f: 1}}}\n'
    )
    words = ('-p', 'g:=1', '--param', 'lamp:h:=1', '-r', 'i:=1', '--params-file', path)
    assert ros(*words, '--', '-p', 'j:=1') == [
        ('', 'g'),
        ('lamp', 'h'),
        ('/gate', 'a'),
        *(('/**', name) for name in ('b', 'c.d', 'c.e')),
        ('/evse/lamp', 'f'),
    ]
    assert given(['gate', '-p', 'a:=1', '--params-file', path]) == []  # none of ROS


@pytest.mark.parametrize('key', ['/evse/gate', 'evse/gate', '/**/gate', '/*/gate'])
def test_desk_1_a_node_refuses_a_parameter_that_it_does_not_have(nodes, written, key):
    told = ros('--params-file', written(f'{key}: {{ros__parameters: {{autorization: x}}}}'))
    sentence = '^/evse/gate has no parameter autorization; did you mean authorization\\?$'
    with pytest.raises(ValueError, match=sentence):
        refuse_undeclared(told, nodes)


def test_desk_1_what_a_user_types_has_to_be_known_to_one_of_the_process(nodes):
    refuse_undeclared(ros('-p', 'mode:=shut'), nodes)
    refuse_undeclared(ros('-p', 'use_sim_time:=true'), nodes)
    with pytest.raises(ValueError, match='moed; did you mean mode'):
        refuse_undeclared(ros('-p', 'moed:=shut'), nodes)
    with pytest.raises(ValueError, match=r'none of /evse/gate, /evse/lamp has a parameter wxyz$'):
        refuse_undeclared(ros('-p', 'wxyz:=1'), nodes)


@pytest.mark.parametrize('key', ['gate', '/gate'])
def test_desk_1_a_node_without_its_namespace_is_another_to_ros_and_refused(nodes, written, key):
    told = ros('--params-file', written(f'{key}: {{ros__parameters: {{mode: x}}}}'))
    with pytest.raises(
        ValueError, match=r'/gate is a node in no namespace, and here is /evse/gate'
    ):
        refuse_undeclared(told, nodes)
    with pytest.raises(
        ValueError, match=r'gate is a node in no namespace, and here is /evse/gate'
    ):
        refuse_undeclared(ros('-p', 'gate:mode:=x'), nodes)


def test_desk_1_a_node_that_is_none_of_the_process_has_no_parameter_there(nodes):
    with pytest.raises(ValueError, match='no node here is called gaet; did you mean gate'):
        refuse_undeclared(ros('-p', 'gaet:mode:=x'), nodes)


@pytest.mark.parametrize('key', ['/**', '/evse/*', '/**/*'])
def test_desk_1_what_is_for_many_is_anothers_unless_it_is_almost_ours(nodes, written, key):
    text = f'{key}: {{ros__parameters: {{robot: x, mode: shut, mood: 1, max_speed: 1}}}}'
    refuse_undeclared(ros('--params-file', written(text)), nodes)
    text = f'{key}: {{ros__parameters: {{autorization: x}}}}'
    with pytest.raises(ValueError, match='did you mean authorization'):
        refuse_undeclared(ros('--params-file', written(text)), nodes)


def test_desk_1_set_parameter_of_a_launch_is_for_many(nodes, monkeypatch):
    monkeypatch.setenv(LAUNCHED, 'true')
    refuse_undeclared(ros('-p', 'robot:=x'), nodes)
    with pytest.raises(ValueError, match='did you mean authorization'):
        refuse_undeclared(ros('-p', 'autorization:=x'), nodes)


def test_another_node_is_not_ours_to_look_at(nodes, written):
    text = '/nav/gate: {ros__parameters: {a: 1}}\ndoor: {ros__parameters: {a: 1}}'
    refuse_undeclared(ros('--params-file', written(text)), nodes)


def test_desk_1_a_parameter_of_another_role_counts_where_all_roles_are_meant(nodes, written):
    for key in ('/**/gate', '/**', '/*/gate'):
        text = f'{key}: {{ros__parameters: {{height: 1}}}}'
        refuse_undeclared(ros('--params-file', written(text)), nodes)
    told = ros('--params-file', written('/evse/gate: {ros__parameters: {height: 1}}'))
    with pytest.raises(ValueError, match='height of /evse/gate is one of another role or mode'):
        refuse_undeclared(told, nodes)


def test_desk_1_setting_what_is_not_there_is_answered_with_the_nearest_name(nodes):
    refuse_undeclared([], nodes)
    with pytest.raises(ParameterNotDeclaredException) as refused:
        nodes[0].set_parameters_atomically([Parameter('moed', value='shut')])
    assert str(refused.value) == '/evse/gate has no parameter moed; did you mean mode?'
    assert nodes[0].set_parameters_atomically([Parameter('use_sim_time', value=False)]).successful


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        ('gate: {ros__parameters: {a: [1, b}}\n', "line 1, column 34: expected ',' or ']'"),
        ('gate:\n  ros__parameters:\n   a: 1\n    b: 2\n', 'line 4, column 6: mapping values'),
        ('gate:\n\ta: 1\n', "line 2, column 1: found character '\\t'"),
        ('gate: &all\n  gate: *all\n', 'line 2, column 9: ROS takes no alias'),
        ('gate: {ros__parameters: &all {a: *all}}\n', 'line 1, column 34: ROS takes no alias'),
        ('[' * 3000, 'nested without end'),
        ('gate: {ros__parameters: {a: 2020-99-99}}\n', 'month must be in 1..12'),
    ],
)
def test_desk_1_a_broken_file_is_named_with_line_and_reason(written, text, reason):
    path = written(text)
    with pytest.raises(BadParameterFile) as refused:
        parameters_of(path)
    assert str(refused.value).startswith(f'{path} is no YAML: ') and reason in str(refused.value)


@pytest.mark.parametrize(
    ('pattern', 'node', 'meant'),
    [
        ('/**', '/a/b', True),
        ('/**/b', '/b', True),
        ('/**/b', '/a/a/b', True),
        ('/*/b', '/a/b', True),
        ('/*/b', '/b', False),
        ('/a/b', '/a/bb', False),
        ('/a.b', '/axb', False),
    ],
)
def test_a_pattern_stands_for_the_nodes_for_which_ros_takes_it(pattern, node, meant):
    assert matches(pattern, node) is meant


def test_of_names_that_are_as_near_the_one_of_the_same_letters_was_meant():
    assert nearest('moed', {'oled', 'mode'}) == 'mode'
    assert nearest('wxyz', {'oled', 'mode'}) == ''


SCRIPT = """
from rclpy.node import Node
from plc_kit.run import run
from plc_kit.parameters import declare
from test_undeclared import GateNode
run(GateNode)
"""


@pytest.mark.parametrize(
    ('words', 'reason'),
    [
        (('-p', 'moed:=x'), 'did you mean mode?'),
        (('--params-file', 'own.yaml'), 'own.yaml is no YAML: line 1, column 2'),
        (('--params-file', 'nosuch.yaml'), 'nosuch.yaml cannot be read: No such file'),
    ],
)
def test_desk_1_such_a_node_does_not_start(written, tmp_path, words, reason):
    written('[}')
    ended = subprocess.run(
        (sys.executable, '-c', SCRIPT, '--ros-args', *words),
        env={
            **os.environ,
            'ROS_DOMAIN_ID': str(100 + os.getpid() % 100),
            'CCS_REASON': str(tmp_path / 'reason'),
            'PYTHONPATH': f'{os.path.dirname(__file__)}:{os.environ["PYTHONPATH"]}',
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == CANNOT_START, ended.stderr
    assert reason in ended.stderr and 'Traceback' not in ended.stderr
    assert reason in (tmp_path / 'reason').read_text()


@pytest.mark.parametrize('name', OURS)
def test_desk_1_a_misspelt_variable_of_ours_is_refused(name):
    refuse_misspelt({name: '1', 'CCS_INSTALL_DIR': '/ti', 'PATH': '/bin'})
    with pytest.raises(ValueError, match=f'did you mean {name}\\?'):
        refuse_misspelt({name[:-2] + name[-1] + name[-2]: '1'})
    with pytest.raises(ValueError, match=f'{name}S; did you mean {name}\\?'):
        refuse_misspelt({f'{name}S': '1'})
