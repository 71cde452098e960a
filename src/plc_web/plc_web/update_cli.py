# SPDX-License-Identifier: Apache-2.0
"""`ros2 run plc_web update FILE`: what the page's update does, from the command line."""

import argparse
from collections.abc import Iterator
import http.client
import json
from pathlib import Path
import ssl
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from plc_web.settings import WebSettings

_CHUNK = 1 << 16
_PATIENCE = 300.0  # s for upload and self-test, and then for the new release
_LOOK = 0.5  # s


class Page:
    """The page that runs on this computer, asked with the token of its state folder."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Return the answer; raises Refused, or OSError or ValueError where none comes."""
        page = json.loads((self._state / 'page.json').read_text())
        token = (self._state / 'token').read_text()
        headers = {'Authorization': f'Bearer {token}'}
        if body is not None:
            headers |= {'Content-Length': str(body.stat().st_size)}
        connection = _connection(page['url'])
        try:
            connection.request(method, path, body and _chunks(body), headers)
            answer = connection.getresponse()
            told: dict[str, Any] = json.loads(answer.read())
        except http.client.HTTPException as error:
            raise OSError(f'the page does not answer: {error}') from None
        finally:
            connection.close()
        if answer.status >= 400:
            raise Refused(str(told.get('detail', answer.status)))
        return told


class Refused(RuntimeError):
    """The page says no; the text is its sentence."""


def _connection(url: str) -> http.client.HTTPConnection:
    where = urlsplit(url)
    if where.scheme == 'http':
        return http.client.HTTPConnection(where.hostname or '', where.port, timeout=_PATIENCE)
    # The page is on this computer: nobody is in between.
    context = ssl._create_unverified_context()
    host = where.hostname or ''
    return http.client.HTTPSConnection(host, where.port, timeout=_PATIENCE, context=context)


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open('rb') as content:
        while chunk := content.read(_CHUNK):
            yield chunk


def main() -> None:
    """Install a bundle; 0: the new release runs, 1: it was refused or taken back."""
    parser = argparse.ArgumentParser(prog='update', description='Install a release bundle.')
    parser.add_argument('bundle', type=Path)
    default = WebSettings().state_folder
    parser.add_argument('--state', type=Path, default=default, help='state folder (%(default)s)')
    parser.add_argument('--older', action='store_true', help='accept a version before this one')
    options = parser.parse_args()
    try:
        sys.exit(_update(Page(options.state), options.bundle, older=options.older))
    except Refused as error:
        sys.exit(f'update: refused: {error}')
    except (OSError, ValueError) as error:
        sys.exit(f'update: {error}')
    except KeyboardInterrupt:
        sys.exit(130)


def _update(page: Page, bundle: Path, *, older: bool) -> int:
    bundle.stat()
    before = page.ask('GET', '/api/update')
    watching = threading.Event()
    bar = threading.Thread(target=_show, args=(page, watching), daemon=True)
    bar.start()
    try:
        page.ask('PUT', f'/api/update?older={str(older).lower()}', bundle)
    finally:
        watching.set()
        bar.join()
    return _outcome(page, before['last'])


def _show(page: Page, done: threading.Event) -> None:
    """Draw the progress where somebody looks."""
    while not done.wait(_LOOK) and sys.stdout.isatty():
        try:
            progress = page.ask('GET', '/api/update')['progress']
        except (OSError, ValueError, Refused):
            continue
        full = '#' * (progress['percent'] // 4)
        sys.stdout.write(f'\r[{full:25}] {progress["percent"]:3} % {progress["step"]:12}')
        sys.stdout.flush()
    if sys.stdout.isatty():
        sys.stdout.write('\n')


def _outcome(page: Page, before: dict[str, Any] | None) -> int:
    """Wait until the keeper has said how the new release is."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        time.sleep(_LOOK)
        try:
            last = page.ask('GET', '/api/update')['last']
        except (OSError, ValueError, Refused):
            continue  # the page is being started anew
        if last is not None and last != before:
            sys.stdout.write(last['sentence'] + '\n')
            return 0 if last['ok'] else 1
    raise OSError('the new release has not been confirmed; see the page')
