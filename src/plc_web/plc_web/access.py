# SPDX-License-Identifier: Apache-2.0
"""Who may use the page: one password, sessions of browsers, a token for commands on this computer.

Nothing of HTTP is in here, and the time is told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
import hashlib
import hmac
from ipaddress import ip_network
import json
from pathlib import Path
import secrets

from plc_kit.private import lock, write_private

SHORTEST = 10  # characters of a password
_LONGEST = 1024
_COST = {'n': 2**14, 'r': 8, 'p': 1}  # 16 MB, some tenths of a second on a Raspberry Pi
_IDLE, _LONG = 3600.0, 12 * 3600.0  # s a session lasts without use, and at all
_MOST_SESSIONS = 32
_FREE_TRIES, _FORGET, _LONGEST_WAIT = 5, 900.0, 300.0


class TooWeak(ValueError):
    """A password is none; the text is a sentence."""


def alone_in(folder: Path) -> None:
    """Lock a state folder as long as this process lives; raises OSError: another page has it."""
    if lock(folder / 'lock') is None:
        raise OSError(f'another page runs with the state folder {folder}')


class Password:
    """The one password, kept as its scrypt hash."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def is_set(self) -> bool:
        """Whether there is one that can be read: an empty file lets nobody in."""
        return self._kept() is not None

    @property
    def mark(self) -> object:
        """What is another one for each password that was set, by whomever; None: there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def set(self, text: str) -> None:
        """Keep another one; raises TooWeak."""
        if not SHORTEST <= len(text) <= _LONGEST:
            raise TooWeak(f'a password has {SHORTEST} characters or more')
        salt = secrets.token_bytes(16)
        kept = {'salt': salt.hex(), 'hash': _hashed(text, salt).hex()}
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(self._path, json.dumps(kept))

    def matches(self, text: str) -> bool:
        """Tell whether it is the one; takes some tenths of a second."""
        if len(text) > _LONGEST or (kept := self._kept()) is None:
            return False
        salt, wanted = kept
        return hmac.compare_digest(_hashed(text, salt), wanted)

    def _kept(self) -> tuple[bytes, bytes] | None:
        """Return salt and hash; None: nothing, or nothing that can be read."""
        try:
            kept = json.loads(self._path.read_text())
            return bytes.fromhex(kept['salt']), bytes.fromhex(kept['hash'])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _hashed(text: str, salt: bytes) -> bytes:
    return hashlib.scrypt(text.encode(errors='surrogatepass'), salt=salt, **_COST)


@dataclass
class Visit:
    """A browser that has logged in."""

    csrf: str
    mark: object  # of the password that it was let in by
    began: float
    seen: float

    def over(self, now: float) -> bool:
        return now > self.seen + _IDLE or now > self.began + _LONG


class Visits:
    """Who is logged in, by the hash of the cookie; with another password nobody is any more."""

    def __init__(self, mark: Callable[[], object]) -> None:
        """`mark` returns that of the present password."""
        self._mark = mark
        self._visits: dict[str, Visit] = {}

    def begin(self, mark: object, now: float) -> str:
        """Let somebody in by the password that had this mark, and return the cookie."""
        self._visits = {key: one for key, one in self._visits.items() if not self._over(one, now)}
        while len(self._visits) >= _MOST_SESSIONS:
            del self._visits[min(self._visits, key=lambda key: self._visits[key].seen)]
        cookie = secrets.token_urlsafe(32)
        self._visits[_digest(cookie)] = Visit(secrets.token_urlsafe(32), mark, now, now)
        return cookie

    def find(self, cookie: str, now: float) -> Visit | None:
        """Return the visit of a cookie, and count it as used."""
        visit = self._visits.get(_digest(cookie))
        if visit is None or self._over(visit, now):
            return None
        visit.seen = now
        return visit

    def knows(self, visit: Visit, now: float) -> bool:
        """Tell whether a visit still is one; being asked does not count as use."""
        return not self._over(visit, now) and any(one is visit for one in self._visits.values())

    def _over(self, visit: Visit, now: float) -> bool:
        return visit.over(now) or visit.mark != self._mark()

    def end(self, cookie: str) -> None:
        self._visits.pop(_digest(cookie), None)


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode(errors='surrogatepass')).hexdigest()


def network_of(host: str) -> str:
    """Return who an address is: itself, or the whole network of one that may have many (IPv6)."""
    host = host.partition('%')[0]
    try:
        return str(ip_network(f'{host}/64', strict=False) if ':' in host else host)
    except ValueError:
        return host


@dataclass
class Tries:
    """Slows down who guesses: beyond five failures each one doubles the wait, by address."""

    _failed: dict[str, tuple[int, float]] = field(default_factory=dict)  # count, when last

    def wait(self, address: str, now: float) -> float:
        """Return the seconds until this address may try again; 0: now."""
        count, last = self._failed.get(address, (0, 0.0))
        if count < _FREE_TRIES or now > last + _FORGET:
            return 0.0
        pause = min(2.0 ** min(count - _FREE_TRIES + 1, 20), _LONGEST_WAIT)
        return max(0.0, last + pause - now)

    def failed(self, address: str, now: float) -> None:
        self._failed = {a: n for a, n in self._failed.items() if now < n[1] + _FORGET}
        self._failed[address] = (self._failed.get(address, (0, 0.0))[0] + 1, now)

    def passed(self, address: str) -> None:
        self._failed.pop(address, None)


class LocalToken:
    """What a command on this computer shows in place of a password: who reads the file is in."""

    def __init__(self, path: Path) -> None:
        self._path, self._token = path, secrets.token_urlsafe(32)

    def tell(self) -> None:
        """Write it where commands read it, once this page is the one that they find."""
        write_private(self._path, self._token)

    def matches(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._token.encode())
