# SPDX-License-Identifier: Apache-2.0
"""Release bundles: what is signed is installed, and nothing else, whatever it holds."""

import gzip
import io
import platform
import tarfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from plc_web import unpack as unpacking
from plc_web.bundle import (
    CONTEXT,
    MAGIC,
    MANIFEST,
    BadBundle,
    Manifest,
    here_python,
    load_key,
    sign,
    verify,
)
from plc_web.bundle_cli import make, new_key, run
from plc_web.unpack import unpack

KEY = Ed25519PrivateKey.generate()
GOOD = Manifest('1.2.3', platform.machine(), here_python())


def member(name, content=b'', kind=tarfile.REGTYPE, link='', mode=0o644):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    info.size = len(content) if kind == tarfile.REGTYPE else 0
    return info, content


def archive(*members, manifest=GOOD):
    out = io.BytesIO()
    with (
        gzip.GzipFile('', 'wb', fileobj=out) as packed,
        tarfile.open(fileobj=packed, mode='w') as tar,
    ):
        text = manifest.to_text().encode() if manifest else None
        for info, content in [*([member(MANIFEST, text)] if text else []), *members]:
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.fixture
def bundle(tmp_path):
    """A signed bundle as octets."""
    (tmp_path / 'archive').write_bytes(archive(member('env.sh', b'x' * 1000)))
    sign(tmp_path / 'archive', KEY, tmp_path / 'bundle')
    return (tmp_path / 'bundle').read_bytes()


def check(octets):
    stream = io.BytesIO(octets)
    verify(stream, KEY.public_key())
    return stream


def test_a_signed_bundle_is_taken_and_unpacks(bundle, tmp_path):
    manifest = unpack(check(bundle), tmp_path / 'out')
    assert manifest == GOOD
    assert (tmp_path / 'out/env.sh').read_bytes() == b'x' * 1000


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_bit_that_was_changed_anywhere_is_noticed(bundle, data):
    octets = bytearray(bundle)
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BadBundle):
        check(bytes(octets))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_truncated_or_a_longer_one_is_noticed(bundle, data):
    with pytest.raises(BadBundle):
        check(bundle[: data.draw(st.integers(0, len(bundle) - 1))])
    with pytest.raises(BadBundle):
        check(bundle + data.draw(st.binary(min_size=1, max_size=20)))


def test_what_another_key_has_signed_is_none(bundle, tmp_path):
    with pytest.raises(BadBundle, match='signature'):
        verify(io.BytesIO(bundle), Ed25519PrivateKey.generate().public_key())
    payload = bundle[len(MAGIC) + 64 :]
    bare = KEY.sign(CONTEXT + payload)  # of the payload itself, not of its digest
    with pytest.raises(BadBundle, match='signature'):
        check(MAGIC + bare + payload)


@pytest.mark.parametrize('octets', [b'', b'CCS', archive(), b'\x7fELF' * 100])
def test_what_is_no_bundle_is_told(octets):
    with pytest.raises(BadBundle, match='no signed release bundle'):
        check(octets)


@pytest.mark.parametrize('name', ['../a', '/etc/passwd', 'a/../../b', '..', 'a\\..\\b', 'a\nb', '',
                                  '/', 'x' * 500])  # fmt: skip
def test_a_path_that_leads_elsewhere_is_refused(name, tmp_path):
    with pytest.raises(BadBundle):
        unpack(io.BytesIO(archive(member(name, b'x'))), tmp_path / 'in/out')
    assert {one.name for one in tmp_path.rglob('*')} <= {'in', 'out', MANIFEST}


@pytest.mark.parametrize('kind', [
    tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE,
])  # fmt: skip
def test_what_is_neither_file_nor_folder_is_refused(kind, tmp_path):
    evil = member('a', kind=kind, link='/etc/passwd')
    with pytest.raises(BadBundle, match='neither file nor folder'):
        unpack(io.BytesIO(archive(evil, member('a', b'x'))), tmp_path / 'out')


def test_no_file_is_written_twice(tmp_path):
    with pytest.raises(BadBundle, match='twice'):
        unpack(io.BytesIO(archive(member('a', b'1'), member('a', b'2'))), tmp_path / 'out')


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    nested = archive(member('a', b'1'), member('a/b', b'2'))
    with pytest.raises(BadBundle):
        unpack(io.BytesIO(nested), tmp_path / 'out')


def test_no_set_uid_bit_and_no_others_write_bit_survives(tmp_path):
    unpack(io.BytesIO(archive(member('a', b'1', mode=0o6777))), tmp_path / 'out')
    assert (tmp_path / 'out/a').stat().st_mode & 0o7777 == 0o755


def test_more_octets_than_a_release_may_have_are_refused_before_they_are_written(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(unpacking, 'MOST_OCTETS', 10_000_000)
    bomb = archive(*(member(f'f{n}', bytes(4_000_000)) for n in range(4)))
    assert len(bomb) < 100_000
    with pytest.raises(BadBundle, match='more than a release'):
        unpack(io.BytesIO(bomb), tmp_path / 'out')
    assert sum(one.stat().st_size for one in (tmp_path / 'out').iterdir()) < 10_000_000


def test_more_files_than_a_release_may_have_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, 'MOST_FILES', 100)
    with pytest.raises(BadBundle, match='more than a release'):
        unpack(io.BytesIO(archive(*(member(f'f{n}') for n in range(200)))), tmp_path / 'out')


def test_a_header_that_is_a_bomb_is_refused(tmp_path):
    info, content = member('a', b'1')
    info.pax_headers = {'comment': 'x' * 50_000_000}
    out = io.BytesIO()
    with (
        gzip.GzipFile('', 'wb', fileobj=out) as packed,
        tarfile.open(fileobj=packed, mode='w', format=tarfile.PAX_FORMAT) as tar,
    ):
        tar.addfile(info, io.BytesIO(content))
    assert len(out.getvalue()) < 100_000
    with pytest.raises(BadBundle, match='header'):
        unpack(io.BytesIO(out.getvalue()), tmp_path / 'out')


@pytest.mark.parametrize('manifest', [
    None, Manifest('../1', 'any', here_python()), Manifest('', 'any', here_python()),
    Manifest('1.0', 'pdp11', here_python()), Manifest('1.0', 'any', '2.7'),
    Manifest('current', 'any', here_python()),
])  # fmt: skip
def test_a_manifest_that_does_not_fit_is_refused(manifest, tmp_path):
    with pytest.raises(BadBundle):
        unpack(io.BytesIO(archive(member('a', b'x'), manifest=manifest)), tmp_path / 'out')


@settings(max_examples=60)
@given(octets=st.binary(max_size=300))
def test_whatever_was_signed_unpacks_or_is_refused(octets, tmp_path_factory):
    for content in (octets, gzip.compress(octets), gzip.compress(octets)[:-4]):
        with pytest.raises(BadBundle):
            unpack(io.BytesIO(content), tmp_path_factory.mktemp('out') / 'out')


def test_without_a_key_nothing_is_installed(tmp_path):
    with pytest.raises(BadBundle, match='no key'):
        load_key(tmp_path / 'none')
    (tmp_path / 'odd').write_text('no key at all')
    with pytest.raises(BadBundle, match='no public key'):
        load_key(tmp_path / 'odd')


def test_the_command_makes_a_key_and_a_bundle_that_it_fits(tmp_path, capsys):
    tree = tmp_path / 'tree'
    (tree / 'bin').mkdir(parents=True)
    script = tree / 'bin/serve'
    script.write_text('#!/home/me/.venv/bin/python\nprint()\n')
    script.chmod(0o755)
    key, bundle = tmp_path / 'key', tmp_path / 'bundle'
    assert run(['key', str(key)]) == 0
    words = ['make', '--tree', str(tree), '--version', '2.0', '--key', str(key), str(bundle)]
    assert run(words) == 0
    assert key.stat().st_mode & 0o077 == 0
    assert 'keep it off the network' in capsys.readouterr().out
    with bundle.open('rb') as stream:
        verify(stream, load_key(tmp_path / 'key.pub'))
        assert unpack(stream, tmp_path / 'out').version == '2.0'
    assert (tmp_path / 'out/bin/serve').read_text().startswith('#!/usr/bin/env python3\n')


def test_the_same_tree_gives_the_same_bundle(tmp_path):
    (tmp_path / 'tree').mkdir()
    (tmp_path / 'tree/a').write_text('a')
    new_key(tmp_path / 'key')
    for name in ('one', 'two'):
        make(tmp_path / 'tree', '1.0', tmp_path / 'key', tmp_path / name)
    assert (tmp_path / 'one').read_bytes() == (tmp_path / 'two').read_bytes()


def test_a_key_is_not_overwritten(tmp_path):
    new_key(tmp_path / 'key')
    with pytest.raises(FileExistsError):
        new_key(tmp_path / 'key')
