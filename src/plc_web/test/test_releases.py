# SPDX-License-Identifier: Apache-2.0
import json
import os

import pytest

from plc_web.releases import Releases


@pytest.fixture
def releases(tmp_path):
    one = Releases(tmp_path)
    for number, version in enumerate(('1.0', '1.1', '1.2', '1.3')):
        (tmp_path / version / '.venv').mkdir(parents=True)
        os.utime(tmp_path / version, (number, number))
    (tmp_path / 'current').symlink_to('1.0')
    return one


def test_the_switch_is_one_link_and_the_trial_says_where_from(releases):
    releases.try_out('1.3')
    assert releases.running == '1.3' and releases.on_trial
    told = json.loads((releases.folder / 'trial.json').read_text())
    assert told == {'from': '1.0', 'to': '1.3', 'tries': 0}


def test_the_oldest_go_and_never_the_running_one(releases):
    releases.tidy()
    assert releases.versions() == ['1.0', '1.2', '1.3']


def test_what_an_interrupted_update_left_goes_with_the_next(releases):
    (releases.draft() / 'left').write_text('x')
    assert list(releases.draft().iterdir()) == []
    assert '.partial' not in releases.versions()


def test_a_new_release_has_the_libraries_of_the_running_one(releases):
    path = releases.adopt(releases.draft(), '2.0')
    assert (path / '.venv').resolve() == (releases.folder / '1.0/.venv').resolve()


def test_a_folder_without_current_is_no_installation(tmp_path):
    assert not Releases(tmp_path).there and not Releases(tmp_path / 'none').there


def test_the_environment_of_a_new_release_has_nothing_of_the_old(releases, monkeypatch):
    old = f'{releases.folder.resolve()}/1.0/install/x'
    monkeypatch.setenv('PYTHONPATH', f'{old}:/usr/lib/other')
    assert releases.environment()['PYTHONPATH'] == '/usr/lib/other'
