# SPDX-License-Identifier: Apache-2.0
"""The process that makes a simulated network and lives in it (plc_kit.network)."""

import array
from collections.abc import Callable
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

from plc_kit.network import (
    PATIENCE,
    QUIET_IPV6,
    READY,
    REFUSAL,
    REQUEST,
    TAP,
    NetworkUnavailable,
    address,
    make_tap,
    twice,
)
from plc_kit.peer import process_and_user

_BLINK = 0.002  # s between two looks for an address
_PR_SET_PDEATHSIG = 1
_TENTATIVE = 0x40  # IFA_F_TENTATIVE
_SIOCGIFHWADDR, _SIOCETHTOOL, _ETHTOOL_STXCSUM = 0x8927, 0x8946, 0x17
_FIRST_INDEX = 101  # of the computers' ends
_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def main(name: str, outlets: list[str]) -> None:
    """Make the network and hand out its sockets until stdin ends; a sentence on stdout if not."""
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
    sys.stdout.write(f'{READY} {" ".join(str(places[end]) for end in outlets[::2])}\n')
    sys.stdout.flush()
    while True:
        readable, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in readable:
            return  # the owner is gone
        _serve_one(listener, places)


def _listen(name: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(address(name))
    except OSError as error:
        raise NetworkUnavailable(twice(name)) from error
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
    end = time.monotonic() + PATIENCE
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
        client.settimeout(PATIENCE)
        try:
            _, uid = process_and_user(client)
            request = client.recv(REQUEST.size)
            if uid == os.getuid() and len(request) == REQUEST.size:
                interface, *wanted = REQUEST.unpack(request)
                name = interface.rstrip(b'\0').decode(errors='replace')
                _go_to(places.get(name, places['']))
                if wanted[0] == TAP and name in places:
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
        client.sendall(REFUSAL.pack(error.errno or 1))
        return
    except NetworkUnavailable:
        client.sendall(REFUSAL.pack(errno.EIO))
        return
    try:
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [made]))
        client.sendmsg([REFUSAL.pack(0)], [rights])
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
