# SPDX-License-Identifier: Apache-2.0
"""Launch files run and end as under the genuine `ros2 launch`."""

import os
import pty
import re
import shutil
import signal
import sys

import pytest

HEAD = """
import sys
from launch import LaunchDescription
from launch.actions import *
from launch.conditions import *
from launch.event_handlers import OnProcessExit, OnProcessStart, OnShutdown
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import *
from launch_ros.actions import *
from launch_ros.substitutions import FindPackageShare


def sh(text, **kwargs):
    return ExecuteProcess(cmd=['sh', '-c', text], output='screen', **kwargs)


def generate_launch_description():
    return LaunchDescription([
"""


@pytest.fixture
def write(tmp_path):
    def go(body, name='x.launch.py'):
        (tmp_path / name).write_text(HEAD + body + '\n])\n')
        return name

    return go


def told(text):
    """Return what was printed without process ids and log folder."""
    text = re.sub(r'pid [\[]?\d+', 'pid N', re.sub(r'pid \[\d+\]', 'pid [N]', text))
    return [
        line for line in text.splitlines() if 'log files' not in line and 'verbosity' not in line
    ]


def test_starts_with_the_two_usual_lines_and_ends_with_0_when_idle(write, ros2):
    done = ros2('launch', write("LogInfo(msg=['a', TextSubstitution(text='b')])"))
    lines = done.stdout.splitlines()
    assert lines[0].startswith('[INFO] [launch]: All log files can be found below /')
    assert lines[1:] == [
        '[INFO] [launch]: Default logging verbosity is set to INFO',
        '[INFO] [launch.user]: ab',
    ]
    assert done.returncode == 0


def test_passes_on_lines_and_tells_how_processes_ended(write, ros2):
    done = ros2('launch', write("sh('echo out; printf half'), sh('echo bad >&2; exit 3')"))
    assert sorted(told(done.stdout)) == [
        "[ERROR] [sh-2]: process has died [pid N, exit code 3, cmd 'sh -c echo bad >&2; exit 3'].",
        '[INFO] [sh-1]: process has finished cleanly [pid N]',
        '[INFO] [sh-1]: process started with pid [N]',
        '[INFO] [sh-2]: process started with pid [N]',
        '[sh-1] half',
        '[sh-1] out',
        '[sh-2] bad',
    ]
    assert done.returncode == 0


def test_shows_arguments_as_documentation(write, ros2):
    file = write("""
        DeclareLaunchArgument('side', description='Which side', choices=['pev', 'evse']),
        DeclareLaunchArgument('speed', default_value=LaunchConfiguration('side')),
        DeclareLaunchArgument('record', default_value='false', description='Keep a bag.',
                              condition=IfCondition('true')),
    """)
    assert (
        ros2('launch', file, '--show-args').stdout
        == """\
Arguments (pass arguments as '<name>:=<value>'):

    'side':
        Which side. Valid choices are: ['pev', 'evse']

    'speed':
        no description given
        (default: LaunchConfig('side'))

    'record':*
        Keep a bag.
        (default: 'false')

* argument(s) which are only used if specific conditions occur
"""
    )
    assert ros2('launch', write(''), '-s').stdout.endswith('\n\n  No arguments.\n')


def test_refuses_missing_wrong_and_malformed_arguments(write, ros2):
    file = write("DeclareLaunchArgument('side', choices=['pev', 'evse'])")
    caught = '[ERROR] [launch]: Caught exception in launch (see debug for traceback): '
    missing = ros2('launch', file)
    assert told(missing.stdout) == [
        caught + "Included launch description missing required argument 'side' "
        "(description: 'One of: ['pev', 'evse']'), given: []"
    ]
    assert missing.returncode == 1
    wrong = (
        'Argument "side" provided value "x" is not valid. Valid options are: [\'pev\', \'evse\']'
    )
    assert told(ros2('launch', file, 'side:=x').stdout) == [
        '[ERROR] [launch.actions.declare_launch_argument]: ' + wrong,
        caught + wrong,
    ]
    malformed = ros2('launch', file, 'side=pev')
    assert malformed.stderr == (
        "malformed launch argument 'side=pev', expected format '<name>:=<value>'\n"
    )
    assert malformed.returncode == 1
    assert ros2('launch', 'nopackage', 'x.launch.py').stderr.startswith(
        "Package 'nopackage' not found: \"package 'nopackage' not found, searching: ["
    )


def test_an_exception_is_one_line_ends_what_runs_and_gives_status_1(write, ros2):
    file = write("""
        sh('exec sleep 60'),
        TimerAction(period=0.2, actions=[OpaqueFunction(function=lambda context: 1 / 0)]),
    """)
    done = ros2('launch', file)
    assert told(done.stdout)[1:] == [
        '[ERROR] [launch]: Caught exception in launch (see debug for traceback): division by zero',
        "[INFO] [sh-1]: sending signal 'SIGINT' to process[sh-1]",
        "[ERROR] [sh-1]: process has died [pid N, exit code -2, cmd 'sh -c exec sleep 60'].",
    ]
    assert done.returncode == 1


def test_a_required_process_that_failed_leaves_status_0(write, ros2):
    done = ros2(
        'launch', write("sh('exit 3', on_exit=[Shutdown(reason='gone')]), sh('exec sleep 9')")
    )
    assert '[INFO] [launch]: process[sh-1] was required: shutting down launched system' in told(
        done.stdout
    )
    assert done.returncode == 0


def test_on_interrupt_everyone_is_told_at_once_then_pressed(write, start):
    file = write("""
        DeclareLaunchArgument('sigterm_timeout', default_value='0.4'),
        sh('trap "" INT TERM; echo deaf; while :; do sleep 0.05; done', sigkill_timeout='0.3'),
        sh('exec sleep 60'),
    """)
    launch = start('launch', file)
    launch.until('[sh-1] deaf')
    assert launch.process.send_signal(signal.SIGINT) is None
    launch.until('(SIGINT)')
    assert launch.end() == 0
    lines = told(launch.text)
    assert lines[lines.index('[WARNING] [launch]: user interrupted with ctrl-c (SIGINT)') :] == [
        '[WARNING] [launch]: user interrupted with ctrl-c (SIGINT)',
        "[INFO] [sh-2]: sending signal 'SIGINT' to process[sh-2]",
        "[INFO] [sh-1]: sending signal 'SIGINT' to process[sh-1]",
        *sorted(
            [
                '[WARNING] [launch]: user interrupted with ctrl-c (SIGINT) again, ignoring...',
                '[ERROR] [sh-2]: process has died [pid N, exit code -2, '
                "cmd 'sh -c exec sleep 60'].",
            ],
            key=lines.index,
        ),
        "[ERROR] [sh-1]: process[sh-1] failed to terminate '0.4' seconds after receiving 'SIGINT',"
        " escalating to 'SIGTERM'",
        "[INFO] [sh-1]: sending signal 'SIGTERM' to process[sh-1]",
        "[ERROR] [sh-1]: process[sh-1] failed to terminate '0.7' seconds after receiving "
        "'SIGTERM', escalating to 'SIGKILL'",
        "[INFO] [sh-1]: sending signal 'SIGKILL' to process[sh-1]",
        '[ERROR] [sh-1]: process has died [pid N, exit code -9, cmd \'sh -c trap "" INT TERM; '
        "echo deaf; while :; do sleep 0.05; done'].",
    ]


COUNTS = """
import signal, time
heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append(1))
print('up', flush=True)
while not heard:
    time.sleep(0.01)
time.sleep(0.5)
print('SIGINT heard', len(heard))
"""


@pytest.fixture
def counting(write, tmp_path):
    (tmp_path / 'counts.py').write_text(COUNTS)
    return write(f"ExecuteProcess(cmd=['{sys.executable}', 'counts.py'], output='screen')")


def test_ctrl_c_at_a_terminal_reaches_a_process_once(counting, env, tmp_path):
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.chdir(tmp_path)
            os.execve(shutil.which('ros2'), ['ros2', 'launch', counting], env)
        finally:
            os._exit(127)  # a child that could not become the command is no second test run
    told = b''
    while chunk := _read(terminal):
        told += chunk
        if chunk.rstrip().endswith(b'] up'):
            os.write(terminal, b'\x03')
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert b'SIGINT heard 1' in told
    assert b'sending signal' not in told


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b''  # closed at the other end


def test_sigint_to_the_launcher_alone_reaches_a_process_once(counting, start):
    launch = start('launch', counting)
    launch.until('] up')
    assert launch.end() == 0
    assert 'SIGINT heard 1' in launch.text


def test_sigterm_ends_the_launcher_without_a_word(write, start):
    launch = start('launch', write("sh('echo up; exec sleep 60')"))
    launch.until('[sh-1] up')
    assert launch.end(signal.SIGTERM) == -signal.SIGTERM
    assert told(launch.text)[-1] == '[sh-1] up'


@pytest.fixture
def in_the_background():
    """A script's `command &` is started with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


def test_sigint_that_is_ignored_from_the_start_stays_so(in_the_background, write, start):
    launch = start('launch', write("sh('echo up; sleep 1; echo gone')"))
    launch.until('[sh-1] up')
    assert launch.end() == 0
    assert '[sh-1] gone' in launch.text and 'SIGINT' not in launch.text


def test_respawns_after_the_delay_as_often_as_allowed(write, ros2):
    file = write("sh('echo up; exit 1', respawn=True, respawn_delay=0.1, respawn_max_retries=2)")
    assert ros2('launch', file).stdout.count('[sh-1] up') == 3


def test_handlers_answer_start_end_and_shutdown(write, ros2):
    file = write("""
        sh('echo up'),
        RegisterEventHandler(OnProcessStart(on_start=[LogInfo(msg='started')])),
        RegisterEventHandler(OnProcessExit(
            on_exit=lambda event, context: [
                LogInfo(msg=f'{event.process_name}={event.returncode}')])),
        RegisterEventHandler(OnShutdown(on_shutdown=[LogInfo(msg='over')])),
    """)
    said = [line for line in told(ros2('launch', file).stdout) if 'launch.user' in line]
    assert said == [f'[INFO] [launch.user]: {word}' for word in ('started', 'sh-1=0', 'over')]


def test_includes_leak_unless_a_group_holds_them(write, ros2):
    write(
        "DeclareLaunchArgument('a', default_value='own'), LogInfo(msg=LaunchConfiguration('a'))",
        'in.py',
    )
    include = "IncludeLaunchDescription(PythonLaunchDescriptionSource('in.py')%s)"
    given = ", launch_arguments={'a': 'given'}.items()"
    file = write(f"""
        {include % given}, {include % ''},
        GroupAction([{include % ''}], forwarding=False),
        GroupAction([SetLaunchConfiguration('a', 'inside'), {include % ''}]),
        {include % ''},
        GroupAction([{include % ''}], forwarding=False, launch_configurations={{'a': 'kept'}}),
        GroupAction([SetEnvironmentVariable('A', 'inside')]),
        LogInfo(msg=EnvironmentVariable('A', default_value='unset')),
    """)
    said = [line.split()[-1] for line in told(ros2('launch', file).stdout)]
    assert said == ['given', 'given', 'own', 'inside', 'given', 'kept', 'unset']


@pytest.mark.parametrize(
    ('expression', 'value'),
    [
        ("PythonExpression(['2 * ', LaunchConfiguration('a')])", '6'),
        ("PythonExpression('floor(pi)')", '3'),
        ("EqualsSubstitution(LaunchConfiguration('a'), '3.0')", 'true'),
        ("NotEqualsSubstitution('x', 'y')", 'true'),
        ("IfElseSubstitution(NotSubstitution('false'), 'yes', 'no')", 'yes'),
        ("AndSubstitution('true', OrSubstitution('false', 'true'))", 'true'),
        ("PathJoinSubstitution(['/x', LaunchConfiguration('a'), 'y'])", '/x/3/y'),
        ("FindPackageShare('std_msgs')", 'share/std_msgs'),
        ("LaunchConfiguration('none', default=5)", '5'),
    ],
)
def test_substitutions_give(expression, value, write, ros2):
    file = write(f"SetLaunchConfiguration('a', '3'), LogInfo(msg={expression})")
    assert told(ros2('launch', file).stdout)[0].endswith(value)


def test_conditions_choose(write, ros2):
    file = write("""
        LogInfo(msg='if', condition=IfCondition('True')),
        LogInfo(msg='unless', condition=UnlessCondition('1')),
        LogInfo(msg='what', condition=IfCondition('maybe')),
    """)
    chosen, refused = told(ros2('launch', file).stdout)
    assert chosen == '[INFO] [launch.user]: if'
    assert "expected one of [true, 1, false, 0] but got 'maybe', expanded from" in refused
