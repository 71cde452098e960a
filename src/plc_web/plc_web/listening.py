# SPDX-License-Identifier: Apache-2.0
"""Where the page listens, and where it says so."""

import errno
import json
import os
import socket
import ssl
from typing import Any

from plc_kit.private import write_private
from plc_kit.run import CannotStart
from plc_web.access import LocalToken, Password
from plc_web.settings import WebSettings

_BACKLOG = 64


class AddressAway(OSError):
    """This computer does not have the address yet, or nobody knows its name."""


def listen(
    settings: WebSettings, password: Password, token: LocalToken, log: Any
) -> socket.socket:
    """Listen where the settings say, or at loopback alone as long as no password is set.

    Only then is said where, and by which token a command is let in.

    Raises CannotStart where the settings are wrong, AddressAway where waiting may help, OSError
    where the system refuses.
    """
    if settings.certificate or settings.private_key:
        _look_at(settings.certificate, settings.private_key)
    address = settings.address
    if not settings.is_local and not password.is_set:
        log.warning('no password is set: the page is served to this computer alone')
        address = '127.0.0.1'
    try:
        family = socket.getaddrinfo(address, settings.port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((address, settings.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        away = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
        kind = AddressAway if away else OSError
        raise kind(f'cannot listen at {address}:{settings.port}: {error.strerror}') from None
    if not settings.certificate and not settings.is_local:
        log.warning(
            'the page is served without TLS: who listens in this network learns the password'
        )
    token.tell()
    url = _url(settings, listening)
    write_private(
        settings.state_folder / 'page.json', json.dumps({'pid': os.getpid(), 'url': url})
    )
    log.info(f'the page is at {url}')
    return listening


def _look_at(certificate: str, key: str) -> None:
    """Raise CannotStart where TLS could not begin with these files."""
    for name in filter(None, (certificate, key)):
        if not os.access(name, os.R_OK):
            raise CannotStart(f'{name} cannot be read')
    try:
        # Whoever could be asked for a pass phrase is not there.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            certificate, key or None, password=lambda: ''
        )
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        names = ' and '.join(filter(None, (certificate, key)))
        raise CannotStart(f'{names} hold no certificate with its key: {error}') from None


def _url(settings: WebSettings, listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    host = {'0.0.0.0': '127.0.0.1', '::': '::1'}.get(host, host)
    return f'{settings.scheme}://{f"[{host}]" if ":" in host else host}:{port}'
