# SPDX-License-Identifier: Apache-2.0
"""What was: the log of the graph, and the recorded sessions."""

import asyncio
from collections.abc import AsyncIterator, Iterator
import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from starlette.concurrency import iterate_in_threadpool
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse

from plc_web.bags import Bags, as_tar
from plc_web.site import Here, Site

router = APIRouter(prefix='/api')
_LEVELS = ('debug', 'info', 'warn', 'error', 'fatal')
Level = Literal['debug', 'info', 'warn', 'error', 'fatal']
Words = Annotated[str, Query(max_length=200)]
# A report holds what a foreign side has sent. It is shown as a page of no origin: what it runs
# reaches neither the session nor the network.
_SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline';"
    " style-src 'unsafe-inline'; img-src data:; font-src data:"
)


def _lines(site: Site, after: int, level: Level, node: str, text: str) -> Iterator[dict[str, Any]]:
    lowest = _LEVELS.index(level)
    for line in list(site.feed.lines):
        loud = _LEVELS.index(line['level']) >= lowest
        fits = node in line['node'] and text.lower() in line['text'].lower()
        if line['number'] > after and loud and fits:
            yield line


@router.get('/log')
async def log(
    site: Here,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    level: Level = 'debug',
    node: Words = '',
    text: Words = '',
) -> list[dict[str, Any]]:
    """Return the lines of /rosout behind a number, filtered; the last two thousand are kept."""
    return list(_lines(site, after, level, node, text))


@router.get('/log.txt', response_class=PlainTextResponse)
async def log_text(
    site: Here, level: Level = 'debug', node: Words = '', text: Words = ''
) -> PlainTextResponse:
    """Return the same as a text to keep."""
    rows = [_as_text(line) for line in _lines(site, 0, level, node, text)]
    name = time.strftime('ros2_ccs-%Y-%m-%d_%H-%M-%S.log')
    headers = {'Content-Disposition': f'attachment; filename="{name}"'}
    return PlainTextResponse('\n'.join([*rows, '']), headers=headers)


def _as_text(line: dict[str, Any]) -> str:
    whole, part = divmod(line['time'], 1)
    when = time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(whole))
    return f'{when}.{part * 1000:03.0f} {line["level"]:5} {line["node"]}: {line["text"]}'


@router.get('/log/printed', response_class=PlainTextResponse)
async def printed(site: Here) -> PlainTextResponse:
    """Return what the launch itself has printed last: why a graph did not start is there."""
    return PlainTextResponse('\n'.join([*site.graph.log_lines(), '']))


@router.get('/sessions')
async def sessions(site: Here) -> list[dict[str, Any]]:
    """Return the recorded sessions, the newest first."""
    return await asyncio.to_thread(Bags(site.settings.bags_folder).all, site.reports)


@router.get('/sessions/{name}/bag.tar', response_class=StreamingResponse)
async def bag(name: str, site: Here) -> StreamingResponse:
    """Return a recorded session as an archive."""
    folder = Bags(site.settings.bags_folder).find(name)
    if folder is None:
        raise HTTPException(404, 'there is no such session')
    headers = {'Content-Disposition': f'attachment; filename="{name}.tar"'}
    blocks: AsyncIterator[bytes] = iterate_in_threadpool(as_tar(folder))
    return StreamingResponse(blocks, media_type='application/x-tar', headers=headers)


@router.get('/sessions/{name}/report', response_class=FileResponse)
async def report(name: str, site: Here) -> Response:
    """Return the report of a recorded session, made by plc_log where its folder has none."""
    folder = Bags(site.settings.bags_folder).find(name)
    found = None if folder is None else await site.reports.of(folder)
    if not found:
        raise HTTPException(404, 'there is no report of this session')
    return FileResponse(found, headers={'Content-Security-Policy': _SANDBOX})
