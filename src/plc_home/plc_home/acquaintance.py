# SPDX-License-Identifier: Apache-2.0
"""What a receiver is asked at start, and what its answer means: what is wrong is told at once.

SmartEVSE takes `POST /ev_state` only as a v3 that was built with MODEM=1; its settings tell.
"""

import json
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from plc_home.callback import Answer
from plc_home.receiver import Receiver, Request
from plc_kit.readable import readable

_SMARTEVSE = '/ev_state'
_READ = 1 << 14  # octets of the answer; SmartEVSE's settings have some four thousand
_MODEMS = {
    '': 'a SmartEVSE that was built without MODEM=1: it takes no POST /ev_state',
    'QCA7000': 'a SmartEVSE v4: it reads the vehicle itself, and takes no POST /ev_state',
}


class Opinion(NamedTuple):
    """What a receiver is, in a sentence; `good`: nothing speaks against it."""

    good: bool
    text: str


def question(receiver: Receiver) -> Request:
    """Return a request that changes nothing: SmartEVSE's settings, else OPTIONS of the server."""
    split = urlsplit(receiver.url)
    if _is_smartevse(receiver):
        path = split.path.removesuffix(_SMARTEVSE) + '/settings'
        return Request('GET', urlunsplit((*split[:2], path, '', '')), wanted=_READ)
    return Request('OPTIONS', urlunsplit((*split[:2], '/', '', '')))


def opinion(receiver: Receiver, answer: Answer) -> Opinion:
    """Return what the answer to that question tells."""
    asked = 'GET /settings' if _is_smartevse(receiver) else 'OPTIONS'
    if not answer.http_status:
        return Opinion(False, f'no answer to {asked}: {answer.reason}')
    told = f'{asked} is answered with HTTP {answer.http_status}'
    if not _is_smartevse(receiver):
        return Opinion(True, told)
    modem = _modem(answer.body) if answer.good else None
    if modem is None:
        return Opinion(False, f'{told}, not as a SmartEVSE does')
    if modem in _MODEMS:
        return Opinion(False, _MODEMS[modem])
    return Opinion(True, f'a SmartEVSE with a modem ({readable(modem)})')


def _is_smartevse(receiver: Receiver) -> bool:
    plain = receiver.content == 'query' and receiver.method == 'POST'
    return plain and urlsplit(receiver.url).path.endswith(_SMARTEVSE)


def _modem(body: bytes) -> str | None:
    """Return what SmartEVSE's settings call its modem; empty: it has none, None: they are none."""
    try:
        settings = json.loads(body)['settings']
        return str(settings.get('modem', ''))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
