# SPDX-License-Identifier: Apache-2.0
"""Which command and verb was meant.

A command lives in the module of its name. A verb is a function there, `VERBS` names it: what
stands before the `*` in its signature is positional, the rest are options, and its docstring is
the help: the first line of the verb, `name: text` lines of the arguments.
"""

import argparse
from collections.abc import Callable
import importlib
import inspect
import signal
import sys
from typing import Any

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
SHORT = {
    'all': '-a', 'count_nodes': '-c', 'count_services': '-c', 'count_topics': '-c', 'debug': '-d',
    'delay': '-d', 'full_length': '-f', 'noninteractive': '-n', 'once': '-1', 'output': '-o',
    'print': '-p', 'rate': '-r', 'show_all_subprocesses_output': '-a', 'show_args': '-s',
    'show_types': '-t', 'storage': '-s', 'times': '-t', 'truncate_length': '-l',
    'verbose': '-v', 'wait_matching_subscriptions': '-w', 'window': '-w',
}  # fmt: skip


def main() -> int | str | None:
    """Run the verb named on the command line and return what the process ends with."""
    args = vars(parse(sys.argv[1:]))
    try:
        return args.pop('verb')(**args)
    except KeyboardInterrupt:
        return int(signal.SIGINT)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except (ValueError, RuntimeError, LookupError, OSError) as error:
        return str(error)


def parse(words: list[str]) -> argparse.Namespace:
    """Return the verb and its arguments; only the module of the command is loaded."""
    parser = argparse.ArgumentParser(
        prog='ros2', description='ros2 is an extensible command-line tool for ROS 2.'
    )
    commands = parser.add_subparsers(metavar='<command>', required=True)
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if name not in words[:1]:
            continue
        verbs = importlib.import_module(f'ros2cli.{name}').VERBS
        if callable(verbs):
            _declare(command, verbs)
            continue
        below = command.add_subparsers(metavar='<verb>', required=True)
        for word, verb in verbs.items():
            line = verb.__doc__.split('\n')[0]
            _declare(below.add_parser(word, help=line, description=line), verb)
    return parser.parse_args(words)


def _declare(parser: argparse.ArgumentParser, verb: Callable[..., Any]) -> None:
    parser.set_defaults(verb=verb)
    lines = (line.partition(':') for line in inspect.getdoc(verb).split('\n')[1:])
    texts = {name: text.strip() for name, _, text in lines}
    for name, parameter in inspect.signature(verb).parameters.items():
        default, options = parameter.default, {'help': texts.get(name)}
        if parameter.annotation is bool:
            options.update(action='store_true', default=default)
        elif parameter.annotation == list[str]:
            options.update(nargs='*', default=[])
        elif default is not parameter.empty:
            options.update(default=default, type=type(default) if default is not None else str)
        if parameter.kind is parameter.KEYWORD_ONLY:
            short = [SHORT[name]] if name in SHORT else []
            parser.add_argument(*short, '--' + name.replace('_', '-'), dest=name, **options)
        elif name == 'argv':
            parser.add_argument(name, nargs=argparse.REMAINDER)
        else:
            optional = {'nargs': '?'} if 'default' in options and 'nargs' not in options else {}
            parser.add_argument(name, **options, **optional)
