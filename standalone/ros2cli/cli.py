# SPDX-License-Identifier: Apache-2.0
"""Which command and verb was meant.

A command lives in the module of its name, a verb is a function there: what stands before the `*`
in its signature is positional, the rest are options, and its docstring is the help.
"""

import argparse
from collections.abc import Callable
import importlib
import inspect
import signal
import sys
from typing import Any

COMMANDS = {
    'action': ('Various action related sub-commands', 'info', 'list', 'send_goal'),
    'bag': ('Various rosbag related sub-commands', 'info', 'play', 'record'),
    'interface': ('Show information about ROS interfaces', 'show'),
    'launch': ('Run a launch file',),
    'lifecycle': ('Various lifecycle related sub-commands', 'get', 'list', 'nodes', 'set'),
    'node': ('Various node related sub-commands', 'info', 'list'),
    'param': ('Various param related sub-commands', 'get', 'list', 'set'),
    'run': ('Run a package specific executable',),
    'service': ('Various service related sub-commands', 'call', 'list'),
    'topic': ('Various topic related sub-commands', 'echo', 'hz', 'info', 'list', 'pub'),
}
SHORT = {
    'all': '-a', 'count': '-c', 'count_nodes': '-c', 'debug': '-d', 'delay': '-d',
    'feedback': '-f', 'full_length': '-f', 'noninteractive': '-n', 'once': '-1',
    'output': '-o', 'rate': '-r', 'show_args': '-s', 'show_types': '-t',
    'storage': '-s', 'verbose': '-v', 'window': '-w',
}  # fmt: skip


def main() -> int | str | None:
    """Run the verb named on the command line and return what the process ends with."""
    args = vars(parse(sys.argv[1:]))
    if sys.argv[1] != 'launch' or signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
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
    text = 'ros2 is an extensible command-line tool for ROS 2.'
    parser = argparse.ArgumentParser(prog='ros2', description=text)
    commands = parser.add_subparsers(metavar='<command>', required=True)
    for name, (text, *verbs) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        if name not in words[:1]:
            continue
        module = importlib.import_module(f'ros2cli.{name}')
        if not verbs:
            _declare(command, getattr(module, name))
            continue
        below = command.add_subparsers(metavar='<verb>', required=True)
        for word in verbs:
            verb = getattr(module, f'{word}_')
            _declare(below.add_parser(word, help=verb.__doc__, description=verb.__doc__), verb)
    return parser.parse_args(words)


def _declare(parser: argparse.ArgumentParser, verb: Callable[..., Any]) -> None:
    parser.set_defaults(verb=verb)
    for name, parameter in inspect.signature(verb).parameters.items():
        default, options = parameter.default, {}
        if parameter.annotation is bool:
            options.update(action='store_true', default=default)
        elif parameter.annotation == list[str]:
            options.update(nargs=argparse.REMAINDER if name == 'argv' else '*', default=[])
        elif default is not parameter.empty:
            options.update(default=default, type=type(default))
        if parameter.kind is parameter.KEYWORD_ONLY:
            short = [SHORT[name]] if name in SHORT else []
            parser.add_argument(*short, '--' + name.replace('_', '-'), dest=name, **options)
        else:
            parser.add_argument(name, **({'nargs': '?'} if 'type' in options else {}), **options)
