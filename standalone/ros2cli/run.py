# SPDX-License-Identifier: Apache-2.0
"""`ros2 run`."""

from argparse import REMAINDER, Namespace
import os
import shlex
import signal
import subprocess

from ament_index_python.packages import get_package_prefix

from ros2cli.table import argument, verb


def main(args: Namespace) -> int | str:
    """Run a package specific executable."""
    try:
        prefix = get_package_prefix(args.package_name)
    except (LookupError, ValueError):
        return f"Package '{args.package_name}' not found"
    path = os.path.join(prefix, 'lib', args.package_name, args.executable_name)
    if not os.access(path, os.X_OK):
        return 'No executable found'
    process = subprocess.Popen([*shlex.split(args.prefix), path, *args.argv])
    while process.returncode is None:
        try:
            process.wait()
        except KeyboardInterrupt:
            continue  # the terminal told the process too
    if -process.returncode in signal.valid_signals():
        print(f'[ros2run]: {signal.strsignal(-process.returncode)}')
    return process.returncode


VERBS = verb(
    main,
    argument('--prefix', 'Prefix command, which should go before the executable', default=''),
    argument('package_name', 'Name of the ROS package'),
    argument('executable_name', 'Name of the executable'),
    argument('argv', 'Pass arbitrary arguments to the executable', nargs=REMAINDER),
)
