# SPDX-License-Identifier: Apache-2.0
"""A simulated network is there for its user, and leaves nothing behind."""

from contextlib import contextmanager
import os
from pathlib import Path
import select
import signal
import socket
import subprocess
import sys

import pytest

from plc_kit.interface import Interface, NoSuchInterface
from plc_kit.network import (
    Network,
    NetworkUnavailable,
    address,
    claim_line,
    open_socket,
    open_tap,
)

HOMEPLUG = 0x88E1
FRAME = bytes.fromhex('ffffffffffff 027065760001 88e1') + bytes(46)


def packet_socket(interface):
    opened = interface.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(HOMEPLUG))
    opened.bind((interface.name, HOMEPLUG))
    opened.settimeout(5)
    return opened


def test_a_frame_into_one_end_of_a_pair_comes_out_of_the_other(network):
    host = Interface('pev', network.name)
    modem = Interface('pev-modem', network.name)
    with packet_socket(host) as sender, packet_socket(modem) as receiver:
        sender.send(FRAME)
        assert receiver.recv(2000) == FRAME


def test_an_interface_tells_what_sockets_need_of_it(network):
    pev = Interface.parse(f'pev@{network.name}')
    assert pev.mac.hex(':') == '02:70:65:76:00:01'
    assert pev.index > 1
    assert pev.link_local() == 'fe80::70:65ff:fe76:1'
    assert pev.carrier()
    assert not pev.has_ipv4()
    assert pev.quieten() == []
    assert Interface('pev-modem', network.name).link_local() is None


def test_files_of_the_folder_it_is_started_in_are_not_its_modules(network, tmp_path, monkeypatch):
    (tmp_path / 'ctypes.py').write_text('raise SystemExit("not yours")\n')
    monkeypatch.chdir(tmp_path)
    with Network(f'{network.name}-here', [('pev', '02:70:65:76:00:01')]) as here:
        assert Interface('pev', here.name).carrier()


def test_a_neighbour_is_known_by_its_mac_once_it_was_asked(network):
    pev = Interface.parse(f'pev@{network.name}')
    assert pev.neighbour_mac('fe80::1') is None


@pytest.mark.parametrize('end', ['pev', 'evse'])
def test_line_13_the_way_into_a_computers_end_leads_there_and_not_to_the_line(network, end):
    command = [*network.enter(end).split(), 'ip', '-o', 'link', 'show']
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = {row.split(': ')[1].partition('@')[0] for row in shown.splitlines()}
    assert names - {'lo', 'sit0', 'ip6tnl0'} == {end}


def test_the_own_network_answers_the_same_questions():
    lo = Interface.parse('lo')
    assert lo.index == 1
    assert lo.has_ipv4()
    assert lo.link_local() is None


@pytest.mark.parametrize(
    'text', ['', 'a b', 'pev@', '@sim', 'sixteen-letters-', 'a/b', 'x@y@z', 'b\udcff', 'ä']
)
def test_text_that_names_no_interface_is_refused_in_one_sentence(text):
    with pytest.raises(NoSuchInterface, match='NAME@NETWORK'):
        Interface.parse(text)


def test_an_interface_that_is_not_there_is_named(network):
    with pytest.raises(NoSuchInterface, match='there is no interface nobody0'):
        _ = Interface.parse('nobody0').index
    with pytest.raises(NoSuchInterface, match='no interface nobody0@test'):
        _ = Interface('nobody0', network.name).mac


def test_a_second_network_of_the_same_name_is_refused_in_one_sentence(network):
    with pytest.raises(NetworkUnavailable, match=r'runs already; .* another ROS_DOMAIN_ID$'):
        Network(network.name, [])


def test_desk_8_each_user_has_networks_of_his_own(network, monkeypatch):
    mine = address(network.name)
    monkeypatch.setattr(os, 'getuid', lambda: 4711)
    assert address(network.name) != mine
    with pytest.raises(NetworkUnavailable, match='runs under this user'):
        open_socket(network.name, 'pev', socket.AF_INET, socket.SOCK_DGRAM)
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(address(network.name))
        stranger.listen()
        with pytest.raises(NetworkUnavailable, match='another user stands for a network'):
            open_socket(network.name, 'pev', socket.AF_INET, socket.SOCK_DGRAM)


def test_desk_8_a_domain_has_the_simulated_lines_of_one_user(monkeypatch):
    domain = os.getpid()  # of no other test
    with claim_line(domain), claim_line(domain):
        monkeypatch.setattr(os, 'getuid', lambda: 4711)
        with pytest.raises(NetworkUnavailable, match=r'another user.*another ROS_DOMAIN_ID'):
            claim_line(domain)
        claim_line(domain + 1).close()
    claim_line(domain).close()


def test_a_network_that_is_not_there_is_named():
    with pytest.raises(NetworkUnavailable, match='nowhere'):
        Interface.parse('pev@nowhere').socket(socket.AF_INET6, socket.SOCK_DGRAM)


def test_a_socket_the_kernel_refuses_raises_as_it_would_at_home(network):
    with pytest.raises(OSError, match='not supported'):
        open_socket(network.name, 'pev', 12345, socket.SOCK_DGRAM)


def test_a_client_that_says_nothing_does_not_keep_others_out(network):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(address(network.name))
        silent.close()
        assert Interface('pev', network.name).index


def test_the_network_is_gone_when_its_owner_is_killed():
    program = (
        'import time; from plc_kit.network import Network; '
        f'n = Network("orphan-{os.getpid()}", []); print(n.pid, flush=True); time.sleep(60)'
    )
    owner = subprocess.Popen([sys.executable, '-c', program], stdout=subprocess.PIPE, text=True)
    child = owner.stdout.readline().strip()
    if not child:
        pytest.skip('no simulated network can be made here')
    watched = os.pidfd_open(int(child))
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    assert select.select([watched], [], [], 5)[0], 'the child outlived its owner'
    os.close(watched)
    owner.stdout.close()
    with pytest.raises(NetworkUnavailable):
        open_socket(f'orphan-{os.getpid()}', 'pev', socket.AF_INET6, socket.SOCK_DGRAM)
    assert not Path(f'/proc/{child}/net/dev').exists()


@contextmanager
def tap(network):
    """A TAP in the place of pev's end."""
    try:
        device = open_tap(network.name, 'pev')
    except (PermissionError, FileNotFoundError) as error:
        pytest.skip(f'no TAP interface can be made here: /dev/net/tun: {error.strerror}')
    yield device
    os.close(device)


def test_a_tap_takes_the_place_of_an_end_with_its_address_and_the_kernel_speaks_there(network):
    pev, wire = Interface('pev', network.name), Interface('pev-wire', network.name)
    with tap(network) as device:
        assert pev.mac.hex(':') == wire.mac.hex(':') == '02:70:65:76:00:01'
        assert (pev.link_local(), wire.link_local()) == ('fe80::70:65ff:fe76:1', None)
        with pev.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
            udp.sendto(b'hello', ('ff02::1', 15118, 0, pev.index))
        frame = b''
        while not frame.endswith(b'hello'):
            frame = os.read(device, 2000)
        assert frame[6:14] == bytes.fromhex('02706576000186dd')


def test_the_wire_behind_a_tap_still_ends_at_the_line(network):
    modem = Interface('pev-modem', network.name)
    with tap(network), packet_socket(modem) as receiver:
        with packet_socket(Interface('pev-wire', network.name)) as sender:
            sender.send(FRAME)
        assert receiver.recv(2000) == FRAME


def test_a_tap_belongs_to_one_and_to_the_next_once_that_one_is_gone(network):
    with tap(network), pytest.raises(OSError, match='busy'):
        open_tap(network.name, 'pev')
    with tap(network):
        assert Interface('pev', network.name).link_local() is not None


def test_only_a_computers_end_can_become_a_tap(network):
    with tap(network), pytest.raises(OSError, match='not supported'):
        open_tap(network.name, 'nosuch')
