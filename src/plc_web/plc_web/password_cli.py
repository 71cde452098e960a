# SPDX-License-Identifier: Apache-2.0
"""`ros2 run plc_web password`: sets the password of the page."""

import argparse
from getpass import getpass
from pathlib import Path
import sys

from plc_web.access import Password, TooWeak
from plc_web.settings import WebSettings


def main() -> None:
    """Ask twice, or read one line where no terminal is there."""
    parser = argparse.ArgumentParser(
        prog='password', description='Set the password of the management page.'
    )
    default = WebSettings().state_folder
    parser.add_argument('--state', type=Path, default=default, help='state folder (%(default)s)')
    options = parser.parse_args()
    try:
        Password(options.state / 'password').set(_asked())
    except (TooWeak, OSError) as error:
        sys.exit(f'password: {error}')
    except (KeyboardInterrupt, EOFError):
        sys.exit(130)
    sys.stdout.write('The password is set. A page that runs takes it at once and ends all'
                     ' sessions; start it anew to be reached from other computers.\n')  # fmt: skip


def _asked() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip('\n')
    first = getpass('New password: ')
    if getpass('Again: ') != first:
        raise TooWeak('the two differ')
    return first
