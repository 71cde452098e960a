# SPDX-License-Identifier: Apache-2.0
"""The files of the pages, as they were when the page was started."""

from functools import cache
from importlib.resources import files
from pathlib import Path

_FOLDER = Path(__file__).parent / 'pages'
_CHARTS = 'chart.js'  # the report of a session draws with it too
KINDS = {
    '.css': 'text/css; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.svg': 'image/svg+xml',
    '.html': 'text/html; charset=utf-8',
}


@cache
def asset(name: str) -> bytes:
    """Return a file of the pages."""
    if name == _CHARTS:
        return (files('plc_log.report') / 'assets' / name).read_bytes()
    return (_FOLDER / name).read_bytes()


@cache
def names() -> frozenset[str]:
    """Return the names of all of them."""
    return frozenset(one.name for one in _FOLDER.iterdir() if one.suffix in KINDS) | {_CHARTS}
