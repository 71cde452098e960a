# SPDX-License-Identifier: Apache-2.0
"""Files with a modem's parameters. They hold its keys, so only their owner may read them."""

from datetime import UTC, datetime
import os
from pathlib import Path

from plc_kit.regular import is_no_file
from plc_modem.pib import LONGEST, Parameters


def keep(parameters: Parameters, file: str = '') -> Path:
    """Write a new file; empty: one named after modem and time. Raises OSError: it is there."""
    path = _at(file) if file else _new_name(parameters.mac)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'wb') as kept:
        kept.write(parameters.octets)
        kept.flush()
        os.fsync(kept.fileno())  # it must be there before what it describes is overwritten
    return path.absolute()


def take(file: str) -> Parameters:
    """Read a file back; raises OSError, UncertainLayout."""
    path = _at(file)
    if is_no_file(path):
        raise OSError(f'{path} is no file')
    with path.open('rb') as kept:
        return Parameters(kept.read(LONGEST + 1))


def _at(file: str) -> Path:
    try:
        return Path(file).expanduser()
    except RuntimeError as error:
        raise OSError(f'{file}: {error}') from error


def _new_name(mac: str) -> Path:
    home = _at(os.environ.get('ROS_HOME') or '~/.ros')
    when = datetime.now(UTC).strftime('%Y%m%d-%H%M%S-%f')
    return home / 'ros2_ccs' / f'pib-{mac.replace(":", "")}-{when}.pib'
