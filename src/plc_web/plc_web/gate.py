# SPDX-License-Identifier: Apache-2.0
"""What every request passes first: host, login, origin, CSRF token, size; and the headers back.

It stands around the whole application, so that no route can forget it.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
import json
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plc_web.access import LocalToken, Visit, Visits

COOKIE = 'ccs_session'
OPEN = ('/login', '/healthz')
_SAFE = ('GET', 'HEAD', 'OPTIONS')
_LARGEST = 64 * 1024  # octets of a body; the upload of a release counts its own
UPLOAD = '/api/update'
_LOOK = 0.5  # s between two looks whether a session still is one
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    'Content-Security-Policy': _POLICY,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'same-origin',  # with no-referrer a form would come from origin null
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
    'Cache-Control': 'no-store',
}


class Refused(Exception):
    """A request goes no further: status, sentence, and where a browser is sent instead."""

    def __init__(self, status: int, sentence: str, go_to: str = '') -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.go_to = status, sentence, go_to


class Gate:
    """An ASGI middleware. `scope['visit']` tells the routes who is there; None: a command."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        visits: Visits,
        token: LocalToken,
        scheme: str,
        hosts: Iterable[str],
        now: Callable[[], float],
    ) -> None:
        self._app, self._visits, self._token, self._now = app, visits, token, now
        self._scheme = scheme
        name = socket.gethostname().lower()
        self._hosts = {'localhost', name, f'{name}.local', *(one.lower() for one in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope['type'] not in ('http', 'websocket'):
            await self._app(scope, receive, send)
            return
        answer = self._with_headers(send)
        try:
            self._check(scope)
        except Refused as refused:
            await _refuse(scope, answer, refused)
            return
        if scope['type'] == 'http' and scope['path'] != UPLOAD:
            receive = _Bounded(receive)
        if scope['type'] == 'http' and (visit := scope.get('visit')) is not None:
            receive = _Admitted(receive, lambda: self._visits.knows(visit, self._now()))
        await self._app(scope, receive, answer)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get('host', '')
        if not self._is_ours(host):
            raise Refused(421, 'this computer is not called so')
        origin = headers.get('origin')
        if origin is not None and origin != f'{self._scheme}://{host}':
            raise Refused(403, 'the request comes from another page')
        if _size(headers) > _LARGEST and scope['path'] != UPLOAD:
            raise Refused(413, 'the request is too large')
        if scope['path'] in OPEN and scope['type'] == 'http':
            _login_is_ours(scope, origin)
            return
        scope['visit'] = self._visitor(scope, headers, origin)

    def _is_ours(self, host: str) -> bool:
        """Names that lead here, and any address: a foreign name would be DNS rebinding."""
        try:
            name = (urlsplit(f'//{host}').hostname or '').rstrip('.')
        except ValueError:
            return False
        try:
            ip_address(name)
        except ValueError:
            return name in self._hosts
        return True

    def _visitor(self, scope: Scope, headers: Headers, origin: str | None) -> Visit | None:
        kind, _, shown = headers.get('authorization', '').partition(' ')
        if kind.lower() == 'bearer' and shown.isascii() and self._token.matches(shown):
            return None
        visit = self._visits.find(cookie_of(headers), self._now())
        if visit is None:
            wants_page = scope.get('method') == 'GET' and not scope['path'].startswith('/api/')
            raise Refused(401, 'log in first', '/login' if wants_page else '')
        if scope['type'] == 'websocket' or scope['method'] not in _SAFE:
            if origin is None:
                raise Refused(403, 'the request does not say from which page it comes')
            shown = headers.get('x-csrf-token', '')
            if scope['type'] == 'http' and not _same(shown, visit.csrf):
                raise Refused(403, 'the CSRF token is missing or of another session')
        return visit

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message['type'] == 'http.response.start':
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if self._scheme == 'https':
                    headers['Strict-Transport-Security'] = 'max-age=31536000'
            await send(message)

        return sending


class _Bounded:
    """Ends a body that is larger than it said."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._left = receive, _LARGEST

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get('body', b''))
        return message if self._left >= 0 else {'type': 'http.disconnect'}


class _Admitted:
    """Tells that a browser is gone once its session is over: what it loads or sends ends too."""

    def __init__(self, receive: Receive, holds: Callable[[], bool]) -> None:
        self._receive, self._holds = receive, holds

    async def __call__(self) -> Message:
        while self._holds():
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._receive(), _LOOK)
        return {'type': 'http.disconnect'}


def _login_is_ours(scope: Scope, origin: str | None) -> None:
    if scope['method'] not in _SAFE and origin is None:
        raise Refused(403, 'the request does not say from which page it comes')


def _size(headers: Headers) -> int:
    told = headers.get('content-length', '')
    return int(told) if told.isdecimal() else 0


def _same(shown: str, wanted: str) -> bool:
    return compare_digest(shown.encode(), wanted.encode())


def cookie_of(headers: Headers) -> str:
    """Return the session's cookie, or an empty text."""
    try:
        morsel = SimpleCookie(headers.get('cookie', '')).get(COOKIE)
    except CookieError:
        return ''
    return morsel.value if morsel else ''


async def _refuse(scope: Scope, send: Send, refused: Refused) -> None:
    if scope['type'] == 'websocket':
        await send({'type': 'websocket.close', 'code': 4000 + refused.status})
        return
    status, headers = refused.status, [(b'content-type', b'application/json')]
    if refused.go_to:
        status = 303
        headers.append((b'location', refused.go_to.encode()))
    body = json.dumps({'detail': refused.sentence}).encode()
    await send({'type': 'http.response.start', 'status': status, 'headers': headers})
    await send({'type': 'http.response.body', 'body': body})
