# SPDX-License-Identifier: Apache-2.0
"""The command: real sessions to the last octet, and files that are none."""

import gzip
import re
import time

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.utils import wrpcap, wrpcapng

from plc_log.timeline import main
from v2g.exi import encode
from v2g.schema import din, sap
from v2g.sdp import SdpRequest
from v2g.v2gtp import EXI, V2gtp

ROWS = {
    '2022-11-17_Dehner_Alpitronic_until_SdpRequest': (29, 25, 20, 1, 0),
    '2022-11-25_v0.2_ABB_until_ChargeParamDiscovery': (488, 214, 21, 2, 9),
    '2022-12-13_compleo_with_bulb': (880, 83, 22, 3, 98),
    '2023-03-02_SuperCharger_CableCheck_error': (3398, 338, 99, 3, 212),
    '2023-05-03_TaycanLeftside_slacFail': (28, 14, 12, 0, 0),
    '2023-05-03_TaycanRightside_slacFail': (54, 30, 26, 0, 0),
    '2024-04-20_ModelY_pyPLC_stop_in_precharge': (589, 86, 29, 2, 274),
    '2024-06-18_*_polestar2_*': (1223, 51, 39, 2, 186),
    '2025-07-22_pyPLC_with_tesla_model_x_plaid_until_charging_loop': (2601, 249, 239, 2, 447),
    'spi_ioniq_*_ok.csv': (1751, 45, 21, 2, 1120),
}
NOTHING = (0, 0, 0, 0, 0, 0)


def last_row(text):
    return tuple(map(int, text.rstrip().splitlines()[-1].strip('| ').split(' | ')[1:]))


def found(captures, pattern):
    [path] = captures.glob(f'{pattern}.pcap*')
    return path


@pytest.mark.parametrize(('pattern', 'row'), ROWS.items())
def test_real_session_is_read_to_the_last_octet(captures, capsys, pattern, row):
    begun = time.process_time()
    assert main([str(found(captures, pattern))]) == 0
    assert time.process_time() - begun < 3
    output = capsys.readouterr()
    assert last_row(output.out) == (*row, 0)
    assert 'malformed' not in output.out
    assert output.err == ''


def test_golden_session_tells_its_story(captures, capsys):
    main([str(found(captures, 'spi_ioniq_*_ok.csv'))])
    lines = capsys.readouterr().out.splitlines()
    order = ['CM_SLAC_MATCH.CNF', 'SDP response', 'connects', 'supportedAppProtocolReq',
             'SessionSetupRes', 'CableCheckRes', 'PreChargeRes', 'CurrentDemandRes',
             'WeldingDetectionRes', 'SessionStopRes', 'ends (FIN)']  # fmt: skip
    where = [next(n for n, line in enumerate(lines) if word in line) for word in order]
    assert where == sorted(where)
    assert any('SoC 57 %  max 200 A 98000 W 412.8 V  capacity 28000 Wh' in line for line in lines)
    stop = r'^ +\d+\.\d{6} +\+\d\.\d{3}  V2G +vehicle ─▶ +SessionStopReq$'
    assert re.search(stop, '\n'.join(lines), re.MULTILINE)
    assert lines[1].startswith('A finished charge: SoC 57 % to 58 %')
    assert any(line.startswith('── CABLE_CHECK ── 14.4 s') for line in lines)


def test_stages_alone_are_short(bag, capsys):
    assert main(['--stages', str(bag)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 30
    assert any(re.match(r' +5\.000 s  CABLE_CHECK +6\.0 s', line) for line in lines)


def test_bag_and_capture_are_told_alike(capture, bag, capsys):
    assert main([str(capture), str(bag)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if '  V2G  ' in line]
    middle = len(lines) // 2
    assert lines[:middle] == lines[middle:]


def test_keys_are_not_printed(captures, capsys):
    path = found(captures, '2022-12-13_compleo_with_bulb')
    main([str(path)])
    octets, printed = path.read_bytes(), capsys.readouterr().out
    frame_at = octets.index(bytes.fromhex('88e1 01 7d60')) - 12
    nmk = octets[frame_at + 93 : frame_at + 109]  # lesson of the field: NMK@93 of the frame
    assert len(set(nmk)) > 4
    assert nmk.hex() not in printed


@pytest.mark.parametrize(
    'octets', [b'', b'\x0a', b'no capture at all', bytes(500), gzip.compress(b'x')]
)
def test_file_that_is_no_capture_is_one_sentence(tmp_path, capsys, octets):
    path = tmp_path / 'file'
    path.write_bytes(octets)
    assert main([str(path)]) == 2
    output = capsys.readouterr()
    assert output.err == f'timeline: {path}: neither a pcap nor a pcapng file\n'
    assert output.out == ''


def test_file_that_is_not_there_is_one_sentence(tmp_path, capsys):
    assert main([str(tmp_path / 'none.pcap')]) == 2
    assert main([str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_unreadable_file_does_not_hide_the_others(tmp_path, capsys):
    wrpcap(str(tmp_path / 'good.pcap'), [Ether() / b'x'])
    assert main([str(tmp_path / 'none'), str(tmp_path / 'good.pcap')]) == 2
    assert last_row(capsys.readouterr().out) == (1, 0, 0, 0, 0, 0)


@pytest.mark.parametrize('pattern', ['2022-11-17_*', 'spi_ioniq_*', '2024-04-20_*'])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1))
def test_cut_at_any_octet_what_stands_before_is_read(captures, tmp_path, capsys, pattern, share):
    [path] = captures.glob(pattern)
    octets = path.read_bytes()
    cut = tmp_path / path.name
    cut.write_bytes(octets[: int(share * (len(octets) - 1))])
    status = main([str(cut)])
    output = capsys.readouterr()
    assert status in (0, 1, 2)
    assert len(output.err.splitlines()) == (status > 0)
    assert ('cut short' in output.err) == (status == 1)
    assert bool(output.out) == (status < 2)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3951), st.integers(0, 255)), min_size=1, max_size=30))
def test_damaged_file_never_ends_in_a_traceback(captures, tmp_path, capsys, damage):
    [path] = captures.glob('2022-11-17_*')
    octets = bytearray(path.read_bytes())
    for at, octet in damage:
        octets[at] = octet
    damaged = tmp_path / 'damaged.pcapng'
    damaged.write_bytes(octets)
    assert main([str(damaged)]) in (0, 1, 2)
    assert len(capsys.readouterr().err.splitlines()) <= 1


ETHER = Ether(src='02:00:00:00:00:01', dst='02:00:00:00:00:02')
CAR, CHARGER = ('fe80::1', 55000), ('fe80::2', 61000)
OFFER = sap.supportedAppProtocolReq(
    AppProtocol=[
        sap.AppProtocol(
            ProtocolNamespace='urn:din:70121:2012:MsgDef',
            VersionNumberMajor=2,
            VersionNumberMinor=0,
            SchemaID=3,
            Priority=1,
        )
    ]
)
AGREED = sap.supportedAppProtocolRes(
    ResponseCode=sap.ResponseCode.OK_SuccessfulNegotiation, SchemaID=3
)
STOP = din.V2G_Message(Header=din.MessageHeader(SessionID=bytes(8)), Body=din.SessionStopReq())


def v2g(schema, message):
    return bytes(V2gtp(EXI, encode(schema, message)))


def frame(source, to, sequence, octets, flags='A', ack=0):
    lower = ETHER / IPv6(src=source[0], dst=to[0])
    return lower / TCP(sport=source[1], dport=to[1], seq=sequence, ack=ack, flags=flags) / octets


def counted(tmp_path, capsys, frames, write=wrpcap):
    path = tmp_path / 'made.pcap'
    write(str(path), [Ether(bytes(one)) for one in frames])
    assert main([str(path)]) == 0
    printed = capsys.readouterr().out
    return last_row(printed), printed


@pytest.mark.parametrize('write', [wrpcap, wrpcapng])
def test_segments_out_of_order_repeated_and_split_give_each_message_once(tmp_path, capsys, write):
    offer, agreed, stop = v2g(sap, OFFER), v2g(sap, AGREED), v2g(din, STOP)
    end = 1 + len(offer)
    frames = [
        frame(CAR, CHARGER, 0, b'', 'S'),
        frame(CHARGER, CAR, 500, b'', 'SA', 1),
        frame(CAR, CHARGER, 1, offer[:5]),
        frame(CAR, CHARGER, 10, offer[9:]),
        frame(CAR, CHARGER, 6, offer[5:9]),
        frame(CAR, CHARGER, 1, offer),
        frame(CHARGER, CAR, 501, agreed, ack=end),
        frame(CAR, CHARGER, end, stop + stop),
    ]
    row, printed = counted(tmp_path, capsys, frames, write)
    assert row == (8, 0, 0, 0, 4, 0)
    assert printed.count('─▶         SessionStopReq') == 2


def test_stream_that_began_before_is_guessed(tmp_path, capsys):
    stop = v2g(din, STOP)
    row, printed = counted(
        tmp_path,
        capsys,
        [frame(CAR, CHARGER, 7, b'end of one'), frame(CAR, CHARGER, 17, stop)],
    )
    assert row == (2, 0, 0, 0, 1, len(b'end of one'))
    assert 'SessionStopReq' in printed


def test_octets_that_are_nonsense_are_counted_and_said(tmp_path, capsys):
    stop, nonsense = v2g(din, STOP), bytes(V2gtp(EXI, b'\xff' * 20))
    frames = [frame(CAR, CHARGER, 1, stop), frame(CAR, CHARGER, 1 + len(stop), nonsense)]
    row, printed = counted(tmp_path, capsys, frames)
    assert row[4:] == (2, 20)
    assert 'malformed' in printed


def test_other_peoples_traffic_is_not_ours(tmp_path, capsys):
    web = frame(('fd00::1', 80), ('fd00::2', 5000), 1, b'HTTP/1.1 200 OK')
    name = (
        ETHER
        / IPv6(src='fe80::9', dst='fe80::8')
        / UDP(sport=5353, dport=5353)
        / bytes(SdpRequest())
    )
    row, _ = counted(tmp_path, capsys, [web, name])
    assert row == (2, *NOTHING[1:])
