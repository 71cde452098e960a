# SPDX-License-Identifier: Apache-2.0
"""Where what must outlive every program is kept: with the user, and shut to others (R6)."""

import os
from pathlib import Path
import stat

import pytest

from plc_kit.claim import of_node
from plc_kit.own_folder import file_of, own_folder


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_safety_2_every_way_of_starting_finds_the_same_file(monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_STATE_HOME', str(tmp_path))
    monkeypatch.setenv('ROS_DOMAIN_ID', '7')
    assert file_of('/robot/pev/session', 'latch') == (
        tmp_path / 'ros2_ccs' / '7.robot.pev.session.latch'
    )
    monkeypatch.delenv('ROS_DOMAIN_ID')
    assert file_of('/pev/session', 'latch').name == '0.pev.session.latch'
    monkeypatch.setenv('ROS_DOMAIN_ID', '')
    assert file_of('/pev/session', 'latch').name == '0.pev.session.latch'


@pytest.mark.parametrize(
    ('told', 'number'), [('07', '7'), ('010', '8'), ('0x10', '16'), (' 7', '7')]
)
def test_safety_2_a_domain_is_the_one_that_rcl_reads(monkeypatch, tmp_path, told, number):
    monkeypatch.setenv('XDG_STATE_HOME', str(tmp_path))
    monkeypatch.setenv('ROS_DOMAIN_ID', told)
    assert file_of('/pev/session', 'latch').name == f'{number}.pev.session.latch'
    assert of_node('slac', []) == f'/slac of ROS domain {number}'


@pytest.mark.parametrize('told', ['', 'relative/folder'])
def test_without_a_state_home_it_is_in_the_users_home(monkeypatch, tmp_path, told):
    monkeypatch.setenv('XDG_STATE_HOME', told)
    monkeypatch.setenv('HOME', str(tmp_path))
    assert own_folder() == tmp_path / '.local' / 'state' / 'ros2_ccs'


def test_nobody_else_may_look_into_it(monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_STATE_HOME', str(tmp_path))
    assert mode(own_folder()) == 0o700
    own_folder().chmod(0o777)
    assert mode(own_folder()) == 0o700


def test_a_folder_of_somebody_else_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_STATE_HOME', str(tmp_path))
    own_folder()
    monkeypatch.setattr(os, 'getuid', lambda: 4711)
    with pytest.raises(PermissionError, match='another user'):
        own_folder()


def test_a_home_that_cannot_be_found_is_an_os_error(monkeypatch):
    monkeypatch.setenv('XDG_STATE_HOME', '')
    monkeypatch.setattr(Path, 'home', lambda: (_ for _ in ()).throw(RuntimeError('no home')))
    with pytest.raises(OSError, match='no home'):
        own_folder()
