# SPDX-License-Identifier: Apache-2.0
"""Syslog over a real UDP socket: RFC 5424, to one host, never by the charging interface."""

from datetime import datetime
import logging
import re
import socket

import pytest

from plc_log.syslog import BadHost, Handler, OnChargingInterface, endpoint

# RFC 5424, 6: HEADER SP STRUCTURED-DATA SP MSG, with its limits.
RFC5424 = re.compile(
    r'<(?P<pri>\d{1,3})>1 (?P<time>\S+) (?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48})'
    r' (?P<pid>[!-~]{1,128}) (?P<msgid>[!-~]{1,32}) - \ufeff(?P<text>.*)'
)
LOCAL0 = 16


@pytest.fixture(params=[('127.0.0.1', socket.AF_INET), ('::1', socket.AF_INET6)])
def server(request):
    host, family = request.param
    with socket.socket(family, socket.SOCK_DGRAM) as listening:
        listening.bind((host, 0))
        listening.settimeout(5.0)
        yield listening


def record(text, level=logging.INFO, msgid='CHARGE_LOOP'):
    values = {'levelno': level, 'levelname': logging.getLevelName(level), 'msg': text}
    return logging.makeLogRecord({**values, 'msgid': msgid})


def address(server):
    return server.getsockname()[:2]


@pytest.mark.parametrize(('level', 'severity'), [(logging.INFO, 6), (logging.ERROR, 3)])
def test_a_stage_arrives_as_rfc_5424(server, level, severity):
    handler = Handler(address(server), lambda: {'eth77'})
    handler.emit(record('pev CHARGE_LOOP\nµ', level))
    handler.close()
    got = RFC5424.fullmatch(server.recv(2048).decode())
    assert int(got['pri']) == LOCAL0 * 8 + severity
    assert datetime.fromisoformat(got['time']).utcoffset().total_seconds() == 0
    assert (got['app'], got['msgid']) == ('ros2_ccs', 'CHARGE_LOOP')
    assert got['text'] == 'pev CHARGE_LOOP µ'
    assert handler.failure is None


def test_nothing_leaves_by_the_charging_interface(server):
    handler = Handler(address(server), lambda: {'lo'})
    handler.emit(record('pev SLAC'))
    assert isinstance(handler.failure, OnChargingInterface)
    assert str(handler.failure).endswith('is reached by lo, which is for charging')
    server.settimeout(0.2)
    with pytest.raises(TimeoutError):
        server.recv(2048)
    handler.close()


def test_a_network_of_the_simulation_is_not_this_machines(server):
    handler = Handler(address(server), lambda: {'lo@sim'})
    handler.emit(record('pev SLAC'))
    assert server.recv(2048)
    handler.close()


def test_a_host_that_cannot_be_reached_ends_nothing():
    handler = Handler(('240.0.0.1', 514), set)
    handler.emit(record('pev SLAC'))
    handler.close()
    assert handler.failure is None or isinstance(handler.failure, OSError)


@pytest.mark.parametrize(
    ('text', 'told'),
    [
        ('10.0.0.1', ('10.0.0.1', 514)),
        ('log.example.org:5514', ('log.example.org', 5514)),
        ('[fe80::1%eth0]:99', ('fe80::1%eth0', 99)),
        ('[::1]', ('::1', 514)),
    ],
)
def test_servers_are_read(text, told):
    assert endpoint(text) == told


@pytest.mark.parametrize('text', ['', 'a b', 'x:y', '::1', 'host:'])
def test_what_is_no_server_is_a_sentence(text):
    with pytest.raises(BadHost, match='is no HOST or HOST:PORT'):
        endpoint(text)


@pytest.mark.parametrize('text', ['255.255.255.255', '224.0.0.1:514', '[ff02::1]'])
def test_everybody_is_no_server(text):
    with pytest.raises(BadHost, match='syslog goes to one host'):
        endpoint(text)
