# SPDX-License-Identifier: Apache-2.0
"""A release bundle: a signature, then a compressed archive; nothing of it is read unsigned.

    8 octets     b'CCSBUNDL'
    64 octets    ed25519 signature of CONTEXT + SHA-512 of all that follows
    the rest     tar, compressed with gzip; first its manifest.json

The signature covers a digest, so that a bundle of any size is checked in little memory.
"""

from dataclasses import asdict, dataclass
import hashlib
import json
from pathlib import Path
import platform
import re
import sys
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

MAGIC = b'CCSBUNDL'
CONTEXT = b'ros2_ccs release bundle 1\n'
MANIFEST = 'manifest.json'
_SIGNATURE = 64  # octets
_CHUNK = 1 << 20
_VERSION = re.compile(r'[0-9][0-9A-Za-z.+]{0,39}')


class BadBundle(ValueError):
    """It is not installed; the text is a sentence that says why."""


@dataclass(frozen=True)
class Manifest:
    """What a bundle says of itself."""

    version: str
    machine: str  # e.g. aarch64; any: without compiled parts
    python: str  # e.g. 3.11

    def to_text(self) -> str:
        return json.dumps(asdict(self), indent=2) + '\n'

    @classmethod
    def of_text(cls, text: str) -> 'Manifest':
        """Read it; raises BadBundle."""
        try:
            manifest = cls(**json.loads(text))
        except (ValueError, TypeError):
            raise BadBundle('the manifest of the bundle cannot be read') from None
        if not all(isinstance(one, str) for one in asdict(manifest).values()):
            raise BadBundle('the manifest of the bundle holds something else than texts')
        if not _VERSION.fullmatch(manifest.version):
            raise BadBundle('the version of the bundle is no version')
        return manifest

    def check_here(self) -> None:
        """Raise BadBundle where it was built for another computer."""
        if self.machine not in ('any', platform.machine()):
            raise BadBundle(f'the bundle is for {self.machine}, this is {platform.machine()}')
        if self.python != here_python():
            raise BadBundle(f'the bundle is for Python {self.python}, this is {here_python()}')


def here_python() -> str:
    """Return the version of Python that compiled parts must be for."""
    return f'{sys.version_info.major}.{sys.version_info.minor}'


def load_key(path: Path) -> Ed25519PublicKey:
    """Return the key given at install; raises BadBundle: without one nothing is installed."""
    try:
        key: Any = load_pem_public_key(path.read_bytes())
    except OSError:
        raise BadBundle(f'no key for releases was given at install ({path})') from None
    except (ValueError, UnsupportedAlgorithm):
        raise BadBundle(f'{path} holds no public key') from None
    if not isinstance(key, Ed25519PublicKey):
        raise BadBundle(f'{path} holds no ed25519 key')
    return key


def sign(archive: Path, key: Ed25519PrivateKey, bundle: Path) -> None:
    """Put the signature in front of an archive."""
    with archive.open('rb') as payload:
        signature = key.sign(CONTEXT + _digest(payload))
        payload.seek(0)
        with bundle.open('wb') as out:
            out.write(MAGIC + signature)
            while chunk := payload.read(_CHUNK):
                out.write(chunk)


def verify(bundle: BinaryIO, key: Ed25519PublicKey) -> None:
    """Check the signature, and leave the stream at the archive; raises BadBundle."""
    if bundle.read(len(MAGIC)) != MAGIC:
        raise BadBundle('this is no signed release bundle')
    signature = bundle.read(_SIGNATURE)
    begin = bundle.tell()
    try:
        key.verify(signature, CONTEXT + _digest(bundle))
    except InvalidSignature:
        raise BadBundle(
            'the signature does not fit: the bundle is unsigned, incomplete or was changed'
        ) from None
    bundle.seek(begin)


def _digest(payload: BinaryIO) -> bytes:
    digest = hashlib.sha512()
    while chunk := payload.read(_CHUNK):
        digest.update(chunk)
    return digest.digest()
