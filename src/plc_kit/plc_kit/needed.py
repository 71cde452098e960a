# SPDX-License-Identifier: Apache-2.0
"""What this computer needs an interface for: no advice of ours, and no setting, may cut that.

Who is logged in by ssh would be thrown out, and cannot come back.
"""

from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path

_PROC, _SYS = Path('/proc/net'), Path('/sys/class/net')
_ESTABLISHED = '01'
_REJECT = 0x0200  # RTF_REJECT: a route to nowhere


def needed_for(name: str, has: Callable[[str], bool]) -> str:
    """Return it as a part of a sentence; empty: nothing is known. `has`: its own addresses."""
    if _has_default_route(name):
        return 'the default route of this computer goes through it'
    if upon := sorted(one.name[6:] for one in (_SYS / name).glob('upper_*')):
        return f'{upon[0]} is built upon it'
    for local, remote in _connections():
        if has(local):
            return f'a connection of this computer to {remote} goes through it'
    return ''


def _has_default_route(name: str) -> bool:
    """By IPv4: interface, destination, …, mask, …; by IPv6: destination, length, …, interface."""
    ipv4 = (row for row in _rows('route') if row[0] == name)
    ipv6 = (row for row in _rows('ipv6_route') if row[-1] == name and not _rejects(row[8]))
    return any(row[1] == row[7] == '0' * 8 for row in ipv4) or any(
        row[:2] == ['0' * 32, '00'] for row in ipv6
    )


def _rejects(flags: str) -> bool:
    return bool(int(flags, 16) & _REJECT)


def _connections() -> list[tuple[str, str]]:
    """Return both ends of each TCP connection by IPv4: nobody charges by that."""
    rows = [row for row in _rows('tcp') if row[3] == _ESTABLISHED]
    return [(_address(row[1]), _address(row[2])) for row in rows]


def _address(text: str) -> str:
    octets = bytes.fromhex(text.partition(':')[0])
    return str(IPv4Address(octets[::-1]))  # the kernel writes it as a little-endian number


def _rows(table: str) -> list[list[str]]:
    try:
        return [line.split() for line in (_PROC / table).read_text().splitlines()]
    except OSError:
        return []  # no IPv6 here
