# SPDX-License-Identifier: Apache-2.0
"""Which command and verb was meant; each lives in the module of its name."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys

COMMANDS = {
    'bag': ('Various rosbag related sub-commands', ['info', 'play', 'record']),
    'interface': ('Show information about ROS interfaces', ['show']),
    'launch': ('Run a launch file', []),
    'node': ('Various node related sub-commands', ['info', 'list']),
    'param': ('Various param related sub-commands', ['get', 'list', 'set']),
    'run': ('Run a package specific executable', []),
    'service': ('Various service related sub-commands', ['call', 'list']),
    'topic': (
        'Various topic related sub-commands',
        ['echo', 'hz', 'info', 'list', 'pub'],
    ),
}


def main() -> int | str | None:
    """Run the verb named on the command line and return what the process ends with."""
    module, rest, name = _choose(sys.argv[1:])
    verb = importlib.import_module(f'ros2cli.{module}')
    parser = argparse.ArgumentParser(prog=f'ros2 {name}', description=verb.__doc__.split('\n')[0])
    verb.add_arguments(parser)
    args = parser.parse_args(rest)
    try:
        return verb.main(args)
    except KeyboardInterrupt:
        return int(signal.SIGINT)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except (ValueError, RuntimeError, OSError) as error:
        return str(error)


def _choose(words: list[str]) -> tuple[str, list[str], str]:
    """Return module, its arguments and the command's full name; ends with help if unknown."""
    parser = argparse.ArgumentParser(
        prog='ros2', description='ros2 is an extensible command-line tool for ROS 2.'
    )
    commands = parser.add_subparsers(metavar='<command>', dest='command', required=True)
    for command, (text, verbs) in COMMANDS.items():
        below = commands.add_parser(command, help=text, description=text, add_help=bool(verbs))
        if verbs:
            choice = below.add_subparsers(metavar='<verb>', dest='verb', required=True)
            for verb in verbs:
                choice.add_parser(verb, add_help=False)
    args, _ = parser.parse_known_args(words[:2] if words[:1] != ['launch'] else words[:1])
    if getattr(args, 'verb', None) is None:
        return args.command, words[1:], args.command
    return f'{args.command}_{args.verb}', words[2:], f'{args.command} {args.verb}'
