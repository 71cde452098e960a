# SPDX-License-Identifier: Apache-2.0
"""Run a package specific executable."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess

from ament_index_python.packages import PackageNotFoundError, get_package_prefix


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    parser.add_argument(
        '--prefix', help='Prefix command, which should go before the executable. Command must be '
        'wrapped in quotes if it contains spaces (e.g. --prefix "gdb -ex run --args").',
    )  # fmt: skip
    parser.add_argument('package_name', help='Name of the ROS package')
    parser.add_argument('executable_name', help='Name of the executable')
    parser.add_argument('argv', nargs=argparse.REMAINDER, help='Pass arbitrary arguments')


def main(args: argparse.Namespace) -> int | str:
    """Run it and return its exit status."""
    try:
        prefix = get_package_prefix(args.package_name)
    except (PackageNotFoundError, ValueError):
        return f"Package '{args.package_name}' not found"
    path = os.path.join(prefix, 'lib', args.package_name, args.executable_name)
    if not (os.path.isfile(path) and os.access(path, os.X_OK)):
        return 'No executable found'
    process = subprocess.Popen([*shlex.split(args.prefix or ''), path, *args.argv])
    while process.returncode is None:
        try:
            process.wait()
        except KeyboardInterrupt:
            continue  # the terminal told the process too
    if -process.returncode in signal.valid_signals() and process.returncode < 0:
        print(f'[ros2run]: {signal.strsignal(-process.returncode)}')
    return process.returncode
