# SPDX-License-Identifier: Apache-2.0
"""`ros2 run plc_web bundle`: makes the key that signs releases, and a signed bundle of a tree."""

import argparse
from collections.abc import Iterator
import gzip
import io
import os
from pathlib import Path
import platform
import sys
import tarfile
import tempfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from plc_web.bundle import MANIFEST, BadBundle, Manifest, here_python, sign

_LEFT_OUT = ('__pycache__', '.venv', MANIFEST)


def main() -> None:
    """Run the command."""
    try:
        sys.exit(run(sys.argv[1:]))
    except (BadBundle, OSError, ValueError) as error:
        sys.exit(f'bundle: {error}')


def run(words: list[str]) -> int:
    """Do what the words say; raises BadBundle, OSError or ValueError."""
    options = _parser().parse_args(words)
    if options.command == 'key':
        new_key(options.key)
        told = f'{options.key} signs: keep it off the network. {options.key}.pub goes to install.'
    else:
        make(options.tree, options.version, options.key, options.bundle)
        told = f'{options.bundle}: {options.version}, {options.bundle.stat().st_size / 1e6:.1f} MB'
    sys.stdout.write(told + '\n')
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='bundle', description='Sign releases.')
    commands = parser.add_subparsers(dest='command', required=True)
    key = commands.add_parser('key', help='make a pair of keys: KEY, and KEY.pub')
    key.add_argument('key', type=Path)
    tree = commands.add_parser('make', help='sign a tree (make bundle builds one)')
    tree.add_argument('--tree', type=Path, required=True, help='env.sh, install/, standalone/')
    tree.add_argument('--version', required=True)
    tree.add_argument('--key', type=Path, required=True)
    tree.add_argument('bundle', type=Path)
    return parser


def new_key(path: Path) -> None:
    """Write a private key that its owner alone can read, and its public one."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'wb') as out:
        out.write(private)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.with_name(path.name + '.pub').write_bytes(public)


def make(tree: Path, version: str, key: Path, bundle: Path) -> None:
    """Pack and sign a tree; the same tree gives the same bundle."""
    signer = load_pem_private_key(key.read_bytes(), password=None)
    if not isinstance(signer, Ed25519PrivateKey):
        raise BadBundle(f'{key} is no ed25519 key')
    text = Manifest(version, platform.machine(), here_python()).to_text()
    Manifest.of_text(text)  # a version that would be refused is not signed
    with tempfile.TemporaryDirectory(dir=bundle.parent) as folder:
        archive = Path(folder) / 'archive'
        with (
            archive.open('wb') as out,
            gzip.GzipFile('', 'wb', fileobj=out, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode='w') as tar,
        ):
            _add(tar, MANIFEST, text.encode(), 0o644)
            for path in _files(tree):
                _add(tar, str(path.relative_to(tree)), path.read_bytes(), path.stat().st_mode)
        sign(archive, signer, bundle)


def _files(tree: Path) -> Iterator[Path]:
    for path in sorted(tree.rglob('*')):
        if path.is_file() and not any(part in _LEFT_OUT for part in path.relative_to(tree).parts):
            yield path


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    info = tarfile.TarInfo(name)
    if mode & 0o100:
        content = _of_any_python(content)
    info.size, info.mode = len(content), 0o755 if mode & 0o100 else 0o644
    tar.addfile(info, io.BytesIO(content))


def _of_any_python(content: bytes) -> bytes:
    """Have a script be run by the Python of its release's libraries, wherever those are."""
    first, newline, rest = content.partition(b'\n')
    if first.startswith(b'#!') and b'/.venv/bin/python' in first:
        return b'#!/usr/bin/env python3' + newline + rest
    return content
