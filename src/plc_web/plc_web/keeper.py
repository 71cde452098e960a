# SPDX-License-Identifier: Apache-2.0
"""Starts the page from the release that is current, and takes back one that is not healthy.

It is copied out of the release at install and needs nothing but Python, so that no release can
break what would take it back:  keeper.py RELEASES STATE [PARAMETERS.yaml | NAME:=VALUE …]
"""

from collections.abc import Sequence
import json
import os
from pathlib import Path
import signal
import ssl
import subprocess
import sys
import time
from types import FrameType
import urllib.request

SWITCH = 75  # exit status of a page that wants to be started from `current` again
CANNOT_START = 78  # trying again is of no use
BROKEN = 74  # the system refused: trying again may help
PATIENCE = 60.0  # s in which a new release must be healthy
STEADY = 5.0  # s for which it must stay so
TRIES = 2  # starts on trial; a computer that was switched off meanwhile has one more
PAUSE = 1.0  # s before a page that died is started anew
STOP = 40.0  # s for a page to stop the graph and end
# CCS_SETUP: setup.bash of a ROS 2 that is installed, where the release builds on one.
_SCRIPT = (
    'if [ -n "${CCS_SETUP:-}" ]; then source "$CCS_SETUP"; fi; source "$0/env.sh"'
    ' && export PATH="$0/.venv/bin:$PATH" && exec "$0/install/plc_web/lib/plc_web/serve" "$@"'
)


class Keeper:
    """One page, from one release at a time."""

    def __init__(self, releases: Path, state: Path, parameters: Sequence[str]) -> None:
        self._releases, self._state, self._parameters = releases, state, parameters
        self._trial = releases / 'trial.json'
        self._child: subprocess.Popen[bytes] | None = None
        self._told = False

    def run(self) -> int:
        """Keep the page until told to end; return the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        while not self._told:
            self._start()
            on_trial = self._trial.exists()
            if on_trial:
                self._watch()
            status = self._wait()
            if status == CANNOT_START and not self._told and not on_trial:
                return status
            if status != SWITCH and not self._told:
                time.sleep(PAUSE)
        return 0

    def _start(self) -> None:
        # The release itself, not the link: what a process loads later is of the same release.
        release = os.path.realpath(self._releases / 'current')
        words = ['--ros-args', *(word for one in self._parameters for word in _words(one))]
        self._child = subprocess.Popen(('bash', '-c', _SCRIPT, release, *words))

    def _wait(self) -> int:
        assert self._child is not None
        return self._child.wait()

    def _on_signal(self, *_: int | FrameType | None) -> None:
        self._told = True
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGINT)

    # A new release

    def _watch(self) -> None:
        """Confirm the release that has just started, or go back to the one before."""
        try:
            trial = json.loads(self._trial.read_text())
            old, new, tries = str(trial['from']), str(trial['to']), int(trial['tries'])
        except (ValueError, KeyError, TypeError):
            self._trial.unlink()  # nothing is known to go back to
            return
        self._write(self._trial, {'from': old, 'to': new, 'tries': tries + 1})
        reason = 'it was started twice without becoming healthy'
        if tries < TRIES:
            reason = self._complaint(new)
        if self._told:
            return  # no verdict: the next start watches again
        if reason:
            self._go_back(old, new, reason)
        else:
            self._tell(new, ok=True, sentence=f'{new} runs')
            self._trial.unlink()

    def _complaint(self, version: str) -> str:
        """Return why a release is not healthy; empty: it is, and stays so."""
        assert self._child is not None
        end, since = time.monotonic() + PATIENCE, None
        while time.monotonic() < end and not self._told:
            status = self._child.poll()
            if status == BROKEN:
                since = None
                self._try_again()
            elif status is not None:
                return f'it ended with status {status}'
            elif not self._healthy(version):
                since = None
            elif since is None:
                since = time.monotonic()
            elif time.monotonic() - since >= STEADY:
                return ''
            time.sleep(0.5)
        return f'it was not healthy within {PATIENCE:.0f} s'

    def _try_again(self) -> None:
        time.sleep(PAUSE)
        if not self._told:
            self._start()

    def _healthy(self, version: str) -> bool:
        """Ask the page itself; this touches neither pilot nor contactors."""
        assert self._child is not None
        try:
            page = json.loads((self._state / 'page.json').read_text())
            if page['pid'] != self._child.pid:
                return False
            # It is asked at this computer's own address: nobody is in between.
            context = ssl._create_unverified_context()
            with urllib.request.urlopen(page['url'] + '/healthz', timeout=3, context=context) as a:
                told = json.loads(a.read(4096))
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return told.get('healthy') is True and told.get('version') == version

    def _go_back(self, old: str, new: str, reason: str) -> None:
        assert self._child is not None
        link = self._releases / 'current.draft'
        link.unlink(missing_ok=True)
        link.symlink_to(old)
        link.replace(self._releases / 'current')
        self._tell(new, ok=False, sentence=f'{new} was taken back, {old} runs again: {reason}')
        self._trial.unlink()
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGINT)
            try:
                self._child.wait(STOP)
            except subprocess.TimeoutExpired:
                self._child.kill()

    def _tell(self, version: str, *, ok: bool, sentence: str) -> None:
        told = {'version': version, 'ok': ok, 'sentence': sentence, 'time': time.time()}
        self._write(self._state / 'update.json', told)

    def _write(self, path: Path, content: dict[str, object]) -> None:
        draft = path.with_name(path.name + '.draft')
        draft.write_text(json.dumps(content))
        draft.replace(path)


def _words(parameter: str) -> tuple[str, str]:
    return ('-p' if ':=' in parameter else '--params-file', parameter)


def main() -> None:
    """Keep the page."""
    if len(sys.argv) < 3:
        sys.exit('usage: keeper.py RELEASES STATE [PARAMETERS.yaml | NAME:=VALUE …]')
    releases, state = Path(sys.argv[1]), Path(sys.argv[2])
    state.mkdir(parents=True, exist_ok=True)
    parameters = [*sys.argv[3:], f'releases:={releases}', f'state:={state}']
    sys.exit(Keeper(releases, state, parameters).run())


if __name__ == '__main__':
    main()
