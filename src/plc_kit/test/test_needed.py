# SPDX-License-Identifier: Apache-2.0
"""Which interfaces this computer needs, so that nobody is advised to cut them off (R25)."""

import os
import socket
import subprocess
import sys

import pytest

from plc_kit import needed
from plc_kit.interface import Interface

ROUTE = 'Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n'
OTHER = 'eth0 0001A8C0 00000000 0001 0 0 100 00FFFFFF 0 0 0\n'
DEFAULT = 'eth0 00000000 0101A8C0 0003 0 0 100 00000000 0 0 0\n'
HALF = 'eth0 00000000 0101A8C0 0003 0 0 100 00000080 0 0 0\n'
ZERO = '0' * 32
DEFAULT_6 = f'{ZERO} 00 {ZERO} 00 {ZERO} 00000400 1 0 3 eth0\n'
NOWHERE = DEFAULT_6.replace('0 3 eth0', '0 00200200 eth0')
LINK_LOCAL = f'fe80{"0" * 28} 40 {ZERO} 00 {ZERO} 00000100 1 0 1 eth0\n'
TCP = '  sl  local_address rem_address   st\n'
SSH = '   0: 0201A8C0:0016 0901A8C0:C350 01 0 0\n'
LISTENS = '   0: 0201A8C0:0016 00000000:0000 0A 0 0\n'


@pytest.fixture
def computer(tmp_path, monkeypatch):
    """A computer whose eth0 has 192.168.1.2, as its kernel tells of it."""
    monkeypatch.setattr(needed, '_PROC', tmp_path)
    monkeypatch.setattr(needed, '_SYS', tmp_path / 'class')

    def asked(name, upper='', **tables):
        for table, text in tables.items():
            (tmp_path / table).write_text(text)
        if upper:
            (tmp_path / 'class' / name / f'upper_{upper}').mkdir(parents=True)
        return needed.needed_for(name, lambda address: name == 'eth0' and address == '192.168.1.2')

    return asked


@pytest.mark.parametrize('tables', [{'route': ROUTE + OTHER + DEFAULT}, {'ipv6_route': DEFAULT_6}])
def test_desk_8_the_default_route_is_needed(computer, tables):
    assert computer('eth0', **tables) == 'the default route of this computer goes through it'
    assert computer('eth1') == ''


def test_desk_8_a_connection_of_who_is_logged_in_is_needed(computer):
    told = 'a connection of this computer to 192.168.1.9 goes through it'
    assert computer('eth0', tcp=TCP + SSH) == told
    assert computer('eth1') == ''


def test_desk_8_what_a_bridge_is_built_upon_is_needed(computer):
    assert computer('eth0', upper='br0') == 'br0 is built upon it'


def test_an_interface_for_charging_is_needed_for_nothing_else(computer):
    assert computer('eth0') == ''
    tables = {
        'route': ROUTE + OTHER + HALF,
        'ipv6_route': LINK_LOCAL + NOWHERE,
        'tcp': TCP + LISTENS,
    }
    assert computer('eth0', **tables) == ''


def test_desk_8_nothing_is_set_at_lo_and_nobody_is_advised_to(monkeypatch):
    monkeypatch.setattr('plc_kit.interface._set', lambda *_: pytest.fail('it was set'))
    lo = Interface.parse('lo')
    assert lo.quieten() == lo.loud()
    told = lo.advised('sudo ip -4 addr flush dev lo')
    assert told.startswith('this computer talks to itself') and 'sudo' not in told


def test_desk_8_the_kernel_tells_so_of_a_connection_that_lives():
    here = '127.0.0.1'
    with socket.create_server((here, 0)) as server, socket.create_connection(server.getsockname()):
        assert here in needed.needed_for('lo', lambda address: address == here)


def test_desk_8_the_kernel_tells_so_of_a_default_route():
    script = (
        'from plc_kit.interface import Interface as I; print(I("d0").needed_for(), end=" | ");'
        'import os; os.system("ip route add default dev d0"); print(I("d0").needed_for())'
    )
    made = 'ip link add d0 type veth peer name d1 && ip link set d0 up'
    made += ' && ip address add 192.0.2.1/24 dev d0'
    command = ('unshare', '-rn', 'sh', '-c', f'{made} && exec "$0" -c "$1"', sys.executable)
    done = subprocess.run((*command, script), capture_output=True, text=True, env=os.environ)
    assert done.stdout == ' | the default route of this computer goes through it\n', done.stderr
