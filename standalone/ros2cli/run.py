# SPDX-License-Identifier: Apache-2.0
"""`ros2 run`."""

import os
import signal
import subprocess

from ament_index_python.packages import get_package_prefix


def run(package_name: str, executable_name: str, argv: list[str]) -> int | str:
    """Run a package specific executable."""
    try:
        prefix = get_package_prefix(package_name)
    except (LookupError, ValueError):
        return f"Package '{package_name}' not found"
    path = os.path.join(prefix, 'lib', package_name, executable_name)
    if not os.access(path, os.X_OK):
        return 'No executable found'
    process = subprocess.Popen([path, *argv])
    while process.returncode is None:
        try:
            process.wait()
        except KeyboardInterrupt:
            continue  # the terminal told the process too
    if -process.returncode in signal.valid_signals():
        print(f'[ros2run]: {signal.strsignal(-process.returncode)}')
    return process.returncode
