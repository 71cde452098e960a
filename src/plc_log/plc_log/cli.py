# SPDX-License-Identifier: Apache-2.0
"""`plc-log VERB …`: every verb by one command; a verb is imported only when it is asked for.

The verbs that look at what was recorded need no ROS 2; `watch` does.
"""

import importlib
import sys

VERBS = {
    'timeline': ('plc_log.timeline', 'what happened, when, between whom, stage by stage'),
    'report': ('plc_log.report.command', 'one HTML page of a session: plots, messages, findings'),
    'export': ('plc_log.export', 'to pcapng for Wireshark, to CSV, to Parquet'),
    'import': ('plc_log.import_', 'a capture into a bag'),
    'compare': ('plc_log.compare', 'sessions side by side; a folder of bags by charger'),
    'replay': ('plc_log.replay', "a session's inputs, told to the machines of today"),
    'summary': ('plc_log.summary', 'the stages of a recorded session'),
    'watch': ('plc_log.watch', 'a session as it goes (ROS 2)'),
}


def main(arguments: list[str] | None = None) -> int:
    """Run a verb and return its status; 2 where there is no such verb."""
    verb, *rest = (sys.argv[1:] if arguments is None else arguments) or ['--help']
    if verb in ('-h', '--help'):
        print(usage())
        return 0
    if verb not in VERBS:
        sys.stderr.write(f'plc-log: there is no verb {verb}\n{usage()}\n')
        return 2
    return run(verb, rest)


def run(verb: str, arguments: list[str]) -> int:
    """Run one verb; what it lacks is told in a sentence."""
    try:
        module = importlib.import_module(VERBS[verb][0])
    except ModuleNotFoundError as error:
        sys.stderr.write(f'plc-log: {verb} needs the Python package {error.name}\n')
        return 2
    return int(module.main(arguments))


def usage() -> str:
    """Return the verbs, a line each."""
    lines = [f'  {verb:10}{about}' for verb, (_, about) in VERBS.items()]
    return 'usage: plc-log VERB …, plc-log VERB --help\n\n' + '\n'.join(lines)


if __name__ == '__main__':
    sys.exit(main())
