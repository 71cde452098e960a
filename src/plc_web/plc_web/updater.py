# SPDX-License-Identifier: Apache-2.0
"""An update: check, unpack beside, self-test, switch. Any doubt leaves all as it was."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
import json
from pathlib import Path
import shutil
import subprocess
from typing import Any

from packaging.version import InvalidVersion, Version

from plc_web.bundle import BadBundle, Manifest, load_key, verify
from plc_web.releases import Releases
from plc_web.unpack import MOST_OCTETS, unpack

LARGEST = 256 << 20  # octets of a bundle
_SELF_TEST = 180.0  # s, on a slow computer
_SHARES = {'receiving': (0, 40), 'checking': (40, 50), 'unpacking': (50, 70), 'testing': (70, 95)}
_TEST = 'source "$0/env.sh" && PATH="$0/.venv/bin:$PATH" exec python3 -m plc_web.self_test "$0"'
_LOOK = 1.0  # s
_WORDS = 600  # characters of a self-test's complaint


@dataclass
class Progress:
    """How far an update is."""

    step: str = 'idle'  # idle, receiving, checking, unpacking, testing, switching, refused
    percent: int = 0
    version: str = ''
    sentence: str = ''

    def at(self, step: str, share: float = 0.0) -> None:
        low, high = _SHARES[step]
        self.step, self.percent = step, round(low + (high - low) * min(share, 1.0))


class Busy(RuntimeError):
    """No update now; the text is a sentence."""


class Updater:
    """One update at a time."""

    def __init__(self, releases: Releases, key: Path, outcome: Path) -> None:
        self.releases, self._key, self._outcome = releases, key, outcome
        self.progress = Progress()
        self._lock = asyncio.Lock()

    def last(self) -> dict[str, Any] | None:
        """Return what the keeper has said of the last trial."""
        try:
            told: dict[str, Any] = json.loads(self._outcome.read_text())
        except (OSError, ValueError):
            return None
        return told

    async def settled(self) -> None:
        """Wait until the keeper has confirmed the running release, and remove what is too old."""
        while self.releases.on_trial:
            await asyncio.sleep(_LOOK)
        if self.releases.there:
            last = self.last() or {}
            failed = '' if last.get('ok', True) else str(last.get('version', ''))
            await asyncio.to_thread(self.releases.tidy, failed)

    async def install(
        self,
        body: AsyncIterator[bytes],
        size: int,
        switch: Callable[[str], Awaitable[None]],
        may: Callable[[str], None],
        *,
        older: bool = False,
    ) -> None:
        """Take a bundle, and `switch` to its version; `may` raises where a step has to wait.

        Raises BadBundle, Busy, or what these two do.
        """
        if self._lock.locked():
            raise Busy('another update is on its way')
        async with self._lock:
            self.progress = Progress()
            try:
                await self._install(body, size, switch, may, older)
            except OSError as error:
                self.progress.step, self.progress.sentence = 'refused', str(error)
                raise Busy(f'the system refuses: {error.strerror or error}') from error
            except BaseException as error:
                self.progress.step, self.progress.sentence = 'refused', str(error)
                raise

    async def _install(
        self,
        body: AsyncIterator[bytes],
        size: int,
        switch: Callable[[str], Awaitable[None]],
        may: Callable[[str], None],
        older: bool,
    ) -> None:
        if not self.releases.there:
            raise Busy('this computer was not installed so that it can be updated')
        if self.releases.on_trial:
            raise Busy('the last update is not confirmed yet')
        key = load_key(self._key)
        draft = self.releases.draft()
        bundle = self.releases.folder / '.bundle'
        try:
            await self._receive(body, size, bundle)
            may('the unpacking')
            manifest = await asyncio.to_thread(self._unpack, bundle, key, draft, older)
            may('the self-test')
            release = self.releases.adopt(draft, manifest.version)
            await self._test(release)
        finally:
            bundle.unlink(missing_ok=True)
            shutil.rmtree(draft, ignore_errors=True)
        self.progress.step, self.progress.percent = 'switching', 97
        await switch(manifest.version)

    async def _receive(self, body: AsyncIterator[bytes], size: int, bundle: Path) -> None:
        if size > LARGEST:
            raise BadBundle(f'a bundle has at most {LARGEST >> 20} MB')
        if shutil.disk_usage(self.releases.folder).free < MOST_OCTETS // 4 + size:
            raise Busy('there is too little room on the disk')
        received = 0
        with bundle.open('wb') as out:
            async for chunk in body:
                received += len(chunk)
                if received > LARGEST:
                    raise BadBundle(f'a bundle has at most {LARGEST >> 20} MB')
                out.write(chunk)
                self.progress.at('receiving', received / max(size, 1))

    def _unpack(self, bundle: Path, key: Any, draft: Path, older: bool) -> Manifest:
        self.progress.at('checking')
        with bundle.open('rb') as archive:
            verify(archive, key)
            self.progress.at('unpacking')
            whole = 4 * bundle.stat().st_size  # about what it unpacks to
            tell = lambda octets: self.progress.at('unpacking', octets / whole)  # noqa: E731
            manifest = unpack(archive, draft, tell)
        self.progress.version = manifest.version
        self._check_version(manifest.version, older)
        return manifest

    def _check_version(self, version: str, older: bool) -> None:
        running = self.releases.running
        if version == running:
            raise BadBundle(f'{version} is what runs here')
        if not older and _order(version) < _order(running):
            raise BadBundle(f'{version} is older than {running}, which runs here')

    async def _test(self, release: Path) -> None:
        """Have the new release test itself, in processes of its own and without any hardware.

        They have the lowest priority: a charge may begin meanwhile.
        """
        self.progress.at('testing')
        try:
            done = await asyncio.to_thread(self._run_test, release)
            complaint = '' if done.returncode == 0 else _last_words(done.stdout)
        except subprocess.TimeoutExpired:
            complaint = f'it took more than {_SELF_TEST:.0f} s'
        except OSError as error:
            complaint = str(error)
        if complaint:
            shutil.rmtree(release, ignore_errors=True)
            raise BadBundle(f'the self-test of {release.name} failed: {complaint}')

    def _run_test(self, release: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ('nice', '-n', '19', 'bash', '-c', _TEST, str(release)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors='replace',
            timeout=_SELF_TEST,
            env=self.releases.environment(),
            cwd=release,
            check=False,
        )


def _last_words(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    return ' '.join(lines[-3:])[-_WORDS:] or 'it said nothing'


def _order(version: str) -> Version:
    try:
        return Version(version)
    except InvalidVersion:
        raise BadBundle(f'{version} is no version that can be compared') from None
