# SPDX-License-Identifier: Apache-2.0
"""A simulated network: pairs of Ethernet interfaces in network namespaces of their own.

It needs no root. A child process makes the namespaces (with a user namespace around them for an
ordinary user): one for each computer, as if each were a host, and one for the line between. Who
is the same user gets sockets of them over an abstract Unix socket. So only what belongs on the
power line lives in there, and ROS stays where every shell sees it. The namespaces end with the
last process that holds a part of them, on every way out.

Nothing but the standard library is imported here: this file is the child's program too.
"""

import array
from collections.abc import Callable, Iterable
import ctypes
import errno
import fcntl
import os
from pathlib import Path
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

_REQUEST = struct.Struct('=16siii')  # interface, family, kind, proto
_REFUSAL = struct.Struct('=i')  # errno, 0: a socket comes with it
_CREDENTIALS = struct.Struct('=iII')  # pid, uid, gid
_PATIENCE = 2.0  # s for one exchange
_BLINK = 0.002  # s between two looks for an address
_LOOK = 0.05  # s between two looks for a network
_PR_SET_PDEATHSIG = 1
_TENTATIVE = 0x40  # IFA_F_TENTATIVE
_SIOCGIFHWADDR, _SIOCETHTOOL, _ETHTOOL_STXCSUM = 0x8927, 0x8946, 0x17
_FIRST_INDEX = 101  # of the computers' ends
_TAP = -1  # in place of a socket's family: make the interface a TAP, and hand out its device
_TUNSETIFF, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000

# What an interface that carries a charging session is set to (R25), below /proc/sys/net/ipv6/conf.
QUIET_IPV6 = {
    'accept_dad': '0',  # an address is usable at once: SDP is due 0.3 s after CM_SLAC_MATCH.CNF
    'dad_transmits': '0',
    'router_solicitations': '0',
    'accept_ra': '0',
    'addr_gen_mode': '0',  # EUI-64
}


class NetworkUnavailable(ValueError):
    """A simulated network cannot be made or reached; the text is a sentence for the user."""


class Network:
    """The owner's end: the network is there from here to close(), or to this process's end."""

    def __init__(self, name: str, outlets: Iterable[tuple[str, str]]) -> None:
        """Make a network with one pair of interfaces, OUTLET and OUTLET-modem, for each outlet.

        `outlets`: name (at most 9 letters) and MAC address (with colons) of each computer's end.
        Raises NetworkUnavailable.
        """
        self.name = name
        command = [sys.executable, '-E', '-S', __file__, name]
        command += [word for outlet in outlets for word in outlet]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._child.stdout is not None
        answer = self._child.stdout.readline().decode().strip()
        if answer != 'ready':
            self.close()
            raise NetworkUnavailable(answer or f'the simulated network {name} did not start')

    @property
    def pid(self) -> int:
        """The process that lives in the network's namespace, e.g. for nsenter."""
        return self._child.pid

    def close(self) -> None:
        """Let the network go; sockets that were handed out keep their namespace alive."""
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait()
        self._child.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.close()


def open_socket(
    network: str, interface: str, family: int, kind: int, proto: int = 0
) -> socket.socket:
    """Get a socket from where an interface of a simulated network is.

    It is not bound to the interface. Raises NetworkUnavailable or OSError.
    """
    return socket.socket(family, kind, proto, fileno=_ask(network, interface, family, kind, proto))


def open_tap(network: str, interface: str) -> int:
    """Put a TAP interface in the place of a simulated computer's end, and return its device.

    The TAP has the end's name, MAC address and settings; the end itself is named INTERFACE-wire
    from then on, and the kernel's IPv6 leaves it alone. A later TAP takes the same place. Raises
    NetworkUnavailable or OSError, PermissionError where /dev/net/tun is not open to this user.
    """
    return _ask(network, interface, _TAP, 0, 0)


def _ask(network: str, interface: str, family: int, kind: int, proto: int) -> int:
    """Return the descriptor that the network's process hands out."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as broker:
        broker.settimeout(_PATIENCE)
        try:
            broker.connect(_address(network))
            broker.sendall(_REQUEST.pack(interface.encode(), family, kind, proto))
            answer, descriptors, _, _ = socket.recv_fds(broker, _REFUSAL.size, 1)
        except OSError as error:
            raise NetworkUnavailable(
                f'no simulated network {network!r} runs under this user; '
                'start one: ros2 launch plc_bringup sim.launch.py'
            ) from error
    if len(answer) < _REFUSAL.size:
        raise NetworkUnavailable(f'the simulated network {network!r} belongs to another user')
    if refusal := _REFUSAL.unpack(answer)[0]:
        raise OSError(refusal, os.strerror(refusal))
    return int(descriptors[0])


def make_tap(name: str) -> int:
    """Make a TAP interface here, or take an idle one of that name, and return its device."""
    device = os.open('/dev/net/tun', os.O_RDWR | os.O_CLOEXEC)
    try:
        wish = struct.pack('16sH22x', name.encode(), _IFF_TAP | _IFF_NO_PI)
        fcntl.ioctl(device, _TUNSETIFF, wish)
    except OSError:
        os.close(device)
        raise
    return device


def await_network(network: str, patience: float) -> None:
    """Wait until a simulated network is there; raises NetworkUnavailable after `patience` s."""
    end = time.monotonic() + patience
    while True:
        try:
            open_socket(network, '', socket.AF_INET, socket.SOCK_DGRAM).close()
        except NetworkUnavailable:
            if time.monotonic() >= end:
                raise
            time.sleep(_LOOK)
        else:
            return


def _address(network: str) -> str:
    return f'\0ros2_ccs.{network}'


# From here on: the child's program.


def _serve_forever(name: str, outlets: list[str]) -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the owner decides, a Ctrl-C reaches it too
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        listener = _listen(name)  # before the namespace: abstract names belong to one
        _enter_namespaces()
        places = _make_pairs(list(zip(outlets[::2], outlets[1::2], strict=True)))
    except NetworkUnavailable as error:
        sys.stdout.write(f'{error}\n')
        sys.exit(1)
    sys.stdout.write('ready\n')
    sys.stdout.flush()
    while True:
        readable, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in readable:
            return  # the owner is gone
        _serve_one(listener, places)


def _listen(name: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(_address(name))
    except OSError as error:
        raise NetworkUnavailable(
            f'a simulated network {name!r} runs already; stop it, or give this one another name '
            'with network:=NAME'
        ) from error
    listener.listen()
    return listener


def _enter_namespaces() -> None:
    uid, gid = os.getuid(), os.getgid()
    _unshare(_CLONE_NEWNET if uid == 0 else _CLONE_NEWNET | _CLONE_NEWUSER)
    if uid != 0:  # root in there, so that `ip` keeps its capabilities
        for file, line in (
            ('setgroups', 'deny'),
            ('uid_map', f'0 {uid} 1'),
            ('gid_map', f'0 {gid} 1'),
        ):
            _write(f'/proc/self/{file}', line)


def _unshare(kinds: int) -> None:
    if _LIBC.unshare(kinds):
        raise NetworkUnavailable(_no_namespace(os.strerror(ctypes.get_errno())))


def _go_to(place: int) -> None:
    if _LIBC.setns(place, _CLONE_NEWNET):
        raise NetworkUnavailable(_no_namespace(os.strerror(ctypes.get_errno())))


def _here() -> int:
    return os.open('/proc/self/ns/net', os.O_RDONLY | os.O_CLOEXEC)


def _make_pairs(outlets: list[tuple[str, str]]) -> dict[str, int]:
    """Return the namespaces: of the line under an empty name, and of each computer's end."""
    places = {'': _here()}
    for name, _ in outlets:
        _unshare(_CLONE_NEWNET)
        places[name] = _here()
    _go_to(places[''])
    fds = f'/proc/{os.getpid()}/fd'
    # Ends of the same number would look like one device to the kernel, which then takes a second
    # to notice that the link is up.
    batch = [
        f'link add name {name} index {_FIRST_INDEX + number} address {mac} mtu 1500 '
        f'netns {fds}/{places[name]} '
        f'type veth peer name {name}-modem mtu 1500 netns {fds}/{places[""]}'
        for number, (name, mac) in enumerate(outlets)
    ]
    _ip(batch)
    for name, _ in outlets:
        _write(f'/proc/sys/net/ipv6/conf/{name}-modem/disable_ipv6', '1')
    _ip([f'link set dev {name}-modem up' for name, _ in outlets])
    for name, _ in outlets:
        _go_to(places[name])
        _prepare(name)
    _go_to(places[''])
    return places


def _rename(name: str, other: str) -> None:
    try:
        _ip([f'link set dev {name} name {other}'])
    except NetworkUnavailable:  # Linux before 6.2: the link is away for up to a second
        _ip([f'link set dev {name} down', f'link set dev {name} name {other}'])
        _ip([f'link set dev {other} up'])


def _prepare(name: str) -> None:
    for setting, value in QUIET_IPV6.items():
        _write(f'/proc/sys/net/ipv6/conf/{name}/{setting}', value)
    _compute_checksums(name)
    _ip([f'link set dev {name} up'])
    end = time.monotonic() + _PATIENCE
    while not _has_address(name):
        if time.monotonic() >= end:
            raise NetworkUnavailable('the simulated network has no IPv6; is it disabled here?')
        time.sleep(_BLINK)


def _has_address(name: str) -> bool:
    """Tell whether it has an IPv6 address that can be used: the kernel takes a moment."""
    rows = Path('/proc/thread-self/net/if_inet6').read_text().splitlines()
    flags = {row.split()[5]: int(row.split()[4], 16) for row in rows}
    return not flags.get(name, _TENTATIVE) & _TENTATIVE


def _compute_checksums(name: str) -> None:
    """Have the kernel finish TCP and UDP checksums: no hardware follows that would."""
    command = ctypes.create_string_buffer(struct.pack('=II', _ETHTOOL_STXCSUM, 0))
    request = struct.pack('16sP16x', name.encode(), ctypes.addressof(command))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCETHTOOL, request)


def _ip(batch: list[str]) -> None:
    try:
        done = subprocess.run(
            ['ip', '-batch', '-'], input='\n'.join(batch), text=True, capture_output=True
        )
    except FileNotFoundError as error:
        raise NetworkUnavailable(
            'the command `ip` is missing; on Debian and Ubuntu: apt install iproute2'
        ) from error
    if done.returncode:
        raise NetworkUnavailable(_no_namespace(done.stderr.strip().splitlines()[0]))


def _no_namespace(why: str) -> str:
    return (
        f'no simulated network can be made here ({why}); run as root, or allow user namespaces: '
        'sysctl kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu) or '
        'kernel.unprivileged_userns_clone=1 (Debian)'
    )


def _write(path: str, text: str) -> None:
    try:
        with open(path, 'w') as file:
            file.write(text)
    except OSError as error:
        raise NetworkUnavailable(_no_namespace(f'{path}: {error.strerror}')) from error


def _serve_one(listener: socket.socket, places: dict[str, int]) -> None:
    client, _ = listener.accept()
    with client:
        client.settimeout(_PATIENCE)
        try:
            _, uid, _ = _CREDENTIALS.unpack(
                client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            )
            request = client.recv(_REQUEST.size)
            if uid == os.getuid() and len(request) == _REQUEST.size:
                interface, *wanted = _REQUEST.unpack(request)
                name = interface.rstrip(b'\0').decode(errors='replace')
                _go_to(places.get(name, places['']))
                if wanted[0] == _TAP and name in places:
                    _hand_out(client, lambda: _place_tap(name, places))
                else:
                    _hand_out(client, lambda: socket.socket(*wanted).detach())
        except OSError:
            return  # that client is gone; the next one is not
        finally:
            _go_to(places[''])  # where nsenter finds the line


def _hand_out(client: socket.socket, make: Callable[[], int]) -> None:
    try:
        made = make()
    except OSError as error:
        client.sendall(_REFUSAL.pack(error.errno or 1))
        return
    except NetworkUnavailable:
        client.sendall(_REFUSAL.pack(errno.EIO))
        return
    try:
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [made]))
        client.sendmsg([_REFUSAL.pack(0)], [rights])
    finally:
        os.close(made)


def _place_tap(name: str, places: dict[str, int]) -> int:
    """Make a TAP interface that takes the place of a computer's end of a wire."""
    wire = f'{name}-wire'
    if wire not in places:
        os.close(os.open('/dev/net/tun', os.O_RDWR))  # before anything is moved
        _rename(name, wire)
        _write(f'/proc/sys/net/ipv6/conf/{wire}/disable_ipv6', '1')
        places[wire] = places[name]
    tap = make_tap(name)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack('16s24x', wire.encode())
        mac = fcntl.ioctl(any_socket, _SIOCGIFHWADDR, request)[18:24].hex(':')
    _ip([f'link set dev {name} address {mac}'])
    _prepare(name)
    return tap


if __name__ == '__main__':
    _serve_forever(sys.argv[1], sys.argv[2:])
