# SPDX-License-Identifier: Apache-2.0
"""How a page starts: where it listens, and what a user did wrong."""

import datetime
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from page_process import DOMAIN, PASSWORD, SERVE, Page
import pytest
import requests


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


@pytest.mark.parametrize(('parameter', 'sentence'), [
    ('port:=99999999', 'port'),
    ('address:=nowhere.invalid', 'cannot listen at nowhere.invalid'),
    ('launch:=other.launch.py', 'launch'),
    ('certificate:=/nowhere.pem', '/nowhere.pem cannot be read'),
])  # fmt: skip
def test_what_cannot_be_is_one_sentence(tmp_path, parameter, sentence):
    (tmp_path / 'password').write_text('{}')  # one is set: the address counts
    command = (SERVE, '--ros-args', '-p', f'state:={tmp_path}', '-p', parameter)
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 78
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith('serve: ') and sentence in last and 'Traceback' not in done.stderr


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
