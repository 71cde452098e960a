# SPDX-License-Identifier: Apache-2.0
"""Connections that bring nothing: how long they stay, and how many of them there may be."""

from contextlib import ExitStack
import socket
import threading
import time

import pytest
import requests
import uvicorn
from websockets.sync.client import connect

from plc_web import connections
from plc_web.connections import Connection

PATIENCE = 1.0  # s
LOGIN = b'POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n'
UPLOAD = LOGIN.replace(b'POST /login', b'PUT /api/update')


async def application(scope, receive, send):
    """Answer with the body, or echo what comes by a WebSocket."""
    if scope['type'] == 'websocket':
        await receive()
        await send({'type': 'websocket.accept'})
        await send({'type': 'websocket.send', 'text': (await receive())['text']})
        return
    body, more = b'', True
    while more:
        message = await receive()
        body, more = body + message.get('body', b''), message.get('more_body', False)
    await send({'type': 'http.response.start', 'status': 200, 'headers': []})
    await send({'type': 'http.response.body', 'body': body or b'nothing'})


@pytest.fixture
def port(monkeypatch):
    """Where such a server listens, to which nobody is at this computer."""
    monkeypatch.setattr(connections, '_PATIENCE', PATIENCE)
    monkeypatch.setattr(connections, '_MOST_OF_ONE', 5)
    config = uvicorn.Config(
        application, http=Connection, ws='websockets-sansio', lifespan='off', log_config=None,
        limit_concurrency=10,
    )  # fmt: skip
    server = uvicorn.Server(config)
    listening = socket.create_server(('127.0.0.1', 0))
    thread = threading.Thread(target=server.run, kwargs={'sockets': [listening]})
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def afar(monkeypatch):
    monkeypatch.setattr(connections, '_is_here', lambda host: False)


def dial(port, source='127.0.0.1', said=b''):
    one = socket.create_connection(('127.0.0.1', port), 10, (source, 0))
    one.sendall(said)
    return one


def answer(one):
    """Return all of an answer."""
    got = b''
    while not got.endswith(b'0\r\n\r\n'):
        got += one.recv(1000)
    return got


def is_open(one):
    one.setblocking(False)
    try:
        return one.recv(1) != b''
    except BlockingIOError:
        return True
    except OSError:
        return False


def lasts(one):
    """Return for how long a connection stays open."""
    began = time.monotonic()
    while is_open(one):
        assert time.monotonic() - began < 10 * PATIENCE
        time.sleep(0.02)
    return time.monotonic() - began


@pytest.mark.parametrize('said', [b'', b'GET / HT', LOGIN, LOGIN + b'password'])
def test_one_that_brings_no_whole_request_is_closed(port, said):
    with dial(port, said=said) as one:
        assert 0.5 * PATIENCE < lasts(one) < 3 * PATIENCE


def test_octets_that_come_one_by_one_gain_no_time(port):
    with dial(port) as one:
        began = time.monotonic()
        while is_open(one):
            assert time.monotonic() - began < 3 * PATIENCE
            try:
                one.send(b'G')
            except OSError:
                break
            time.sleep(0.1)


def test_a_second_request_has_no_more_time_than_the_first(port):
    with dial(port, said=LOGIN + b'password=') as one:
        assert b'password=' in answer(one)
        one.sendall(LOGIN)
        assert lasts(one) < 3 * PATIENCE


def test_a_release_may_take_longer(port):
    with dial(port, said=UPLOAD) as one:
        for _ in range(9):
            time.sleep(0.3 * PATIENCE)
            one.sendall(b'x')
        assert b'xxxxxxxxx' in answer(one)


def test_who_looks_on_is_not_closed(port, afar):
    with connect(f'ws://127.0.0.1:{port}/') as stream:
        time.sleep(2 * PATIENCE)
        stream.send('still here')
        assert stream.recv(5) == 'still here'


def test_many_of_one_address_shut_nobody_else_out(port, afar):
    with ExitStack() as stack:
        many = [stack.enter_context(dial(port)) for _ in range(30)]
        with dial(port, '127.0.0.2', LOGIN + b'password=') as other:
            assert b'200 OK' in answer(other)
        assert sum(is_open(one) for one in many) <= 5


def test_this_computer_gets_in_however_many_there_are(port):
    with ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(dial(port))
        assert requests.get(f'http://127.0.0.1:{port}/healthz', timeout=5).text == 'nothing'
