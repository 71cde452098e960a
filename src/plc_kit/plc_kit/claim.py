# SPDX-License-Identifier: Apache-2.0
"""What one process at a time may have: a node's place in a side, a side, a modem's interface (R6).

A claim is an abstract Unix address. The kernel lets go of it with its holder, however that ends;
users meet there; and it reaches as far as 127.0.0.1 does, and with it the graph (R27).
Nothing that needs rclpy is imported here, so that a launch file may use it.
"""

from collections.abc import Sequence
import errno
from hashlib import sha256
import os
import re
import socket
from typing import Self

from plc_kit.domain import domain
from plc_kit.peer import process_and_user

ELSEWHERE = '; stop it first, or give this one a namespace or ROS_DOMAIN_ID of its own'
_NAMESPACE = re.compile(r'(?:([^:]+):)?__ns:=(.*)')


class Taken(ValueError):
    """Another process has it; the text is a sentence for the user."""


class Claim:
    """Something that is this process's own from here to close(), or to its end."""

    def __init__(self, what: str, instead: str = '', *, of_user: bool = False) -> None:
        """`what` names it in the sentence of who comes second; `instead`: what that one may do.

        `of_user`: each user may have it, as what is in a simulated network. Raises Taken.
        """
        address = _address(f'{what} of user {os.getuid()}' if of_user else what)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.bind(address)
        except OSError as error:
            self._socket.close()
            if error.errno != errno.EADDRINUSE:
                raise
            raise Taken(f'{what} runs already ({_holder(address)}){instead}') from error
        self._socket.listen(socket.SOMAXCONN)  # nobody is let in, but whoever asks learns the pid

    def close(self) -> None:
        """Leave it to others."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def of_side(namespace: str) -> str:
    """Name a side, for whoever starts all of it."""
    return f'the side {namespace} of ROS domain {domain()}'


def of_node(place: str, arguments: Sequence[str]) -> str:
    """Name the place of a node in its side, by the arguments of its process."""
    return f'{namespace_of(place, arguments).rstrip("/")}/{place} of ROS domain {domain()}'


def namespace_of(node: str, arguments: Sequence[str]) -> str:
    """Return the namespace that rcl will give a node: by the first rule that is meant for it."""
    for rule in map(_NAMESPACE.fullmatch, arguments):
        if rule and rule[1] in (None, node):
            return f'/{rule[2].strip("/")}'
    return '/'


def _address(what: str) -> str:
    """An address has room for 107 octets, a namespace is longer."""
    return f'\0ros2_ccs.claim.{sha256(what.encode()).hexdigest()}'


def _holder(address: str) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.setblocking(False)
        try:
            asking.connect(address)
        except OSError:  # it has just ended, or many have asked
            return 'another process'
        pid, _ = process_and_user(asking)
    return f'process {pid}' if pid else 'a process of another container'
