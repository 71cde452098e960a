# SPDX-License-Identifier: Apache-2.0
"""A network interface, wherever it is: NAME of this machine, NAME@NETWORK of a simulated one."""

from dataclasses import dataclass
import fcntl
import ipaddress
from pathlib import Path
import re
import socket
import struct

from plc_kit import needed, netlink
from plc_kit.network import QUIET_IPV6, open_socket

_SIOCGIFFLAGS, _SIOCGIFHWADDR, _SIOCGIFINDEX = 0x8913, 0x8927, 0x8933
_IFF_UP, _IFF_LOOPBACK, _IFF_RUNNING = 0x1, 0x8, 0x40
_NAME = re.compile(r'[^\s/@:]{1,15}(@[\w-]{1,40})?')
Socket = socket.socket
_SYSCTL = Path('/proc/sys/net/ipv6/conf')


class NoSuchInterface(ValueError):
    """There is no interface of that name; the text is a sentence for the user."""


@dataclass(frozen=True)
class Interface:
    """One Ethernet interface; whatever is asked of it goes through a socket of its network.

    Each question raises NoSuchInterface once it is gone, NetworkUnavailable where its simulated
    network is.
    """

    name: str
    network: str = ''  # empty: this process's own

    @classmethod
    def parse(cls, text: str) -> 'Interface':
        """Read NAME or NAME@NETWORK; raises NoSuchInterface for text that cannot be one."""
        if not (_NAME.fullmatch(text) and text.isascii()):
            raise NoSuchInterface(f'{text!r} is no interface: NAME or NAME@NETWORK is expected')
        name, _, network = text.partition('@')
        return cls(name, network)

    def __str__(self) -> str:
        return f'{self.name}@{self.network}' if self.network else self.name

    def socket(self, family: int, kind: int, proto: int = 0) -> Socket:
        """Return a new socket of this interface's network, not bound to anything."""
        if self.network:
            return open_socket(self.network, self.name, family, kind, proto)
        return Socket(family, kind, proto)

    @property
    def index(self) -> int:
        """Its number in its network: the scope of a link-local address."""
        (index,) = struct.unpack_from('=i', self._ask(_SIOCGIFINDEX))
        return int(index)

    @property
    def mac(self) -> bytes:
        """Its MAC address, 6 octets."""
        return self._ask(_SIOCGIFHWADDR)[2:8]

    def up(self) -> bool:
        """Tell whether it is switched on."""
        return bool(self._flags() & _IFF_UP)

    def carrier(self) -> bool:
        """Tell whether it is up and something is at the other end."""
        return bool(self._flags() & _IFF_RUNNING)

    def _flags(self) -> int:
        (flags,) = struct.unpack_from('=H', self._ask(_SIOCGIFFLAGS))
        return int(flags)

    def link_local(self) -> str | None:
        """Return its link-local IPv6 address, without scope."""
        for octets in self._addresses(socket.AF_INET6):
            address = ipaddress.IPv6Address(octets)
            if address.is_link_local:
                return str(address)
        return None

    def has_ipv4(self) -> bool:
        """Tell whether it has an IPv4 address, as an interface for charging must not (R25)."""
        return any(self._addresses(socket.AF_INET))

    def has(self, address: str) -> bool:
        """Tell whether an IPv4 or IPv6 address is one of its own."""
        wanted = ipaddress.ip_address(address)
        family = socket.AF_INET6 if wanted.version == 6 else socket.AF_INET
        return wanted.packed in self._addresses(family)

    def neighbour_mac(self, ipv6: str) -> bytes | None:
        """Return the MAC address the kernel has found for a neighbour's address (R24)."""
        wanted = ipaddress.IPv6Address(ipv6.partition('%')[0]).packed
        with self._netlink() as route:
            return netlink.neighbours(route, socket.AF_INET6, self.index).get(wanted)

    def needed_for(self) -> str:
        """Say, as a part of a sentence, what this computer needs it for; empty: nothing (R25)."""
        if self.network:
            return ''
        if self._flags() & _IFF_LOOPBACK:
            return 'this computer talks to itself through it'
        return needed.needed_for(self.name, self.has)

    def advised(self, command: str) -> str:
        """Return what a user may type to have it for a charge, or why that would cut him off."""
        needed = self.needed_for()
        return f'{needed}: give the modem an interface of its own' if needed else command

    def quieten(self) -> list[str]:
        """Set what R25 demands where permitted; return the settings that still differ.

        What this computer needs is left as it is.
        """
        if self.needed_for():
            return self.loud()
        return [one for one in self.loud() if not _set(*one.split('='))]

    def loud(self) -> list[str]:
        """Return the settings that differ from what R25 demands, as sysctl takes them."""
        if self.network:
            return []  # made quiet
        settings = {f'net.ipv6.conf.{self.name}.{key}': value for key, value in QUIET_IPV6.items()}
        return [f'{key}={value}' for key, value in settings.items() if not _is(key, value)]

    def _ask(self, request: int) -> bytes:
        with self.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            try:
                answer = fcntl.ioctl(
                    any_socket, request, struct.pack('16s24x', self.name.encode())
                )
            except OSError as error:
                raise NoSuchInterface(f'there is no interface {self}') from error
        return bytes(answer[16:])

    def _addresses(self, family: int) -> list[bytes]:
        with self._netlink() as route:
            return netlink.addresses(route, family, self.index)

    def _netlink(self) -> Socket:
        return self.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)


def ethernet_interfaces() -> list[str]:
    """Return the names of this machine's wired interfaces, in order.

    Wired: an Ethernet device that is neither wireless, a bridge, nor made by software alone.
    """
    folders = sorted(Path('/sys/class/net').iterdir())
    return [folder.name for folder in folders if _is_wired(folder)]


def _is_wired(folder: Path) -> bool:
    ethernet = (folder / 'type').read_text().strip() == '1'
    return ethernet and (folder / 'device').exists() and not (folder / 'wireless').exists()


def _is(key: str, value: str) -> bool:
    try:
        return _file(key).read_text().strip() == value
    except OSError:
        return False


def _set(key: str, value: str) -> bool:
    try:
        _file(key).write_text(value)
    except OSError:
        return False
    return True


def _file(key: str) -> Path:
    *_, name, setting = key.split('.')
    return _SYSCTL / name / setting
