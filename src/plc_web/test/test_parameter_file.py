# SPDX-License-Identifier: Apache-2.0
from hypothesis import given, strategies as st
import pytest
from rclpy.context import Context
from rclpy.node import Node
import yaml

from plc_kit.setting import Change, constraint
from plc_web.parameter import BadValue, Parameter, change_of, choices_of
from plc_web.parameter_file import ParameterFile, Unusable

PERIOD = Parameter('/pev/session', 'request_period', 'float', 0.1, 's between two', True, 0.0, 1.0)
RETRIES = Parameter('/pev/session', 'session_retries', 'int', 2, 'further attempts', True, 0, 10)
TIMERS = Parameter(
    '/pev/session', 'timers', 'str', 'field', 'set', True, choices=('field', 'standard')
)
MOST = Parameter(
    '/pev/session', 'max_current', 'float', 100.0, 'A at most', False, 0.0, 500.0, change='LOWER'
)
URL = Parameter('/evse/soc_callback', 'url', 'str', '', 'where', False, change='ANY_TIME')
FOREIGN = Parameter('/pev/bms', 'max_current', 'float', 100.0, 'A at most', False, 0.0, 500.0)


def test_a_value_is_taken_as_the_node_would():
    assert PERIOD.check(1) == 1.0 and type(PERIOD.check(1)) is float
    assert RETRIES.check(10) == 10 and TIMERS.check('standard') == 'standard'
    assert (PERIOD.unit, MOST.unit, RETRIES.unit) == ('s', 'A', '')


@pytest.mark.parametrize(('parameter', 'value'), [
    (PERIOD, 1.1), (PERIOD, -0.1), (PERIOD, float('nan')), (PERIOD, float('inf')), (PERIOD, '1'),
    (PERIOD, True), (PERIOD, 10**400), (RETRIES, 2.0), (RETRIES, 11), (RETRIES, 2**70),
    (TIMERS, 'other'), (TIMERS, 1), (TIMERS, 'field\n'),
])  # fmt: skip
def test_what_it_would_refuse_is_refused_in_a_sentence(parameter, value):
    with pytest.raises(BadValue, match=parameter.name):
        parameter.check(value)


@given(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.none()))
)
def test_whatever_comes_is_in_range_or_refused(value):
    try:
        taken = PERIOD.check(value)
    except BadValue:
        return
    assert isinstance(taken, float) and 0.0 <= taken <= 1.0


def test_in_a_session_a_limit_falls_and_what_says_nothing_of_itself_stays():
    assert MOST.in_session(50.0) and MOST.in_session(100.0) and URL.in_session('http://box')
    assert not MOST.in_session(150.0) and not FOREIGN.in_session(50.0)
    assert not PERIOD.in_session(0.05)


def test_choices_and_change_are_those_that_a_node_tells():
    assert choices_of(constraint(('field', 'standard'), Change.AT_START)) == ('field', 'standard')
    assert choices_of(constraint(('red',), Change.ANY_TIME)) == ('red',)
    assert choices_of('') == choices_of(constraint((), Change.LOWER)) == ()
    for change in Change:
        assert change_of(constraint((), change)) == change.name
        assert change_of(constraint(('red', 'green'), change)) == change.name
    assert change_of('whenever you like') == 'AT_START'


@pytest.fixture
def file(tmp_path):
    return ParameterFile(tmp_path / 'parameters.yaml')


def test_a_change_is_written_as_a_launch_reads_it_and_the_old_file_is_kept(file):
    file.change({'/pev/session': {'timers': 'standard'}})
    file.change({'/pev/session': {'request_period': 0.2}, '/pev/vehicle': {'soc': 0.5}})
    assert yaml.safe_load(file.path.read_text()) == {
        '/pev/session': {'ros__parameters': {'timers': 'standard', 'request_period': 0.2}},
        '/pev/vehicle': {'ros__parameters': {'soc': 0.5}},
    }
    assert ParameterFile(file.previous).read() == {'/pev/session': {'timers': 'standard'}}


@pytest.fixture
def as_ros_reads():
    """What a node /pev/session has of a parameter file, as rcl reads it."""
    context = Context()

    def read(path):
        context.init(['--ros-args', '--params-file', str(path)])
        own = {'allow_undeclared_parameters': True}
        own['automatically_declare_parameters_from_overrides'] = True
        node = Node('session', namespace='/pev', context=context, **own)
        return {name: one.value for name, one in node._parameters.items()}

    yield read
    context.try_shutdown()


def test_a_text_stays_a_text_whatever_it_looks_like(file, as_ros_reads):
    texts = '012345678901', '0123456789e1', 'y', 'No', '1e5', '.5', '0x1F', '.nan', '~', '', "it's"
    given = {f'text_{number}': text for number, text in enumerate(texts)}
    wanted = {**given, 'number': 0.5, 'whole': 2, 'yes': True}
    file.change({'/pev/session': wanted})
    assert file.read() == {'/pev/session': wanted}
    assert as_ros_reads(file.path).items() >= wanted.items()


def test_null_takes_a_parameter_back_to_its_default(file):
    file.change({'/pev/session': {'timers': 'standard'}})
    file.change({'/pev/session': {'timers': None}})
    assert file.read() == {}


def test_the_last_change_can_be_taken_back_and_that_too(file):
    assert not file.restore()
    file.change({'/a': {'b': 1}})
    file.change({'/a': {'b': 2}})
    assert file.restore() and file.read() == {'/a': {'b': 1}}
    assert file.restore() and file.read() == {'/a': {'b': 2}}


@pytest.mark.parametrize('text', ['[]', 'a: 1', '{', 'a: {ros__parameters: 3}', '\x00'])
def test_a_file_that_is_none_is_told_and_not_overwritten(file, text):
    file.path.write_text(text)
    with pytest.raises(Unusable):
        file.change({'/a': {'b': 1}})
    assert file.path.read_text() == text
