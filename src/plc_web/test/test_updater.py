# SPDX-License-Identifier: Apache-2.0
"""The steps of an update: what they ask before, and what they leave behind."""

import asyncio

import pytest

from plc_web.bundle_cli import make, new_key
from plc_web.releases import Releases
from plc_web.updater import Updater

ENV = 'nice > "$0/../niceness"; exit 0\n'  # in place of the self-test


class Session(Exception):
    """One has begun."""


class Installation:
    """A release that runs, a bundle of the next, and what was asked."""

    def __init__(self, folder):
        self.releases = Releases(folder / 'releases')
        (self.releases.folder / '1.0/.venv').mkdir(parents=True)
        (self.releases.folder / 'current').symlink_to('1.0')
        (folder / 'tree').mkdir()
        (folder / 'tree/env.sh').write_text(ENV)
        new_key(folder / 'key')
        make(folder / 'tree', '2.0', folder / 'key', folder / 'bundle')
        self._bundle = (folder / 'bundle').read_bytes()
        self.updater = Updater(self.releases, folder / 'key.pub', folder / 'update.json')
        self.asked = []

    def install(self, refused=''):
        def may(what):
            self.asked.append(what)
            if what == refused:
                raise Session

        async def switch(version):
            self.asked.append(version)

        async def body():
            yield self._bundle

        asyncio.run(self.updater.install(body(), len(self._bundle), switch, may))


@pytest.fixture
def installation(tmp_path):
    return Installation(tmp_path)


@pytest.mark.parametrize('step', ['the unpacking', 'the self-test'])
def test_a_session_that_has_begun_meanwhile_has_the_next_step_wait(installation, step):
    with pytest.raises(Session):
        installation.install(refused=step)
    assert installation.asked[-1] == step and installation.updater.progress.step == 'refused'
    left = {one.name for one in installation.releases.folder.iterdir()}
    assert left == {'1.0', 'current'}


def test_the_self_test_has_the_lowest_priority(installation):
    installation.install()
    assert installation.asked == ['the unpacking', 'the self-test', '2.0']
    assert (installation.releases.folder / 'niceness').read_text() == '19\n'
