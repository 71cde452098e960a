# SPDX-License-Identifier: Apache-2.0
"""A modem at an Ethernet interface: frames of ethertype 0x88E1 through a packet socket."""

from collections.abc import Callable
import os
import select
import socket
import threading
from typing import ClassVar

from plc_kit.interface import Interface
from plc_modem.homeplug import HOMEPLUG

_LONGEST = 2048  # octets, more than any Ethernet frame


class NoAccess(PermissionError):
    """This user may not open packet sockets; the text says what to type."""


class EthernetPort:
    """Sends from any thread; `heard` is called with each frame, in the port's own thread."""

    counts: ClassVar[dict[str, int]] = {}  # the kernel counts what goes wrong here

    def __init__(self, interface: Interface, heard: Callable[[bytes], None]) -> None:
        """Open it; raises NoAccess, NoSuchInterface, NetworkUnavailable."""
        _ = interface.index
        self._socket = _open(interface)
        self._heard = heard
        self._until, self._end = os.pipe()
        self._thread = threading.Thread(target=self._read, daemon=True, name='ethernet port')
        self._thread.start()

    def send(self, octets: bytes) -> bool:
        """Put a whole frame on the wire; False: the interface is down, the frame is lost."""
        try:
            self._socket.send(octets)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Hear and send nothing any more."""
        os.close(self._end)
        self._thread.join()
        os.close(self._until)
        self._socket.close()

    def _read(self) -> None:
        while True:
            readable, _, _ = select.select([self._socket.fileno(), self._until], [], [])
            if self._until in readable:
                return
            try:
                octets = self._socket.recv(_LONGEST)
            except OSError:  # the interface went down; the socket hears again when it is up
                continue
            self._heard(octets)


def _open(interface: Interface) -> socket.socket:
    try:
        opened = interface.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(HOMEPLUG))
    except PermissionError as error:
        raise NoAccess(_WHAT_TO_TYPE) from error
    opened.bind((interface.name, HOMEPLUG))
    return opened


_WHAT_TO_TYPE = (
    'the modem node needs the capability CAP_NET_RAW for raw Ethernet; get a shell that has it: '
    'sudo --preserve-env setpriv --reuid "$(id -u)" --regid "$(id -g)" --init-groups '
    '--inh-caps +net_raw,+sys_nice --ambient-caps +net_raw,+sys_nice bash'
)
