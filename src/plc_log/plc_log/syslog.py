# SPDX-License-Identifier: Apache-2.0
"""Stage changes and errors to a syslog server: RFC 5424 over UDP (RFC 5426).

Never by the charging interface: a charger was disturbed by such datagrams (lesson 34).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
import logging
from logging.handlers import SYSLOG_UDP_PORT, SysLogHandler
import os
import re
import socket
import sys

from plc_kit.interface import Interface, NoSuchInterface
from plc_kit.readable import readable

APP = 'ros2_ccs'
_LARGEST = 1024  # octets of a text: what a receiver takes without cutting is 2048 (RFC 5424 6.1)
_UNFIT = re.compile(r'[^!-~]')
_ENDPOINT = re.compile(r'(?:\[(?P<v6>[^\]]+)\]|(?P<name>[^:\s]+))(?::(?P<port>\d{1,5}))?')
Address = tuple[str, int]


class BadHost(ValueError):
    """A text is no syslog server, or one that would disturb others; a sentence."""


class OnChargingInterface(OSError):
    """A datagram would leave by the charging interface."""


def endpoint(text: str) -> Address:
    """Read HOST, HOST:PORT or [IPV6]:PORT; raises BadHost."""
    match = _ENDPOINT.fullmatch(text)
    if match is None:
        raise BadHost(f'{text!r} is no HOST or HOST:PORT')
    host = match['v6'] or match['name']
    try:
        address = ip_address(host.partition('%')[0])
    except ValueError:
        return host, int(match['port'] or SYSLOG_UDP_PORT)
    if address.is_multicast or str(address) == '255.255.255.255':
        raise BadHost(f'{text} is everybody: syslog goes to one host')
    return host, int(match['port'] or SYSLOG_UDP_PORT)


class Form(logging.Formatter):
    """A record as RFC 5424 wants it behind its priority; `record.msgid` says what it is about."""

    def format(self, record: logging.LogRecord) -> str:
        """Return VERSION, TIMESTAMP, HOSTNAME, APP-NAME, PROCID, MSGID, no data, and the text."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec='microseconds')
        host = _UNFIT.sub('', socket.gethostname())[:255] or '-'
        msgid = _UNFIT.sub('', getattr(record, 'msgid', ''))[:32] or '-'
        text = readable(' '.join(record.getMessage().split()))[:_LARGEST]
        head = f'1 {when.replace("+00:00", "Z")} {host} {APP} {os.getpid()} {msgid} -'
        return f'{head} \ufeff{text}'


class Handler(SysLogHandler):
    """Sends records to one host, each only after a look at where it would go out.

    barred: returns the interfaces for charging, as NAME or NAME@NETWORK.
    """

    append_nul = False

    def __init__(self, server: Address, barred: Callable[[], set[str]]) -> None:
        """Raises OSError where the host has no address."""
        self._family = socket.getaddrinfo(*server, type=socket.SOCK_DGRAM)[0][0]
        super().__init__(server, SysLogHandler.LOG_LOCAL0, socket.SOCK_DGRAM)
        self.setFormatter(Form())
        self._barred = barred
        self.failure: OSError | None = None  # of the last record

    def emit(self, record: logging.LogRecord) -> None:
        """Send it; what goes wrong is in `failure`, since a log must end no charge."""
        self.failure = None
        try:
            self._look()
        except OSError as error:
            self.failure = error
            return
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 logging's name
        """Remember why it was not sent."""
        error = sys.exception()
        self.failure = error if isinstance(error, OSError) else OSError(str(error))

    def _look(self) -> None:
        """Ask the kernel by which of our addresses it would go; none of a charging interface."""
        with socket.socket(self._family, socket.SOCK_DGRAM) as probe:
            probe.connect(self.address)
            own, *_ = probe.getsockname()
        for name in self._barred():
            if '@' not in name and _has(Interface(name), own.partition('%')[0]):
                host = self.address[0]
                raise OnChargingInterface(f'{host} is reached by {name}, which is for charging')


def _has(interface: Interface, own: str) -> bool:
    try:
        return interface.has(own)
    except (NoSuchInterface, OSError):
        return False  # it is gone: nothing can leave by it
