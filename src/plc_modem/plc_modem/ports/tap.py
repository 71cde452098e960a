# SPDX-License-Identifier: Apache-2.0
"""A TAP interface: through it the kernel does IPv6 and TCP over a modem that has no interface."""

import errno
import fcntl
import hashlib
import os
from pathlib import Path
import re
import socket
import struct

from plc_kit.interface import Interface
from plc_kit.network import make_tap, open_tap
from plc_modem.ports.ethernet import NoAccess

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _SIOCSIFHWADDR = 0x8913, 0x8914, 0x8924
_IFF_UP, _ARPHRD_ETHER = 0x1, 1
_LONGEST = 2048  # octets, more than any Ethernet frame
_MAC = re.compile(r'([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}')
_MACHINE_ID = Path('/etc/machine-id')


class Tap:
    """Frames from and to the kernel; fileno() is readable when there is one."""

    def __init__(self, interface: Interface, mac: str = '') -> None:
        """Make the interface, quiet (R25) and up, or take an idle TAP interface of that name.

        `mac`: its address with colons. Empty: one that was there keeps its own, another gets one
        made from the machine's id, so that a charger knows the vehicle again. Raises NoAccess,
        ValueError for what is no MAC address.
        """
        if mac and not _MAC.fullmatch(mac):
            raise ValueError(f'tap_mac {mac!r} is no MAC address such as 02:00:00:00:00:01')
        self.interface = interface
        try:
            self._device = _open(interface, mac)
        except OSError as error:
            raise NoAccess(_why(interface, error)) from error
        os.set_blocking(self._device, False)

    def fileno(self) -> int:
        return self._device

    def read(self) -> bytes | None:
        """Return the next frame that the kernel sends; None: there is none."""
        try:
            return os.read(self._device, _LONGEST)
        except BlockingIOError:
            return None

    def write(self, frame: bytes) -> bool:
        """Hand a frame to the kernel; False: the interface is down, the frame is lost."""
        try:
            os.write(self._device, frame)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Let it go; an interface that was made here vanishes."""
        os.close(self._device)


def mac_of(machine: str, name: str) -> str:
    """Return a locally administered MAC address, the same for the same machine and name."""
    return (b'\x02' + hashlib.sha256(f'{machine} {name}'.encode()).digest()[:5]).hex(':')


def _open(interface: Interface, mac: str) -> int:
    if interface.network:
        return open_tap(interface.network, interface.name)
    was_there = interface.name in (name for _, name in socket.if_nameindex())
    device = make_tap(interface.name)
    try:
        interface.quieten()
        if not mac and not was_there and _MACHINE_ID.exists():
            mac = mac_of(_MACHINE_ID.read_text().strip(), interface.name)
        _set_up(interface, bytes.fromhex(mac.replace(':', '')))
    except (OSError, ValueError):
        os.close(device)
        raise
    return device


def _set_up(interface: Interface, mac: bytes) -> None:
    name = interface.name.encode()
    with interface.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        if mac and mac != interface.mac:
            address = struct.pack('16sH6s16x', name, _ARPHRD_ETHER, mac)
            fcntl.ioctl(any_socket, _SIOCSIFHWADDR, address)
        answer = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, struct.pack('16s24x', name))
        (flags,) = struct.unpack_from('=H', answer, 16)
        if not flags & _IFF_UP:
            up = struct.pack('=16sH22x', name, flags | _IFF_UP)
            fcntl.ioctl(any_socket, _SIOCSIFFLAGS, up)


def _why(interface: Interface, error: OSError) -> str:
    match error.errno:
        case errno.ENOENT:
            return 'there is no /dev/net/tun for the TAP interface; type: sudo modprobe tun'
        case errno.EACCES:
            return (
                f'/dev/net/tun is not open to this user, so {interface} cannot be made, the TAP '
                'interface that IPv6 needs; type: sudo chmod 0666 /dev/net/tun'
            )
        case errno.EPERM:
            name = interface.name
            return (
                f'making the TAP interface {name} needs the capability CAP_NET_ADMIN; or make it '
                f'once for this user: sudo ip tuntap add dev {name} mode tap user "$(id -u)" && '
                f'sudo sysctl net.ipv6.conf.{name}.accept_dad=0 && sudo ip link set dev {name} up'
            )
    return f'there can be no TAP interface {interface}: {error.strerror}'
