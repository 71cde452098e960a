# SPDX-License-Identifier: Apache-2.0
"""What is exported is what was recorded: Wireshark counts it, DuckDB reads it."""

import shutil
import subprocess

from charge_frames import NID, NMK, whole_charge
import duckdb
import pytest

from plc_log import export, import_, pcapng
from plc_log.capture import Capture, Frame
from plc_log.recording import read

tshark = pytest.mark.skipif(not shutil.which('tshark'), reason='tshark is not installed')


def exported(path, target, *arguments):
    assert export.main(['-o', str(target), *arguments, str(path)]) == 0
    return target


def fields(path, name, only):
    """A field of every frame that a filter of tshark lets through."""
    checked = ('-o', 'tcp.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE')
    command = ['tshark', *checked, '-r', str(path), '-Y', only, '-T', 'fields', '-e', name]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return found.stdout.splitlines()


def counted(path):
    """HomePlug frames, SDP datagrams and octets over TCP, as tshark sees them."""
    return (
        len(fields(path, 'frame.number', 'eth.type == 0x88e1')),
        len(fields(path, 'frame.number', 'udp.port == 15118')),
        sum(map(int, fields(path, 'tcp.len', 'tcp'))),
    )


@tshark
def test_tshark_counts_what_a_capture_holds(capture, tmp_path):
    assert counted(exported(capture, tmp_path / 'x.pcapng')) == counted(capture)


@tshark
def test_tshark_counts_in_the_export_of_a_bag_what_its_session_was(capture, bag, tmp_path):
    assert counted(exported(bag, tmp_path / 'x.pcapng')) == counted(capture)


@tshark
@pytest.mark.parametrize(
    'pattern', ['spi_ioniq_*', '2022-12-13_*', '2025-07-22_*', '2023-05-*Left*']
)
def test_tshark_counts_of_real_sessions(captures, tmp_path, pattern):
    [path] = captures.glob(pattern)
    assert counted(exported(path, tmp_path / 'x.pcapng')) == counted(path)
    assert import_.main(['-o', str(tmp_path), str(path)]) == 0
    counts = read(path).counts
    homeplug, sdp, octets = counted(
        exported(tmp_path / path.name.removesuffix(path.suffix), tmp_path / 'y.pcapng')
    )
    spoken = sum(8 + len(event.stream) for event in read(path).messages)
    assert (homeplug, sdp, octets) == (counts.homeplug, counts.sdp, spoken)


@tshark
def test_tcp_that_is_made_for_a_bag_has_nothing_wrong(bag, tmp_path):
    path = exported(bag, tmp_path / 'x.pcapng')
    assert fields(path, 'frame.number', 'tcp.analysis.flags || tcp.checksum.status == 0') == []
    assert fields(path, 'frame.number', 'tcp.flags.fin == 1')


def test_frames_keep_their_times_to_the_microsecond(capture, tmp_path):
    path = exported(capture, tmp_path / 'x.pcapng')
    before, after = list(Capture(capture)), list(Capture(path))
    assert [round(f.time * 1e6) for f in after] == [round(f.time * 1e6) for f in before]


def test_a_frame_that_a_damaged_bag_has_before_1970_is_written_at_its_beginning(tmp_path):
    written = pcapng.write(tmp_path / 'past.pcapng', [Frame(-2142314104.5, bytes(60))])
    assert written.frames == 1
    assert [frame.time for frame in Capture(tmp_path / 'past.pcapng')] == [0.0]


def test_every_message_is_a_comment(bag, tmp_path):
    octets = exported(bag, tmp_path / 'x.pcapng').read_bytes()
    assert b'CurrentDemandReq: SoC 50 %, target 100 A 420 V' in octets
    assert b'CM_ATTEN_CHAR.IND: ' in octets


def test_keys_are_replaced(tmp_path):
    from plc_log import pcapng

    raw = tmp_path / 'raw.pcapng'
    pcapng.write(raw, whole_charge().frames)
    assert NMK in raw.read_bytes()
    octets = exported(raw, tmp_path / 'x.pcapng').read_bytes()
    assert NMK not in octets
    assert NID not in octets


@pytest.mark.parametrize('kind', ['csv', 'parquet'])
def test_table_has_every_message_with_its_values(bag, tmp_path, kind):
    path = exported(bag, tmp_path / f'x.{kind}')
    query = f"""select count(*), max("DC_EVStatus.EVRESSSOC"), max("EVSEPresentVoltage_V")
        from '{path}' where stage = 'CHARGE_LOOP'"""
    assert duckdb.sql(query).fetchall() == [(200, 59, 400.0)]


def test_table_of_events_has_frames_too(bag, tmp_path):
    path = exported(bag, tmp_path / 'x.parquet', '--table', 'events')
    query = f"select kind, count(*) from '{path}' group by kind order by kind"
    assert dict(duckdb.sql(query).fetchall())['SLAC'] == 19


def test_session_without_messages_is_an_empty_table(recorded, tmp_path):
    charge = whole_charge()
    charge.frames = charge.frames[:5]
    path = exported(recorded(charge), tmp_path / 'x.csv')
    assert path.read_text().splitlines() == ['"time_s","utc","stage","side","message"']


def test_capture_is_not_written_over_itself(capture, capsys):
    octets = capture.read_bytes()
    assert export.main(['-o', str(capture.parent), str(capture)]) == 2
    assert 'would be written over itself' in capsys.readouterr().err
    assert capture.read_bytes() == octets


def test_several_files_want_a_folder(capture, tmp_path, capsys):
    assert export.main(['-o', str(tmp_path / 'x.csv'), str(capture), str(capture)]) == 2
    assert 'need a folder' in capsys.readouterr().err


def test_recordings_of_the_same_name_get_files_of_their_own(capture, bag, tmp_path):
    assert (
        export.main(['-o', str(tmp_path / 'out'), '--format', 'csv', str(capture), str(bag)]) == 0
    )
    assert {file.name for file in (tmp_path / 'out').iterdir()} == {'charge.csv', 'charge-2.csv'}


def test_unknown_ending_is_one_sentence(capture, tmp_path, capsys):
    assert export.main(['-o', str(tmp_path / 'x.doc'), str(capture)]) == 2
    assert capsys.readouterr().err == 'export: .doc is none of pcapng, csv, parquet\n'
