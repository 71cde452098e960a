# SPDX-License-Identifier: Apache-2.0
"""The computer that the page runs on: its addresses, and its reboot through logind."""

import asyncio
import json
import os
import shutil
import signal
from typing import Any

_PATIENCE = 10.0  # s
_REBOOT = (
    'busctl', '--system', 'call', 'org.freedesktop.login1', '/org/freedesktop/login1',
    'org.freedesktop.login1.Manager', 'Reboot', 'b', 'false',
)  # fmt: skip


class Failed(RuntimeError):
    """The system refuses; the text is a sentence."""


class GivenUp(Failed):
    """It was waited for long enough."""


async def told_by(*command: str, secret: str | None = None, patience: float = _PATIENCE) -> str:
    """Return what a command prints, given `secret` on its input; raises Failed.

    Where it is given up, all that it has started ends with it.
    """
    if shutil.which(command[0]) is None:
        raise Failed(f'{command[0]} is not installed here')
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        given = None if secret is None else secret.encode()
        out, err = await asyncio.wait_for(child.communicate(given), patience)
    except TimeoutError:
        raise GivenUp(f'{command[0]} does not answer') from None
    finally:
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    if child.returncode:
        said = ' '.join(err.decode(errors='replace').split())[:300]
        raise Failed(said or f'{command[0]} ended with status {child.returncode}')
    return out.decode(errors='replace')


class Computer:
    """What the operating system is asked for."""

    async def reboot(self) -> None:
        """Have logind reboot; raises Failed with what it says."""
        await told_by(*_REBOOT)

    async def links(self) -> list[dict[str, Any]]:
        """Return the interfaces with their addresses; raises Failed."""
        told = json.loads(await told_by('ip', '-json', 'address', 'show'))
        return [_link(one) for one in told if one.get('ifname') != 'lo']


def _link(one: dict[str, Any]) -> dict[str, Any]:
    addresses = [a['local'] for a in one.get('addr_info', []) if 'local' in a]
    return {
        'name': one.get('ifname', ''),
        'state': one.get('operstate', ''),
        'mac': one.get('address', ''),
        'addresses': addresses,
    }
