# SPDX-License-Identifier: Apache-2.0
"""How a page starts: where it listens, and what a user did wrong."""

import subprocess

from page_process import SERVE, Page
import pytest
import requests


def test_without_a_password_the_page_is_for_this_computer_alone(tmp_path):
    page = Page(tmp_path / 'state', 'address:=0.0.0.0', ROS_DOMAIN_ID='98')
    try:
        assert '127.0.0.1' in page.url
        assert 'no password is set' in page.printed
        text = requests.get(page.url + '/login').text
        assert 'plc_web password' in text
        answer = requests.post(
            page.url + '/login', data={'password': ''}, headers={'Origin': page.url}
        )
        assert 'ccs_session' not in answer.cookies
    finally:
        assert page.end() == 0


@pytest.mark.parametrize(('parameter', 'sentence'), [
    ('port:=99999999', 'port'),
    ('address:=nowhere.invalid', 'cannot listen at nowhere.invalid'),
    ('launch:=other.launch.py', 'launch'),
    ('certificate:=/nowhere.pem', '/nowhere.pem cannot be read'),
])  # fmt: skip
def test_what_cannot_be_is_one_sentence(tmp_path, parameter, sentence):
    command = (SERVE, '--ros-args', '-p', f'state:={tmp_path}', '-p', parameter)
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 78
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith('serve: ') and sentence in last and 'Traceback' not in done.stderr
