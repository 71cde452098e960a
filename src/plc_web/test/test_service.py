# SPDX-License-Identifier: Apache-2.0
"""The unit: what systemd itself says of it, and what it may."""

import configparser
from pathlib import Path
import re
import shutil
import subprocess

import pytest

import plc_web

UNIT = Path(plc_web.__file__).parent / 'service/ros2_ccs.service'
EXPOSED = 3.0  # of 10, as `systemd-analyze security` counts


@pytest.fixture
def analyze():
    if shutil.which('systemd-analyze') is None:
        pytest.skip('needs systemd-analyze')

    def run(*words):
        command = ('systemd-analyze', *words, str(UNIT))
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    return run


def test_systemd_has_nothing_to_say_against_the_unit(analyze):
    done = analyze('verify')
    assert (done.returncode, done.stdout, done.stderr) == (0, '', '')


def test_its_exposure_is_small(analyze):
    told = analyze('security', '--offline=yes').stdout
    found = re.search(r'Overall exposure level for \S+: ([\d.]+)', told)
    if found is None:
        pytest.skip('this systemd-analyze cannot look at a file')
    assert float(found[1]) <= EXPOSED


def test_it_has_one_capability_and_stops_as_r7_wants():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(UNIT)
    service = unit['Service']
    assert service['AmbientCapabilities'] == service['CapabilityBoundingSet'] == 'CAP_NET_RAW'
    assert (service['KillMode'], service['KillSignal']) == ('mixed', 'SIGINT')
    assert service['NoNewPrivileges'] == 'yes' and service['StateDirectory'] == 'ros2_ccs'
    assert 'network-online' not in UNIT.read_text()  # it waits for no network
