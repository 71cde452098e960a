# SPDX-License-Identifier: Apache-2.0
"""HTTP requests in a thread of their own: whoever asks for one never waits for it."""

import asyncio
from collections.abc import Callable
import ssl
from threading import Thread
import time

import aiohttp

from plc_home.callback import Answer
from plc_home.receiver import Request
from plc_kit.readable import readable

_READ = 1000  # octets of an answer that are read; nobody needs more
_ENDING = 2.0  # s for the thread to end


def context_of(ca_file: str) -> ssl.SSLContext:
    """Certificates are checked, always; OSError or ssl.SSLError where the file is none."""
    return ssl.create_default_context(cafile=ca_file or None)


def _kind(error: Exception) -> str:
    """Say what went wrong; the text of aiohttp's errors has the URL with query and password."""
    match error:
        case aiohttp.ClientResponseError():
            return f'the answer is none of HTTP ({error.status})'
        case aiohttp.InvalidURL():
            return 'the URL is none that can be asked'
        case aiohttp.ServerDisconnectedError():
            return 'the server has hung up'
        case OSError(strerror=str(text)) if text:
            return text
    return f'the request failed ({type(error).__name__})'


async def _body(content: aiohttp.StreamReader, wanted: int) -> bytes:
    """Return what is wanted of an answer, less where it ends before."""
    if not wanted:
        await content.read(_READ)
        return b''
    try:
        return await content.readexactly(wanted)
    except asyncio.IncompleteReadError as error:
        return error.partial


class Http:
    """Sends and cancels; `done` is called in this thread with what became of each request."""

    def __init__(
        self,
        done: Callable[[Answer], object],
        timeout: float,
        token: str = '',
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._done, self._timeout = done, timeout
        self._headers = {'Authorization': f'Bearer {token}'} if token else {}
        self._context = context
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run, name='http', daemon=True)
        self._thread.start()

    def send(self, number: int, request: Request) -> None:
        """Begin a request."""
        self._loop.call_soon_threadsafe(self._begin, number, request)

    def cancel(self, number: int) -> None:
        """End a request; nothing is told of it any more."""
        self._loop.call_soon_threadsafe(self._end, number)

    def close(self) -> None:
        """End all requests, and the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ENDING)

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            for task in self._tasks.values():
                task.cancel()
            self._loop.run_until_complete(self._leave())
            self._loop.close()

    async def _leave(self) -> None:
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _begin(self, number: int, request: Request) -> None:
        task = self._loop.create_task(self._perform(number, request))
        self._tasks[number] = task
        task.add_done_callback(lambda _: self._tasks.pop(number, None))

    def _end(self, number: int) -> None:
        if number in self._tasks:
            self._tasks[number].cancel()

    async def _perform(self, number: int, request: Request) -> None:
        began = time.monotonic()
        try:
            status, reason, body = await self._ask(request)
        except TimeoutError:
            status, reason, body = 0, f'no answer within {self._timeout:g} s', b''
        except (aiohttp.ClientError, OSError, ValueError) as error:
            status, reason, body = 0, _kind(error), b''
        self._done(Answer(number, status, time.monotonic() - began, reason, body))

    async def _ask(self, request: Request) -> tuple[int, str, bytes]:
        headers = dict(self._headers)
        if request.content_type:
            headers['Content-Type'] = request.content_type
        async with self._open().request(
            request.method,
            request.url,
            data=request.body or None,
            headers=headers,
            allow_redirects=False,  # a POST that is sent elsewhere would come there as a GET
        ) as answer:
            body = await _body(answer.content, request.wanted)
            good = 200 <= answer.status < 300
            reason = '' if good else readable(f'HTTP {answer.status} {answer.reason}')
            return answer.status, reason, body

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True, ssl=self._context or True),
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session
