# SPDX-License-Identifier: Apache-2.0
"""How a page starts: where it listens, what a user did wrong, and what may be right later."""

import datetime
import signal
import socket
import subprocess
import sys
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from page_process import DOMAIN, PASSWORD, SERVE, Page
import pytest
import requests

from plc_web.access import Password


def test_without_a_password_the_page_is_for_this_computer_alone(tmp_path):
    page = Page(tmp_path / 'state', 'address:=0.0.0.0', ROS_DOMAIN_ID=DOMAIN)
    try:
        assert '127.0.0.1' in page.url
        assert 'no password is set' in page.printed
        text = requests.get(page.url + '/login').text
        assert 'plc_web password' in text
        answer = requests.post(
            page.url + '/login', data={'password': ''}, headers={'Origin': page.url}
        )
        assert 'ccs_session' not in answer.cookies
    finally:
        assert page.end() == 0


def refusal(state, *parameters, status):
    """Start a page that cannot, and return its sentence."""
    state.mkdir(exist_ok=True)
    Password(state / 'password').set(PASSWORD)  # the address counts
    words = [w for one in (f'state:={state}', *parameters) for w in ('-p', one)]
    done = subprocess.run(
        (SERVE, '--ros-args', *words), capture_output=True, text=True, timeout=120
    )
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == status and last.startswith('serve: '), done.stderr
    assert 'Traceback' not in done.stderr
    return last


@pytest.mark.parametrize(('parameter', 'sentence'), [
    ('port:=99999999', 'port'),
    ('launch:=other.launch.py', 'launch'),
    ('certificate:=/nowhere.pem', '/nowhere.pem cannot be read'),
    ('certificate:=/proc', '/proc hold no certificate with its key'),
    (f'certificate:={__file__}', 'hold no certificate with its key'),
    (f'private_key:={__file__}', 'hold no certificate with its key'),
])  # fmt: skip
def test_what_cannot_be_is_one_sentence(tmp_path, parameter, sentence):
    assert sentence in refusal(tmp_path, parameter, status=78)


class Waiting:
    """A page in a network of its own, at an address that is not there yet."""

    def __init__(self, state, address):
        Password(state / 'password').set(PASSWORD)  # the address counts
        words = [w for p in (f'state:={state}', f'address:={address}') for w in ('-p', p)]
        inside = 'ip link set lo up && exec "$0" "$@"'
        command = ('unshare', '-rn', 'sh', '-c', inside, str(SERVE), '--ros-args', *words)
        self.log = state / 'printed.log'
        with self.log.open('wb') as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out)
        self.sees(f'cannot listen at {address}:8470')

    @property
    def printed(self):
        return self.log.read_text()

    def sees(self, words):
        end = time.monotonic() + 90
        while words not in self.printed:
            assert time.monotonic() < end and self.process.poll() is None, self.printed
            time.sleep(0.1)

    def inside(self, *command):
        """Run a command in that network."""
        where = ('nsenter', '-t', str(self.process.pid), '-U', '-n', '--preserve-credentials')
        subprocess.run((*where, *command), check=True, timeout=60)


@pytest.fixture
def waiting(tmp_path):
    """Start such a page; it ends with the test, and without a traceback."""
    running = []

    def start(address):
        running.append(Waiting(tmp_path, address))
        return running[-1]

    yield start
    for one in running:
        one.process.send_signal(signal.SIGINT)
        assert one.process.wait(60) == 0
        assert 'Traceback' not in one.printed and one.printed.count('cannot listen') == 1


def test_the_page_comes_with_its_address(waiting):
    page = waiting('192.0.2.1')
    time.sleep(2.5)  # it looks once a second, and says so once
    page.inside('ip', 'address', 'add', '192.0.2.1/32', 'dev', 'lo')
    page.sees('the page is at http://192.0.2.1:8470')
    ask = 'import urllib.request as u; u.urlopen("http://192.0.2.1:8470/healthz", timeout=30)'
    page.inside(sys.executable, '-c', ask)


def test_a_page_that_waits_for_a_name_ends_when_it_is_told_to(waiting):
    waiting('nowhere.invalid')


def test_a_port_that_another_still_has_is_to_be_tried_again(tmp_path):
    with socket.create_server(('127.0.0.1', 0)) as other:
        port = other.getsockname()[1]
        assert f'127.0.0.1:{port}' in refusal(tmp_path, f'port:={port}', status=74)


@pytest.mark.parametrize('port', ['of the first', '0'])
def test_desk_8_a_second_page_that_fails_leaves_the_first_as_it_is(tmp_path, port):
    page = Page(tmp_path, ROS_DOMAIN_ID=DOMAIN)
    try:
        files = ('token', 'page.json')
        before = [(tmp_path / name).read_text() for name in files]
        port = page.url.rpartition(':')[2] if port == 'of the first' else port
        assert 'another page runs' in refusal(tmp_path, f'port:={port}', status=74)
        assert [(tmp_path / name).read_text() for name in files] == before
        assert page.told('/api/live')['graph']['running'] is False
    finally:
        assert page.end() == 0


def test_desk_8_a_page_that_cannot_listen_leaves_the_token(tmp_path):
    (tmp_path / 'token').write_text('of a page of before')
    with socket.create_server(('127.0.0.1', 0)) as other:
        refusal(tmp_path, f'port:={other.getsockname()[1]}', status=74)
    assert (tmp_path / 'token').read_text() == 'of a page of before'


def test_a_disk_that_refuses_is_to_be_tried_again(tmp_path):
    (tmp_path / 'token.draft').mkdir()  # where the token is to be written
    refusal(tmp_path, status=74)


@pytest.fixture
def certificate(tmp_path):
    """A certificate that this computer has signed itself, and its key: two PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, 'localhost')])
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName('localhost')]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / 'cert.pem').write_bytes(made.public_bytes(Encoding.PEM))
    (tmp_path / 'key.pem').write_bytes(private)
    return tmp_path / 'cert.pem', tmp_path / 'key.pem'


def test_given_a_certificate_it_speaks_tls_alone(tmp_path, certificate, monkeypatch):
    monkeypatch.setenv('REQUESTS_CA_BUNDLE', str(certificate[0]))
    page = Page(
        tmp_path / 'state',
        'address:=localhost',
        f'certificate:={certificate[0]}',
        f'private_key:={certificate[1]}',
        ROS_DOMAIN_ID=DOMAIN,
    )
    try:
        page.set_password()
        url = page.url.replace('127.0.0.1', 'localhost').replace('[::1]', 'localhost')
        assert url.startswith('https://localhost:')
        answer = requests.post(
            url + '/login',
            data={'password': PASSWORD},
            headers={'Origin': url},
            allow_redirects=False,
        )
        assert 'Secure' in answer.headers['Set-Cookie']
        assert 'max-age' in answer.headers['Strict-Transport-Security']
        with pytest.raises(requests.RequestException):
            requests.get(url.replace('https', 'http') + '/login', timeout=10)
    finally:
        assert page.end() == 0
