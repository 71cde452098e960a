# SPDX-License-Identifier: Apache-2.0
"""A real HTTP server and a real Mosquitto for the tests, and nodes in a graph of their own."""

from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import os
import shutil
import socket
import subprocess
import threading
import time
from urllib.parse import parse_qsl, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
import pytest
from rcl_interfaces.srv import SetParametersAtomically
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter


def free_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


@pytest.fixture
def port():
    """A TCP port at which nobody listens."""
    return free_port()


class Receiver:
    """An HTTP server that answers as a test wants, and keeps what it got."""

    def __init__(self, port=0, context=None):
        self.got = []  # (method, path, query, headers, body)
        self.asked = []  # what it is asked at start: (method, path)
        self.settings = b''  # a SmartEVSE's
        self.statuses = deque()  # of the next answers; then 200
        self.hangs = threading.Event()  # no answer while it is set
        self.ended = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                receiver.take(self)

            do_GET = do_PUT = do_OPTIONS = do_POST  # noqa: N815 http.server's names

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(('127.0.0.1', port), Handler)
        if context is not None:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f'http{"s" if context else ""}://127.0.0.1:{self.port}/ev_state'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, request):
        split = urlsplit(request.path)
        if request.command == 'OPTIONS' or split.path == '/settings':
            self.asked.append((request.command, split.path))
            self.answer(request, 200 if self.settings else 404, self.settings)
            return
        body = request.rfile.read(int(request.headers.get('Content-Length') or 0))
        query = dict(parse_qsl(split.query, keep_blank_values=True))
        self.got.append((request.command, split.path, query, dict(request.headers), body))
        while self.hangs.is_set() and not self.ended.is_set():
            time.sleep(0.01)
        self.answer(request, self.statuses.popleft() if self.statuses else 200)

    def answer(self, request, status, body=b''):
        try:
            request.send_response(status)
            request.send_header('Content-Length', str(len(body)))
            request.end_headers()
            request.wfile.write(body)
        except OSError:
            pass  # nobody waits for it any more

    @property
    def queries(self):
        return [query for _, _, query, _, _ in self.got]

    def close(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.close()


@pytest.fixture
def receiver_at():
    """Start further servers; each ends with the test."""
    running = []

    def start(**given):
        running.append(Receiver(**given))
        return running[-1]

    yield start
    for one in running:
        one.close()


class Certificate:
    """A certificate of 127.0.0.1 that nobody but itself has signed, and its key."""

    def __init__(self, folder):
        self.key, self.file = folder / 'key.pem', folder / 'certificate.pem'
        command = (
            'openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', str(self.key),
            '-out', str(self.file), '-days', '2', '-subj', '/CN=box', '-addext',
            'subjectAltName=IP:127.0.0.1',
        )  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=60)


@pytest.fixture
def certificate(tmp_path):
    return Certificate(tmp_path)


class Mosquitto:
    """A broker of the test's own that can be stopped and started."""

    def __init__(self, folder, *lines):
        self.port, self.process = free_port(), None
        self._config = folder / 'mosquitto.conf'
        self._config.write_text('\n'.join([f'listener {self.port} 127.0.0.1', *lines, '']))

    def start(self):
        command = (shutil.which('mosquitto', path=PATH), '-c', str(self._config))
        self.process = subprocess.Popen(command, stdout=-3, stderr=-3)
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < end, 'mosquitto does not listen'
                time.sleep(0.02)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None


PATH = '/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/bin'


@pytest.fixture
def broker_of(tmp_path):
    """Start a broker with these lines in its file."""
    if shutil.which('mosquitto', path=PATH) is None:
        pytest.skip('mosquitto is not installed (apt install mosquitto)')
    running = []

    def start(*lines):
        running.append(Mosquitto(tmp_path, *lines))
        running[-1].start()
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def broker(broker_of):
    return broker_of('allow_anonymous true')


@pytest.fixture
def secure_broker(broker_of, certificate, tmp_path):
    """A broker that wants TLS and a password: `box`, with `s3cret`."""
    passwords = tmp_path / 'passwords'
    command = ('mosquitto_passwd', '-b', '-c', str(passwords), 'box', 's3cret')
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return broker_of(
        'user root',  # who is root reads these files as root, who is not as he is
        *(f'certfile {certificate.file}', f'keyfile {certificate.key}'),
        *('allow_anonymous false', f'password_file {passwords}'),
    )


@pytest.fixture
def secure_listener(secure_broker, certificate):
    """A client of that one."""
    yield from listening(secure_broker, certificate)


@pytest.fixture
def listener(broker):
    """A client of the broker; `heard` is the last payload of each topic, as retained."""
    yield from listening(broker)


def listening(broker, certificate=None):
    client = paho.Client(CallbackAPIVersion.VERSION2)
    if certificate is not None:
        client.tls_set(str(certificate.file))
        client.username_pw_set('box', 's3cret')
    client.heard, client.order = {}, []
    client.on_connect = lambda *_: client.subscribe('#', qos=1)

    def take(_, __, message):
        client.heard[message.topic] = message.payload.decode()
        client.order.append((message.topic, message.payload.decode()))

    client.on_message = take
    client.reconnect_delay_set(1, 1)
    client.connect('127.0.0.1', broker.port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


class Graph:
    """Nodes in one process, spun until something holds."""

    def __init__(self):
        self.context = rclpy.Context()
        rclpy.init(context=self.context, domain_id=40 + os.getpid() % 50)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.nodes = []
        self.teller = self.add(rclpy.create_node('session', context=self.context))

    def add(self, node):
        self.nodes.append(node)
        self.executor.add_node(node)
        return node

    def make(self, kind, **parameters):
        given = [Parameter(name, value=value) for name, value in parameters.items()]
        return self.add(kind(context=self.context, parameter_overrides=given))

    def wait(self, until, patience=30.0):
        end = time.monotonic() + patience
        while not (found := until()):
            assert time.monotonic() < end, f'not within {patience} s'
            self.executor.spin_once(0.02)
        return found

    def spin(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.executor.spin_once(0.02)

    def set(self, node, **values):
        """Set parameters of a node over DDS, and return what it says."""
        name = f'{node.get_fully_qualified_name()}/set_parameters_atomically'
        client = self.teller.create_client(SetParametersAtomically, name)
        told = [Parameter(name, value=one).to_parameter_msg() for name, one in values.items()]
        self.wait(client.service_is_ready)
        asked = client.call_async(SetParametersAtomically.Request(parameters=told))
        self.wait(asked.done)
        return asked.result().result

    def remove(self, node):
        self.nodes.remove(node)
        self.executor.remove_node(node)
        node.destroy_node()

    def close(self):
        for node in list(self.nodes):
            self.remove(node)
        self.executor.shutdown()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def graph():
    one = Graph()
    yield one
    one.close()
