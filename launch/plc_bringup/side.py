# SPDX-License-Identifier: Apache-2.0
"""The nodes of one side: the same four for vehicle and charger, and what they have in common."""

import os

from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.conditions import IfCondition
from launch.substitutions import (
    AndSubstitution,
    EqualsSubstitution,
    IfElseSubstitution,
    LaunchConfiguration,
    PathJoinSubstitution,
    PythonExpression,
)
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare

from plc_bringup.claims import own_side
from plc_bringup.given import checked
from plc_bringup.own_file import new_name, own_file
from plc_bringup.reason import ends_the_launch
from plc_bringup.signals import listening
from plc_kit.variables import LAUNCHED

ARGUMENTS = (
    ('interface', 'auto', 'network interface of the modem, or of the joined partner (slac:=skip);'
        ' auto: the only wired one on which a HomePlug modem answers'),
    ('modem', 'ar7420', 'ar7420: a HomePlug modem on that interface; qca7005: one at an SPI bus,'
        ' the interface is a TAP made for it (auto: ccs0); none: no modem',
        'ar7420', 'qca7005', 'none'),
    ('spi', '/dev/spidev0.0', 'modem:=qca7005: its SPI device; mode, clock and INT line are'
        ' parameters'),
    ('modem_autostart', 'true', 'true: the modem node configures and activates itself; false: it'
        ' waits for lifecycle commands (its parameter autostart)', 'true', 'false'),
    ('slac', 'match', 'match: find the partner by SLAC; skip: take the interface as joined',
        'match', 'skip'),
    ('partner', 'own', 'who shows pilot, lock and volts at the other end: own: it does, by a plug'
        ' or the simulated cable; foreign: another stack with no plug, a stand-in at the simulated'
        ' cable follows its messages (docs/peers.md)', 'own', 'foreign'),
    ('timers', 'field', 'time limits as the field needs them, or as the standard has them (R26)',
        'field', 'standard'),
    ('allow_ipv4', 'false', 'accept an interface with an IPv4 address (R25)', 'true', 'false'),
    ('autostart', 'true', 'true: a charge begins with the plug; false: it waits for a goal'
        ' of the action charging/charge (vehicle)', 'true', 'false'),
    ('exit_when_done', 'false', 'end with the first session: status 0, or 1 with its reason',
        'true', 'false'),
    ('record', 'false', 'record the topics that tell the story of a session into a bag',
        'true', 'false'),
    ('bags', os.environ.get('CCS_BAGS', '~/ccs_bags'), 'folder in which each session gets a bag'
        ' of its own, named by time and partner; CCS_BAGS is its default'),
    ('bags_kept', '100', 'bags of sessions that are kept there; the oldest is removed'),
    ('bag_limit', '256', 'MB of a bag, after which another goes on'),
    ('bag', '', 'folder of one bag for the whole launch, in place of one for each session'),
    ('display', 'false', 'publish charging/display and charging/led, for a small display and a'
        ' lamp', 'true', 'false'),
    ('oled', 'none', 'serial device of an OLED that shows charging/display, such as /dev/ttyUSB0'),
    ('syslog', 'none', 'HOST[:PORT] that is told stages and errors (RFC 5424); never by the'
        ' charging interface'),
    ('cable', '/cable', 'namespace of the simulated cable, shared by both simulated ends'),
    ('speed', '1.0', 'how much faster than real the simulated physics runs; never the timers'),
    ('scene', 'default', 'parameters of a simulated scene: a file in scenes/, without .yaml'),
    ('composed', 'false', 'modem, slac, transport and session in one process; what owns the'
        ' outputs keeps its own, or a lease would protect nothing', 'true', 'false'),
    ('params_file', '', 'a YAML file of parameters of your own, keyed by node: session, or'
        ' /pev/session'),
    ('respawn', 'true', 'start a node anew that has died; it starts safe, and never resumes (R6)',
        'true', 'false'),
    ('log_level', 'info', 'how much the nodes tell', 'debug', 'info', 'warn', 'error'),
)  # fmt: skip

# What a bag of one side holds. Not the frames themselves: mme_log has no keys in it (R27).
STORY = (
    'modem/status', 'slac/status', 'data_link', 'transport/status', 'charging/link',
    'charging/state', 'charging/vehicle', 'charging/battery_state', 'mme_log', 'sdp_log',
    'v2g_log', 'session/journal', 'slac/journal', 'transport/journal', 'modem/journal',
    'vehicle/status', 'vehicle/command', 'supply/status', 'supply/command', 'pilot/status',
    'pilot/command',
)  # fmt: skip

_GIVEN = (
    'interface', 'modem', 'spi', 'modem_autostart', 'slac', 'timers', 'allow_ipv4',
    'exit_when_done', 'autostart',
)  # fmt: skip

# A session ends safely within 8 s of SIGINT (R7); only then may a node be pushed.
PATIENCE = {'sigterm_timeout': '10', 'sigkill_timeout': '3'}

# A node that only tells never ends a launch: it leaves no reason for that, and is tried again.
ONLY_TELLS = {'respawn_delay': 5.0, 'additional_env': {}, 'on_exit': None}

# A node that is not up yet: a launcher that dies takes it along, a SIGINT waits until it can hear.
FROM_THE_START = f'setpriv --pdeathsig HUP env --block-signal=INT,TERM {LAUNCHED}=true'


def declared(rows):
    """Declare launch arguments from rows of (name, default, description, choices…)."""
    return [
        DeclareLaunchArgument(
            name, default_value=default, description=about, choices=choices or None
        )
        for name, default, about, *choices in rows
    ]


def number(name):
    """Return a launch argument as a number with a point, so that `speed:=60` is a float too."""
    return PythonExpression(["float('", LaunchConfiguration(name), "')"])


def is_value(name, value):
    """Return the condition that a launch argument has this value."""
    return IfCondition(EqualsSubstitution(LaunchConfiguration(name), value))


def _parameter_files():
    scenes = PathJoinSubstitution([FindPackageShare('plc_bringup'), 'scenes'])
    own = LaunchConfiguration('params_file')
    default = PathJoinSubstitution([scenes, 'default.yaml'])
    scene = PathJoinSubstitution([scenes, LaunchConfiguration('scene')])
    return [[scene, '.yaml'], IfElseSubstitution(EqualsSubstitution(own, ''), default, own)]


def node(role, package, executable, parameters, **options):
    """Make a node of a side. It is started anew when it dies: a restarted node is safe (R6)."""
    return Node(
        package=package,
        executable=executable,
        exec_name=executable,
        namespace=LaunchConfiguration('namespace'),
        parameters=[parameters, *_parameter_files()],
        arguments=['--ros-args', '--log-level', LaunchConfiguration('log_level')],
        output='screen',
        prefix=FROM_THE_START,
        **{
            **ends_the_launch(f'{role}-{executable}'),
            'respawn': LaunchConfiguration('respawn'),
            'respawn_delay': 1.0,
            **PATIENCE,
            **options,
        },
    )


def parameters_of(role):
    """Return the parameters of modem, slac, transport and session of a side.

    The interface is the modem node's: the others learn it from modem/status and data_link.
    """
    given = {name: LaunchConfiguration(name) for name in _GIVEN}
    side, timers = {'role': role}, {'timers': given['timers']}
    ipv4 = {'allow_ipv4': given['allow_ipv4']}
    port = {name: given[name] for name in ('interface', 'modem', 'spi')}
    port |= {'autostart': given['modem_autostart']}
    network = PythonExpression(["'", given['interface'], "'.partition('@')[2] or 'real'"])
    once = {'exit_when_done': given['exit_when_done'], 'network': network}
    if role == 'pev':
        once |= {'autostart': given['autostart']}
    else:
        once |= {'mode': LaunchConfiguration('mode')}
        # in quotes: 10:11:22:33:44:55 is a number to YAML
        once |= {'authorization': ["'", LaunchConfiguration('authorization'), "'"]}
    return {
        'modem': {**side, **port, **ipv4},
        'slac': {**side, **timers, 'mode': given['slac']},
        'transport': {**side, **ipv4},
        'session': {**side, **timers, **once, 'memory': new_name(f'{role}-session.memory')},
    }


def nodes(role):
    """Return modem, slac, transport and session of a side, each in a process of its own."""
    packages = {'modem': 'plc_modem', 'slac': 'slac', 'transport': 'v2g', 'session': 'v2g'}
    apart = is_value('composed', 'false')
    return [
        node(role, packages[name], name, parameters, condition=apart)
        for name, parameters in parameters_of(role).items()
    ]


def composed(role):
    """Return the same four in one process."""

    def start(context):
        return [node(role, 'plc_bringup', 'side', own_file(parameters_of(role), context))]

    return OpaqueFunction(function=start, condition=is_value('composed', 'true'))


def recorder(topics, **where):
    """Record these topics, where `record` is true; up to their sessions' end."""
    each = [f'--{word}' for word in ('bags', 'keep', 'limit')]
    given = [LaunchConfiguration(name) for name in ('bags', 'bags_kept', 'bag_limit')]
    sessions = [word for pair in zip(each, given, strict=True) for word in pair]
    respawn = {'respawn': LaunchConfiguration('respawn'), 'respawn_delay': 1.0}
    bag = LaunchConfiguration('bag')
    return [
        _recorder([*sessions, *topics], _if_empty(bag, 'true', 'false'), **where, **respawn),
        _recorder(['-o', bag, *topics], _if_empty(bag, 'false', 'true'), **where),
    ]


def _if_empty(text, then, otherwise):
    return IfElseSubstitution(EqualsSubstitution(text, ''), then, otherwise)


def _recorder(arguments, chosen, **options):
    """Make a recorder, for where it is chosen and something is to be recorded.

    One that cannot write is tried again too, and ends no launch.
    """
    record = EqualsSubstitution(LaunchConfiguration('record'), 'true')
    return Node(
        package='plc_log',
        executable='record',
        exec_name='record',
        arguments=arguments,
        condition=IfCondition(IfElseSubstitution(record, chosen, 'false')),
        output='screen',
        prefix=FROM_THE_START,
        **PATIENCE,
        **options,
    )


def _stand_in(role):
    """Return the other end of the cable where a foreign partner has none."""
    cable = {'role': role, 'cable': LaunchConfiguration('cable')}
    return node(role, 'plc_sim', 'partner', cable, condition=is_value('partner', 'foreign'))


def tellers(role):
    """Return the nodes that tell people of a session; none, unless they are asked for."""
    oled, syslog = LaunchConfiguration('oled'), LaunchConfiguration('syslog')
    no_oled, quiet = EqualsSubstitution(oled, 'none'), EqualsSubstitution(syslog, 'none')
    shown = IfCondition(IfElseSubstitution(no_oled, LaunchConfiguration('display'), 'true'))
    told = IfCondition(IfElseSubstitution(quiet, 'false', 'true'))
    return [
        node(role, 'plc_log', 'status', {'oled': oled}, condition=shown, **ONLY_TELLS),
        node(role, 'plc_log', 'syslog', {'server': syslog}, condition=told, **ONLY_TELLS),
    ]


def side(role, owner, about, ready_made=(), choices=(), telling=()):
    """Return all of one side; `owner` is what owns its outputs, and the argument that says who.

    ready_made: nodes of ours that may own them; choices: the words by which they are chosen;
    telling: nodes that only tell of a session, beside those of both sides.
    """
    own = (
        ('namespace', role, 'namespace of the nodes and their topics'),
        (owner, 'simulated', about, 'simulated', 'external', *choices),
    )
    physics = {'cable': LaunchConfiguration('cable'), 'speed': number('speed')}
    if role == 'pev':
        physics |= {'memory': new_name('vehicle.memory')}  # plug and lock outlive its node
    simulated = EqualsSubstitution(LaunchConfiguration(owner), 'simulated')
    if role == 'evse':  # a reader has no supply
        charges = EqualsSubstitution(LaunchConfiguration('mode'), 'charger')
        simulated = AndSubstitution(simulated, charges)
    return [
        *declared((*own, *ARGUMENTS)),
        listening(),
        checked(**{role: LaunchConfiguration('namespace')}),
        own_side(LaunchConfiguration('namespace')),
        *recorder(STORY, namespace=LaunchConfiguration('namespace')),
        *nodes(role),
        composed(role),
        node(role, 'plc_sim', owner, physics, condition=IfCondition(simulated)),
        _stand_in(role),
        *ready_made,
        *tellers(role),
        *telling,
    ]
