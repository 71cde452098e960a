# SPDX-License-Identifier: Apache-2.0
"""Which command and verb was meant; a command lives in the module of its name."""

import argparse
import importlib
import signal
import sys

from ros2cli.table import Verb

COMMANDS = {
    'bag': 'Various rosbag related sub-commands',
    'interface': 'Show information about ROS interfaces',
    'launch': 'Run a launch file',
    'node': 'Various node related sub-commands',
    'param': 'Various param related sub-commands',
    'run': 'Run a package specific executable',
    'service': 'Various service related sub-commands',
    'topic': 'Various topic related sub-commands',
}


def main() -> int | str | None:
    """Run the verb named on the command line and return what the process ends with."""
    args = parse(sys.argv[1:])
    try:
        return args.main(args)
    except KeyboardInterrupt:
        return int(signal.SIGINT)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except (ValueError, RuntimeError, LookupError, OSError) as error:
        return str(error)


def parse(words: list[str]) -> argparse.Namespace:
    """Return the arguments; only the module of the command in question is loaded."""
    parser = argparse.ArgumentParser(
        prog='ros2', description='ros2 is an extensible command-line tool for ROS 2.'
    )
    commands = parser.add_subparsers(metavar='<command>', required=True)
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if name in words[:1]:
            verbs = importlib.import_module(f'ros2cli.{name}').VERBS
            if isinstance(verbs, Verb):
                _fill(command, verbs)
                continue
            below = command.add_subparsers(metavar='<verb>', required=True)
            for word, verb in verbs.items():
                line = verb.main.__doc__.split('\n')[0]
                _fill(below.add_parser(word, help=line, description=line), verb)
    return parser.parse_args(words)


def _fill(parser: argparse.ArgumentParser, verb: Verb) -> None:
    parser.set_defaults(main=verb.main)
    for names, options in verb.arguments:
        parser.add_argument(*names, **options)
