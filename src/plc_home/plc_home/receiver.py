# SPDX-License-Identifier: Apache-2.0
"""How a value is told: SmartEVSE's way by default, or any other by a template."""

from dataclasses import asdict, dataclass
import json
from string import Template
from urllib.parse import urlencode, urlsplit, urlunsplit

from plc_home.callback import Value

FIELDS = tuple(Value.__dataclass_fields__)
METHODS = ('POST', 'PUT', 'GET')
CONTENTS = ('query', 'json', 'template')


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `content_type` empty: it has no body. wanted: octets of the answer."""

    method: str
    url: str
    body: bytes = b''
    content_type: str = ''
    wanted: int = 0


class BadReceiver(ValueError):
    """The description of a receiver makes no sense; the text is a sentence for the user."""


@dataclass(frozen=True)
class Receiver:
    """Where values go, and in which form.

    content: query, all five behind the URL; json, an object with all five as the body; template,
    `$current_soc` and the others are replaced in the URL, and in `body` where there is one.
    """

    url: str
    method: str = 'POST'
    content: str = 'query'
    body: str = ''

    def __post_init__(self) -> None:
        split = urlsplit(self.url)
        if split.scheme not in ('http', 'https') or not split.hostname:
            raise BadReceiver(f'{self.public or "an empty URL"} is no URL of http or https')
        self._check('url', self.url)
        self._check('body', self.body)

    @property
    def public(self) -> str:
        """The URL without its query and without a password."""
        split = urlsplit(self.url)
        host = split.netloc.rpartition('@')[2]
        return urlunsplit((split.scheme, host, split.path, '', ''))

    def request(self, value: Value) -> Request:
        """Return the request that tells a value."""
        told = asdict(value)
        if self.content == 'template':
            return self._filled({name: str(one) for name, one in told.items()})
        if self.content == 'json':
            octets = json.dumps(told).encode()
            return Request(self.method, self.url, octets, 'application/json')
        joint = '&' if urlsplit(self.url).query else '?'
        return Request(self.method, f'{self.url}{joint}{urlencode(told)}')

    def _filled(self, told: dict[str, str]) -> Request:
        url, body = (Template(text).substitute(told) for text in (self.url, self.body))
        kind = 'application/json' if body.lstrip()[:1] in ('{', '[') else 'text/plain'
        return Request(self.method, url, body.encode(), kind if body else '')

    def _check(self, name: str, text: str) -> None:
        if self.content != 'template':
            return
        try:
            Template(text).substitute(dict.fromkeys(FIELDS, ''))
        except (KeyError, ValueError) as error:
            names = ', '.join(f'${field}' for field in FIELDS)
            raise BadReceiver(f'{name}: {error} is not among {names}') from None
