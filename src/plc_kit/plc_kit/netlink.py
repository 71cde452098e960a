# SPDX-License-Identifier: Apache-2.0
"""What is asked of the kernel's routing socket: addresses and neighbours (rtnetlink(7))."""

from collections.abc import Iterator
import socket
import struct

_HEADER = struct.Struct('=IHHII')  # length, type, flags, sequence, port
_ADDRESS = struct.Struct('=BBBBi')  # family, prefix length, flags, scope, interface
_NEIGHBOUR = struct.Struct('=BxxxiHBB')  # family, interface, state, flags, type
_ATTRIBUTE = struct.Struct('=HH')  # length, type

_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_RTM_GETADDR, _RTM_GETNEIGH = 22, 30
_REQUEST_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
_IFA_ADDRESS = 1
_NDA_DST, _NDA_LLADDR = 1, 2


def addresses(route: socket.socket, family: int, interface: int) -> list[bytes]:
    """Return an interface's addresses of a family, in network order."""
    found = []
    for body in _dump(route, _RTM_GETADDR, family):
        *_, index = _ADDRESS.unpack_from(body)
        attributes = dict(_attributes(body[_ADDRESS.size :]))
        if index == interface and _IFA_ADDRESS in attributes:
            found.append(attributes[_IFA_ADDRESS])
    return found


def neighbours(route: socket.socket, family: int, interface: int) -> dict[bytes, bytes]:
    """Return the MAC address of each neighbour at an interface, by its address."""
    found = {}
    for body in _dump(route, _RTM_GETNEIGH, family):
        _, index, *_ = _NEIGHBOUR.unpack_from(body)
        attributes = dict(_attributes(body[_NEIGHBOUR.size :]))
        if index == interface and {_NDA_DST, _NDA_LLADDR} <= attributes.keys():
            found[attributes[_NDA_DST]] = attributes[_NDA_LLADDR]
    return found


def _dump(route: socket.socket, question: int, family: int) -> Iterator[bytes]:
    body = struct.pack('=B15x', family)
    header = _HEADER.pack(_HEADER.size + len(body), question, _REQUEST_DUMP, 1, 0)
    route.sendto(header + body, (0, 0))
    while True:
        answer = route.recv(65536)
        while len(answer) >= _HEADER.size:
            length, kind, *_ = _HEADER.unpack_from(answer)
            if kind in (_NLMSG_ERROR, _NLMSG_DONE):
                return
            yield answer[_HEADER.size : length]
            answer = answer[_aligned(length) :]


def _attributes(octets: bytes) -> Iterator[tuple[int, bytes]]:
    while len(octets) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(octets)
        if length < _ATTRIBUTE.size:
            return
        yield kind, octets[_ATTRIBUTE.size : length]
        octets = octets[_aligned(length) :]


def _aligned(length: int) -> int:
    return (length + 3) & ~3
