# SPDX-License-Identifier: Apache-2.0
"""An update of a real release by a real bundle: taken, refused, and taken back."""

import os
from pathlib import Path
import shutil
import socket
import subprocess
import sys

from browser import browser
from page_process import PASSWORD, Page
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from plc_web.bundle_cli import make, new_key

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope='session')
def tree(tmp_path_factory):
    """What `make bundle` signs: the workspace, built without links."""
    folder = tmp_path_factory.mktemp('built') / 'tree'
    command = ('sh', 'tools/bundle.sh', str(folder))
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope='session')
def key(tmp_path_factory):
    path = tmp_path_factory.mktemp('key') / 'release.key'
    new_key(path)
    return path


def release_of(tree, key, folder, version, change=lambda tree: None):
    """Sign the tree as a version, with something changed in it."""
    changed = folder / f'tree-{version}'
    shutil.copytree(tree, changed)
    change(changed)
    bundle = folder / f'{version}.bundle'
    make(changed, version, key, bundle)
    shutil.rmtree(changed)
    return bundle


def append(text, *names):
    """Add lines to a module of the tree."""

    def change(tree):
        (path,) = tree.glob('install/*/lib/python3*/site-packages/' + '/'.join(names))
        path.write_text(path.read_text() + text)

    return change


ENDS = append('\n\ndef main():\n    sys.exit(3)\n', 'plc_web', 'serve_node.py')
FAILS_ITS_TEST = append('\nraise ImportError("a part is missing")\n', 'slac', 'slac_node.py')


@pytest.fixture(scope='session')
def bundles(tree, key, tmp_path_factory):
    """Bundles by what is to come of them."""
    folder = tmp_path_factory.mktemp('bundles')
    good = release_of(tree, key, folder, '1.1')
    octets = good.read_bytes()
    other = folder / 'other.key'
    new_key(other)
    made = {
        'good': good,
        'untestable': release_of(tree, key, folder, '1.2', FAILS_ITS_TEST),
        'broken': release_of(tree, key, folder, '1.3', ENDS),
        'foreign': release_of(tree, other, folder, '1.4'),
        'unsigned': folder / 'unsigned',
        'tampered': folder / 'tampered',
        'truncated': folder / 'truncated',
    }
    made['unsigned'].write_bytes(octets[72:])
    middle = len(octets) // 2
    made['tampered'].write_bytes(
        octets[:middle] + bytes([octets[middle] ^ 1]) + octets[middle + 1 :]
    )
    made['truncated'].write_bytes(octets[:-1000])
    return made


def free_port():
    """One that is nobody's now, and the page's own over its restarts."""
    with socket.create_server(('127.0.0.1', 0)) as one:
        return one.getsockname()[1]


@pytest.fixture
def installed(tree, key, tmp_path, domain):
    """What tools/install.sh lays out, started as the service's unit starts it."""
    root = tmp_path / 'root'
    command = ('sh', 'tools/install.sh', f'{key}.pub')
    environment = dict(os.environ, DESTDIR=str(root), TREE=str(tree))
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True, timeout=120)
    state = root / 'var/lib/ros2_ccs'
    words = [
        root / 'usr/local/lib/ros2_ccs/keeper.py',
        state / 'releases',
        state,
        root / 'etc/ros2_ccs/page.yaml',
        *('address:=127.0.0.1', f'port:={free_port()}'),
        f'update_key:={root}/etc/ros2_ccs/release.pub',
    ]
    page = Page(state, command=[sys.executable, *map(str, words)])
    page.set_password()
    yield page
    assert page.end() == 0


def settles(page):
    """Wait until a page that has just started may count on having heard of every session."""
    page.wait_until(lambda: page.healthy() and not page.told('/api/live')['busy'])


def update(page, bundle):
    """From the command line."""
    settles(page)
    command = ('ros2', 'run', 'plc_web', 'update', '--state', str(page.state), str(bundle))
    return subprocess.run(command, capture_output=True, text=True, timeout=400)


def version(page):
    try:
        return page.told('/api/update')['version']
    except (OSError, AssertionError):
        return ''


def test_a_bundle_is_installed_from_the_command_line_and_a_broken_one_is_taken_back(
    installed, bundles
):
    assert version(installed) == '0.1.0'
    for name, sentence in (
        ('unsigned', 'no signed release bundle'),
        ('tampered', 'signature does not fit'),
        ('truncated', 'signature does not fit'),
        ('foreign', 'signature does not fit'),
        ('untestable', 'a part is missing'),
    ):
        done = update(installed, bundles[name])
        assert done.returncode == 1 and sentence in done.stderr, (name, done.stderr)
        assert version(installed) == '0.1.0'
        assert installed.told('/api/update')['installed'] == ['0.1.0']

    done = update(installed, bundles['good'])
    assert (done.returncode, done.stdout) == (0, '1.1 runs\n'), done.stderr
    assert version(installed) == '1.1'

    done = update(installed, bundles['broken'])
    assert done.returncode == 1
    assert '1.3 was taken back, 1.1 runs again: it ended with status 3' in done.stdout
    assert version(installed) == '1.1'

    again = update(installed, bundles['good'])
    assert again.returncode == 1 and '1.1 is what runs here' in again.stderr


def upload(one, page, bundle):
    settles(page)
    one.get(page.url + '/update')
    WebDriverWait(one, 30).until(lambda b: b.find_element(By.ID, 'drop').is_displayed())
    one.find_element(By.ID, 'file').send_keys(str(bundle))


def log_in(one, page):
    one.get(page.url + '/login')
    one.find_element(By.NAME, 'password').send_keys(PASSWORD + '\n')
    WebDriverWait(one, 30).until(lambda b: b.find_elements(By.ID, 'graph-state'))


def comes_back(one, page, sentence):
    """The page of the release that runs in the end wants a login, and tells how it went."""
    WebDriverWait(one, 120).until(lambda b: b.current_url.endswith('/login'))
    page.wait_until(lambda: (page.told('/api/update')['last'] or {}).get('sentence') == sentence)
    page.wait_until(page.healthy)
    log_in(one, page)
    one.get(page.url + '/update')
    WebDriverWait(one, 30).until(lambda b: b.find_element(By.ID, 'last').text == sentence)


def test_the_same_in_a_browser_with_a_progress_bar(installed, bundles):
    with browser() as one:
        log_in(one, installed)
        for name in ('unsigned', 'tampered', 'truncated'):
            upload(one, installed, bundles[name])
            refused = one.find_element(By.ID, 'refused')
            WebDriverWait(one, 60).until(lambda _, told=refused: told.is_displayed())
            assert 'sign' in refused.text
        upload(one, installed, bundles['good'])
        seen = set()
        bar, step = one.find_element(By.ID, 'bar'), one.find_element(By.ID, 'step')

        def watched(_):
            seen.add((step.text, bar.get_property('value')))
            return step.text.startswith('Waiting')

        WebDriverWait(one, 120, poll_frequency=0.1).until(watched)
        assert len({value for _, value in seen}) >= 2
        comes_back(one, installed, '1.1 runs')
        upload(one, installed, bundles['broken'])
        end = '1.3 was taken back, 1.1 runs again: it ended with status 3'
        comes_back(one, installed, end)
