# SPDX-License-Identifier: Apache-2.0
"""WiFi by nmcli, played by a script that keeps what it was called with."""

import asyncio
import json

import pytest

from plc_web.computer import Computer, Failed
from plc_web.wifi import SETUP, Wifi

NMCLI = r"""#!/usr/bin/env python3
import json, pathlib, sys
here = pathlib.Path(sys.argv[0]).parent
words = sys.argv[1:]
given = sys.stdin.read() if '--ask' in words else ''
with (here / 'calls').open('a') as out:
    out.write(json.dumps([words, given]) + '\n')
told = json.loads((here / 'told.json').read_text())
for key, (status, text) in told.items():
    if key in ' '.join(words):
        (sys.stderr if status else sys.stdout).write(text)
        sys.exit(status)
"""
RUNS = {
    'RUNNING': [0, 'running\n'],
    'DEVICE,TYPE': [0, 'lo:loopback\nwlan0:wifi\n'],
    'NAME,TYPE': [0, 'Home\\: 2:802-11-wireless\nEthernet:802-3-ethernet\n'],
    'IN-USE': [0, ' :Caf\\:e:40:WPA2\n*:Home:70:WPA2\n :Caf\\:e:55:WPA2\n ::90:\n :Open:20:\n'],
}


class Nmcli:
    def __init__(self, folder):
        self._folder = folder
        (folder / 'nmcli').write_text(NMCLI)
        (folder / 'nmcli').chmod(0o755)
        self.tells(RUNS)

    def tells(self, told):
        (self._folder / 'told.json').write_text(json.dumps(told))

    @property
    def calls(self):
        file = self._folder / 'calls'
        return (
            [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        )


@pytest.fixture
def nmcli(tmp_path, monkeypatch):
    (tmp_path / 'bin').mkdir()
    monkeypatch.setenv('PATH', f'{tmp_path}/bin:/usr/bin:/bin')
    return Nmcli(tmp_path / 'bin')


@pytest.fixture
def wifi(tmp_path):
    return Wifi(tmp_path)


def test_networks_are_told_once_the_joined_first_then_by_strength(nmcli, wifi):
    found = asyncio.run(wifi.networks())
    assert [(one['ssid'], one['signal'], one['joined']) for one in found] == [
        ('Home', 70, True), ('Caf:e', 55, False), ('Open', 20, False),
    ]  # fmt: skip


def test_a_name_may_end_in_a_backslash_and_one_that_tears_its_row_hides_no_other(nmcli, wifi):
    rows = ' :odd\\\\:40:WPA2\n :a\nb:50:\n :c\n:d:e:\n*:Home:70:WPA2\n'
    names = 'odd\\\\:802-11-wireless\na\nb:802-11-wireless:\n'
    nmcli.tells(RUNS | {'IN-USE': [0, rows], 'NAME,TYPE': [0, names]})
    assert [one['ssid'] for one in asyncio.run(wifi.networks())] == ['Home', 'odd\\', 'd']
    assert asyncio.run(wifi.known()) == ['odd\\']


def test_a_key_goes_by_standard_input_and_stands_in_no_command(nmcli, wifi):
    asyncio.run(wifi.join('Caf:e', 'a secret key'))
    ((words, given),) = nmcli.calls
    assert words[-2:] == ['connect', 'Caf:e'] and given == 'a secret key\n'


def test_where_nothing_is_known_an_access_point_opens_whose_key_is_in_no_command(nmcli, wifi):
    nmcli.tells(RUNS | {'NAME,TYPE': [0, 'Ethernet:802-3-ethernet\n']})
    assert asyncio.run(wifi.open_if_nothing_is_known())
    said = json.dumps(nmcli.calls)
    assert '"ap"' in said and 'wpa-psk' in said and SETUP in said
    assert len(wifi.key()) == 12 and wifi.key() not in said
    assert nmcli.calls[-1][0][-2] == 'passwd-file'


def test_where_a_network_is_known_none_opens(nmcli, wifi):
    assert not asyncio.run(wifi.open_if_nothing_is_known())
    assert 'ap' not in json.dumps(nmcli.calls)


def test_reset_forgets_every_network_and_opens_the_access_point(nmcli, wifi):
    asyncio.run(wifi.reset())
    words = [call for call, _ in nmcli.calls]
    assert ['connection', 'delete', 'id', 'Home: 2'] in words
    assert words[-1][:3] == ['connection', 'up', SETUP]


def test_what_networkmanager_says_is_told(nmcli, wifi):
    nmcli.tells({'connect': [4, 'Error: Secrets were required.\n']})
    with pytest.raises(Failed, match='Secrets were required'):
        asyncio.run(wifi.join('Home', 'wrong key'))


@pytest.mark.parametrize(('told', 'sentence'), [
    ({'RUNNING': [0, 'not running\n']}, 'does not run'),
    ({'RUNNING': [1, 'Error: no.\n']}, 'does not answer: Error: no.'),
    (RUNS | {'DEVICE,TYPE': [0, 'lo:loopback\n']}, 'no WiFi'),
])  # fmt: skip
def test_why_there_is_none_is_a_sentence(nmcli, wifi, told, sentence):
    nmcli.tells(told)
    assert sentence in asyncio.run(wifi.why_not())


def test_without_networkmanager_the_page_says_so(wifi, tmp_path, monkeypatch):
    monkeypatch.setenv('PATH', str(tmp_path))
    assert 'not installed' in asyncio.run(wifi.why_not())


def test_reboot_asks_logind_and_tells_its_refusal(tmp_path, monkeypatch):
    script = tmp_path / 'busctl'
    script.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\necho no way >&2\nexit 1\n')
    script.chmod(0o755)
    monkeypatch.setenv('PATH', f'{tmp_path}:/bin')
    with pytest.raises(Failed, match='no way'):
        asyncio.run(Computer().reboot())
    assert 'org.freedesktop.login1.Manager Reboot b false' in (tmp_path / 'called').read_text()
