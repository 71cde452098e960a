# SPDX-License-Identifier: Apache-2.0
"""WiFi through NetworkManager's nmcli: networks, joining one, and an access point for setting up.

Every word that comes from outside is an argument of its own and begins with no dash; a key goes
by standard input, where no list of processes shows it.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
import re
import secrets
import shutil
from typing import Any

from plc_kit.private import write_private
from plc_web.computer import Failed, told_by

SETUP = 'ros2_ccs-setup'  # name of the access point's connection
_KEY = '802-11-wireless-security.psk:'  # as a passwd-file of nmcli has it
_LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'  # none that look alike


@dataclass(frozen=True)
class Network:
    """A network in reach."""

    ssid: str
    signal: int  # 0..100
    security: str  # empty: open
    joined: bool

    @property
    def rank(self) -> tuple[bool, int]:
        return self.joined, self.signal


_NONE = Network('', -1, '', False)


class Wifi:
    """Talks to NetworkManager."""

    def __init__(self, folder: Path) -> None:
        self._secret = folder / 'setup_access_point'

    async def why_not(self) -> str:
        """Return why there is no WiFi to be set up, as a sentence; empty: there is."""
        if shutil.which('nmcli') is None:
            return 'NetworkManager is not installed here: WiFi is set up by other means'
        try:
            if (await told_by('nmcli', '-t', '-f', 'RUNNING', 'general')).strip() != 'running':
                return 'NetworkManager does not run here: WiFi is set up by other means'
            return '' if await self._device() else 'this computer has no WiFi'
        except Failed as error:
            return f'NetworkManager does not answer: {error}'

    async def _device(self) -> str:
        told = await told_by('nmcli', '-t', '-f', 'DEVICE,TYPE', 'device')
        return next((device for device, kind in _rows(told, 2) if kind == 'wifi'), '')

    async def known(self) -> list[str]:
        """Return the names of the WiFi connections that are kept, the access point aside."""
        return [name for name in await self._connections() if name != SETUP]

    async def _connections(self) -> list[str]:
        told = await told_by('nmcli', '-t', '-f', 'NAME,TYPE', 'connection', 'show')
        return [name for name, kind in _rows(told, 2) if kind == '802-11-wireless']

    async def networks(self) -> list[dict[str, Any]]:
        """Return the networks in reach, the strongest first."""
        told = await told_by('nmcli', '-t', '-f', 'IN-USE,SSID,SIGNAL,SECURITY', 'device', 'wifi')
        best: dict[str, Network] = {}
        for used, ssid, signal, security in _rows(told, 4):
            one = Network(ssid, int(signal) if signal.isdecimal() else 0, security, used == '*')
            if ssid and one.rank > best.get(ssid, _NONE).rank:
                best[ssid] = one
        ordered = sorted(best.values(), key=lambda one: one.rank, reverse=True)
        return [asdict(one) for one in ordered]

    async def join(self, ssid: str, key: str) -> None:
        """Join a network, and leave the access point; raises Failed."""
        command = ('nmcli', '--ask', 'device', 'wifi', 'connect', ssid)
        await told_by(*command, secret=f'{key}\n' if key else '')

    async def reset(self) -> None:
        """Forget every WiFi network that is known, and open the access point."""
        for name in await self.known():
            await told_by('nmcli', 'connection', 'delete', 'id', name)
        await self.open_access_point()

    async def open_if_nothing_is_known(self) -> bool:
        """Open the access point where no network is known; tell whether it was."""
        if await self.why_not() or await self.known():
            return False
        await self.open_access_point()
        return True

    async def open_access_point(self) -> None:
        """Open it with the key that is in the state folder; raises Failed."""
        if SETUP not in await self._connections():
            name = f'CCS-{_suffix(Path("/etc/machine-id"))}'
            new = ('nmcli', 'connection', 'add', 'type', 'wifi', 'con-name', SETUP, 'ssid', name)
            own = ('ifname', await self._device(), 'mode', 'ap', 'autoconnect', 'no')
            await told_by(*new, *own, 'wifi-sec.key-mgmt', 'wpa-psk', 'ipv4.method', 'shared')
        self.key()
        await told_by('nmcli', 'connection', 'up', SETUP, 'passwd-file', str(self._secret))

    def key(self) -> str:
        """Return the access point's key, made once; the install command prints it."""
        if not self._secret.exists():
            made = ''.join(secrets.choice(_LETTERS) for _ in range(12))
            write_private(self._secret, f'{_KEY}{made}\n')
        return self._secret.read_text().removeprefix(_KEY).strip()


def _rows(told: str, width: int) -> list[list[str]]:
    """Return the rows of `nmcli -t`; one that a name with a line break has torn is left out."""
    rows = [_fields(line) for line in told.split('\n')]
    return [row for row in rows if len(row) == width]


def _fields(line: str) -> list[str]:
    r"""Return the fields of a row: in values a colon is written `\:`, and a backslash `\\`."""
    fields = ['']
    for escaped, plain in re.findall(r'\\(.)|(.)', line):
        if plain == ':':
            fields.append('')
        else:
            fields[-1] += escaped or plain
    return fields


def _suffix(path: Path) -> str:
    try:
        return path.read_text()[:4].upper()
    except OSError:
        return 'SETUP'
