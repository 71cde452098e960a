# SPDX-License-Identifier: Apache-2.0
"""Ethernet carrier of one interface, and word of its changes from the kernel (rtnetlink(7))."""

from contextlib import suppress
import socket

from plc_kit.interface import Interface

_RTMGRP_LINK = 1


class CarrierWatch:
    """Can be read whenever some interface of the network has changed."""

    def __init__(self, interface: Interface) -> None:
        self._interface = interface
        self._route = interface.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._route.setblocking(False)
        self._route.bind((0, _RTMGRP_LINK))

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return self._route.fileno()

    def read(self) -> bool:
        """Tell how it is now; an interface that is gone has no carrier."""
        with suppress(OSError):  # nothing more is there, or more came than the socket holds
            while self._route.recv(65536):
                pass  # what a notice says counts for nothing: the state is asked for anew
        with suppress(ValueError, OSError):  # the interface, or its simulated network, is gone
            return self._interface.carrier()
        return False

    def close(self) -> None:
        """Let the socket go."""
        self._route.close()
