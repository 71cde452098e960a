# SPDX-License-Identifier: Apache-2.0
"""Logging in and out. The login page needs no script, and answers who is not known yet."""

import asyncio
from base64 import b64encode
from hashlib import sha256
from html import escape
import time
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel
from starlette.responses import HTMLResponse, RedirectResponse, Response

from plc_web.access import Visit, network_of
from plc_web.assets import asset
from plc_web.gate import COOKIE, cookie_of
from plc_web.site import Here, Site
from plc_web.words import Done, NewPassword

router = APIRouter()
_MOST_HASHES_WAIT = 4  # logins that may wait for their turn
_STYLE = asset('login.css').decode()
_PAGE = asset('login.html').decode().replace('/*style*/', _STYLE)
_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
_SENTENCES = {
    'wrong': 'That is not the password.',
    'slow': 'Too many tries. Wait a little.',
    'unset': 'There is no password yet, or none that can be read. On this computer, type:'
    ' ros2 run plc_web password',
}


class Me(BaseModel):
    """What a page needs to change anything."""

    csrf: str
    version: str


@router.get('/healthz')
async def healthz(site: Here) -> dict[str, object]:
    """Return that the page answers, and whether its node hears the graph."""
    return {'healthy': site.feed.spinning, 'version': site.version}


@router.get('/login', include_in_schema=False)
async def login_page(site: Here, why: Annotated[str, Query(max_length=10)] = '') -> HTMLResponse:
    """Return the page, with the reason why one is here again."""
    if not site.password.is_set:
        why = 'unset'
    text = _PAGE.replace('<!--why-->', escape(_SENTENCES.get(why, '')))
    return HTMLResponse(text, headers={'Content-Security-Policy': _POLICY})


@router.post('/login', include_in_schema=False)
async def login(request: Request, site: Here) -> Response:
    """Take the form, and begin a session."""
    address, mark = _origin_of(request), site.password.mark
    if site.tries.wait(address, time.monotonic()) > 0:
        return RedirectResponse('/login?why=slow', 303)
    if not await _is_password(site, _typed(await request.body()), address):
        return RedirectResponse('/login?why=wrong', 303)
    answer = RedirectResponse('/', 303)
    _let_in(answer, mark, site)
    return answer


def _let_in(answer: Response, mark: object, site: Site) -> None:
    """Begin a session of who knew the password with this mark."""
    answer.set_cookie(
        COOKIE,
        site.visits.begin(mark, time.monotonic()),
        httponly=True,
        samesite='strict',
        secure=site.settings.scheme == 'https',
    )


def _typed(form: bytes) -> str:
    """Return the password in a form; what is no form of ours has a wrong one, and counts as it."""
    try:
        fields = parse_qs(form.decode(errors='replace'), max_num_fields=4)
    except ValueError:
        return ''
    return fields.get('password', [''])[0]


def _origin_of(request: Request) -> str:
    return network_of(request.client.host if request.client else '')


async def _is_password(site: Site, text: str, address: str) -> bool:
    """Hash one after the other: guesses take no more than one processor from a charge.

    A guess counts before it is looked at, so that many at once count as many.
    """
    if site.guessing >= _MOST_HASHES_WAIT:
        return False
    site.guessing += 1
    site.tries.failed(address, time.monotonic())
    try:
        async with site.hashing:
            matches = await asyncio.to_thread(site.password.matches, text)
    finally:
        site.guessing -= 1
    if matches:
        site.tries.passed(address)
    return matches


@router.get('/api/me')
async def me(request: Request, site: Here) -> Me:
    """Return the CSRF token that every change must carry in the header X-CSRF-Token."""
    visit: Visit | None = request.scope.get('visit')
    return Me(csrf=visit.csrf if visit else '', version=site.version)


@router.post('/api/logout')
async def logout(request: Request, site: Here) -> Done:
    """End this session."""
    site.visits.end(cookie_of(request.headers))
    return Done(done='logged out')


@router.post('/api/password')
async def password(words: NewPassword, request: Request, answer: Response, site: Here) -> Done:
    """Set another password; every session ends, and the one that asks gets a new one."""
    address, mark = _origin_of(request), site.password.mark
    if (wait := site.tries.wait(address, time.monotonic())) > 0:
        raise HTTPException(429, f'too many tries; wait {wait:.0f} s')
    if not await _is_password(site, words.present, address):
        raise HTTPException(403, 'that is not the present password')
    async with site.hashing:
        if site.password.mark != mark:
            raise HTTPException(409, 'the password was changed meanwhile')
        await asyncio.to_thread(site.password.set, words.new)
        mark = site.password.mark
    if request.scope.get('visit') is not None:
        _let_in(answer, mark, site)
    return Done(done='the password is another, and all other sessions have ended')
