# SPDX-License-Identifier: Apache-2.0
"""Unpacks an archive that may be hostile: plain files and folders below one folder, bounded.

The archive is signed, but whoever signs may have been deceived too.
"""

from collections.abc import Callable
import gzip
from pathlib import Path, PurePosixPath
import tarfile
from typing import Any, BinaryIO
import zlib

from plc_web.bundle import MANIFEST, BadBundle, Manifest

MOST_OCTETS = 1 << 30
MOST_FILES = 50_000
_LONGEST_PATH = 400
_CHUNK = 1 << 16


class _Member(tarfile.TarInfo):
    """A member whose extended header is of modest size: tarfile reads those into memory."""

    def _proc_member(self, tar: tarfile.TarFile) -> Any:
        if self.type not in tarfile.REGULAR_TYPES and self.size > _CHUNK:
            raise BadBundle('the bundle holds a header that is larger than any file name')
        return super()._proc_member(tar)  # type: ignore[misc]


def unpack(
    archive: BinaryIO, folder: Path, tell: Callable[[int], None] = lambda _: None
) -> Manifest:
    """Unpack into a new folder, telling the octets so far; raises BadBundle."""
    try:
        with (
            gzip.open(archive) as stream,
            tarfile.open(fileobj=stream, mode='r|', tarinfo=_Member) as tar,
        ):
            return _unpack(tar, folder, tell)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BadBundle(f'the archive in the bundle is damaged: {error}') from None
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise BadBundle('the bundle holds a file and a folder of one name') from None


def _unpack(tar: tarfile.TarFile, folder: Path, tell: Callable[[int], None]) -> Manifest:
    octets = 0
    manifest: Manifest | None = None
    for files, member in enumerate(tar, 1):
        octets += member.size
        if octets > MOST_OCTETS or files > MOST_FILES or member.size < 0:
            raise BadBundle('the bundle unpacks to more than a release may be')
        path = folder / _safe(member.name)
        if member.isdir():
            path.mkdir(parents=True, exist_ok=True)
        elif member.isreg() and not member.issparse():
            _write(tar, member, path)
        else:
            raise BadBundle(f'the bundle holds {member.name!r}, which is neither file nor folder')
        if manifest is None:
            if member.name != MANIFEST or member.size > _CHUNK:
                raise BadBundle('the bundle does not begin with its manifest')
            manifest = Manifest.of_text(path.read_text(errors='replace'))
            manifest.check_here()
        tell(octets)
    if manifest is None:
        raise BadBundle('the bundle is empty')
    return manifest


def _safe(name: str) -> PurePosixPath:
    """Return a path that stays below; raises BadBundle."""
    path = PurePosixPath(name)
    parts = path.parts
    odd = path.is_absolute() or '..' in parts or not parts or not name.isprintable()
    if odd or '\\' in name or len(name) > _LONGEST_PATH:
        raise BadBundle(f'the bundle holds the path {name[:100]!r}, which leads elsewhere')
    return path


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    assert source is not None  # it is a regular file
    try:
        with path.open('xb') as out:  # a second one of the same name is refused
            while chunk := source.read(_CHUNK):
                out.write(chunk)
    except FileExistsError:
        raise BadBundle(f'the bundle holds {member.name!r} twice') from None
    path.chmod(0o755 if member.mode & 0o100 else 0o644)
