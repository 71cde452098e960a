# SPDX-License-Identifier: Apache-2.0
"""The bag of a whole simulated charge, looked at by every verb."""

from pathlib import Path
import shutil
import subprocess

import duckdb
import pytest

from plc_log.bag.decoded import Bag
from plc_log.events import Side
from plc_log.facts import facts_of
from plc_log.recording import read


def ran(*arguments, status=0):
    """What `ros2 run plc_log` prints."""
    command = ['ros2', 'run', 'plc_log', *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (status, '')
    return done.stdout


@pytest.fixture
def charge(start, network, tmp_path):
    """The bag of one charge."""
    bag = tmp_path / 'bag'
    launch = start(
        'ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}', 'speed:=60',
        'exit_when_done:=true', 'record:=true', f'bag:={bag}',
    )  # fmt: skip
    assert launch.end() == 0, launch.output
    return next(file.parent for file in sorted(tmp_path.rglob('*.mcap')))


def test_bag_of_a_simulated_charge_is_looked_at_by_every_verb(charge, tmp_path):
    text = ran('timeline', charge)
    for word in ('── CABLE_CHECK ──', 'CM_SLAC_MATCH.CNF', 'SDP response', 'SessionStopRes'):
        assert word in text
    assert text.rstrip().endswith('| 0 |')  # octets undecoded
    page = Path(ran('report', '-o', tmp_path, charge).strip())
    assert 'A finished charge' in page.read_text()
    assert 'FINISHED' in ran('compare', charge, charge)
    looked_at_from_both_sides(charge)
    exported_and_imported(charge, tmp_path)
    holds_each_datagram(charge, tmp_path / 'x.pcapng')


def looked_at_from_both_sides(bag):
    vehicle, charger = (facts_of(read(bag, side)) for side in (Side.VEHICLE, Side.CHARGER))
    assert vehicle.outcome == charger.outcome == 'FINISHED'
    assert vehicle.recording.counts.v2g == charger.recording.counts.v2g > 100
    assert vehicle.charger_mac == charger.charger_mac
    assert [one.text for one in vehicle.findings if not one.level] == []


def exported_and_imported(bag, folder):
    recording, file = read(bag), folder / 'x.pcapng'
    counts = recording.counts
    ran('export', '-o', folder / 'x.parquet', bag)
    assert duckdb.sql(f"select count(*) from '{folder}/x.parquet'").fetchall() == [(counts.v2g,)]
    octets = sum(8 + len(event.stream) for event in recording.messages)
    told = ran('export', '-o', file, bag)
    assert f'{counts.homeplug} HomePlug, {counts.sdp} SDP, {octets} octets over TCP' in told
    ran('import', '-o', folder / 'again', file)
    assert read(folder / 'again' / 'x').counts.row()[1:] == counts.row()[1:]
    if shutil.which('tshark'):
        assert len(seen(file, 'eth.type == 0x88e1', 'frame.number')) == counts.homeplug
        assert len(seen(file, 'udp.port == 15118', 'frame.number')) == counts.sdp
        assert sum(int(size) for [size] in seen(file, 'tcp', 'tcp.len')) == octets


def holds_each_datagram(bag, file):
    """SDP is told by both sides, and exported with its times, addresses and octets."""
    told = {'/pev/sdp_log': [], '/evse/sdp_log': []}
    for one in Bag(bag).messages('/sdp_log'):
        told[one.topic].append(one.message)
    for datagrams in told.values():  # each is published by the thread in which it passed
        datagrams.sort(key=lambda one: (one.stamp.sec, one.stamp.nanosec))
    assert read(bag).counts.sdp == len(told['/pev/sdp_log']) >= 2
    assert [bytes(one.octets) for one in told['/pev/sdp_log']] == [
        bytes(one.octets) for one in told['/evse/sdp_log']
    ]
    if shutil.which('tshark'):
        columns = 'frame.time_epoch', 'ipv6.src', 'udp.srcport', 'ipv6.dst', 'udp.dstport'
        found = seen(file, 'udp.port == 15118', *columns, 'udp.payload')
        assert len(found) == len(told['/pev/sdp_log'])
        for one, (time, *ways, octets) in zip(told['/pev/sdp_log'], found, strict=True):
            assert float(time) == pytest.approx(one.stamp.sec + one.stamp.nanosec * 1e-9, abs=2e-6)
            source, destination = (f'[{host}]:{port}' for host, port in (ways[:2], ways[2:]))
            assert (one.source, one.destination) == (source, destination)
            assert bytes(one.octets) == bytes.fromhex(octets)


def seen(file, only, *columns):
    """Fields of each frame of a kind, as tshark sees them."""
    checked = ['-o', 'udp.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE']
    fields = [word for column in columns for word in ('-e', column)]
    command = ['tshark', *checked, '-r', str(file), '-Y', only, '-T', 'fields', *fields]
    lines = subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL).splitlines()
    return [line.split('\t') for line in lines]
