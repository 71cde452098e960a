# SPDX-License-Identifier: Apache-2.0
"""`plc-log VERB …`: as `ros2 run plc_log VERB …`, with ROS only for the verbs that listen."""

from importlib import import_module
from importlib.util import find_spec
import sys

# Each verb with its module and what it does; those that listen to a running graph need ROS.
VERBS = {
    'timeline': ('timeline', 'what happened, when, between whom'),
    'summary': ('summary', 'stages and durations of a session'),
    'report': ('report', 'a session as one page of HTML'),
    'export': ('export', 'to pcapng, CSV, Parquet'),
    'import': ('import_', 'a capture into a bag'),
    'compare': ('compare', 'many sessions side by side'),
    'replay': ('replay', 'the inputs of a session, told to the machines of today'),
    'watch': ('watch', 'a running session, in the terminal'),
    'record': ('record_node', 'a running session, into bags'),
}
LIVE = ('watch', 'record')


def main() -> int:
    """Run the verb that is the first word; 2: there is none of that name."""
    words = sys.argv[1:]
    if not words or words[0] in ('-h', '--help'):
        sys.stdout.write(usage())
        return 0 if words else 2
    verb = words[0]
    if verb not in available():
        sys.stderr.write(f'plc-log: {_why_not(verb)}\n')
        return 2
    sys.argv = [f'plc-log {verb}', *words[1:]]
    return int(import_module(f'plc_log.{VERBS[verb][0]}').main() or 0)


def available() -> list[str]:
    """Return the verbs that can be used here."""
    there = [verb for verb, (module, _) in VERBS.items() if find_spec(f'plc_log.{module}')]
    return [verb for verb in there if verb not in LIVE or _has_ros()]


def _has_ros() -> bool:
    """Tell whether ROS and our messages are installed; a folder of sources is no package."""
    specs = [find_spec(name) for name in ('rclpy', 'plc_msgs')]
    return all(spec is not None and spec.origin is not None for spec in specs)


def usage() -> str:
    """Return what `--help` prints."""
    rows = [f'  {verb:10} {VERBS[verb][1]}\n' for verb in available()]
    return f'usage: plc-log VERB …, or plc-log VERB --help\n\n{"".join(rows)}'


def _why_not(verb: str) -> str:
    if verb in LIVE:
        return f'{verb} listens to a running graph, and there is no ROS 2 with our messages here'
    return f'{verb!r} is none of {", ".join(available())}'


if __name__ == '__main__':
    sys.exit(main())
