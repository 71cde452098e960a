# SPDX-License-Identifier: Apache-2.0
"""The page: one file with its style, its scripts and its content; it asks nobody for anything."""

from base64 import b64encode
from functools import cache
import hashlib
from html import escape
from importlib.resources import files
import json
from math import isfinite
from string import Template
from typing import Any

from plc_kit.readable import readable

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{}'"
_SCRIPTS = ('chart.js', 'dom.js', 'plots.js', 'messages.js', 'page.js')


def page(content: dict[str, Any]) -> str:
    """Return the HTML; a Content-Security-Policy lets nothing run or load but what is in it."""
    script = '\n'.join(_asset(name) for name in _SCRIPTS)
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return Template(_asset('page.html')).substitute(
        title=escape(content['name']),
        verdict=escape(content['verdict']),
        policy=_POLICY.format(digest),
        style=_asset('page.css'),
        script=script,
        content=_json(content),
    )


@cache
def _asset(name: str) -> str:
    return (files('plc_log.report') / 'assets' / name).read_text(encoding='utf-8').strip()


def _json(content: Any) -> str:
    """Return JSON that cannot end the element it stands in."""
    text = json.dumps(_finite(content), ensure_ascii=False, separators=(',', ':'), allow_nan=False)
    return text.replace('<', '\\u003c')


def _finite(value: Any) -> Any:
    """Put null for what is not a number: JSON has no other word. Texts are readable."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value
