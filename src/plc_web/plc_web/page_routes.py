# SPDX-License-Identifier: Apache-2.0
"""The pages: static files, made alive by the REST API."""

from pathlib import PurePath

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from plc_web.assets import KINDS, asset, names

router = APIRouter(include_in_schema=False)
_PAGES = {
    '/': 'live.html',
    '/config': 'config.html',
    '/log': 'log.html',
    '/sessions': 'sessions.html',
    '/update': 'update.html',
    '/computer': 'computer.html',
    '/api': 'api.html',
}


async def _page(request: Request) -> Response:
    return Response(asset(_PAGES[request.url.path]), media_type=KINDS['.html'])


for path in _PAGES:
    router.add_api_route(path, _page, methods=['GET'])


@router.get('/static/{name}')
async def static(name: str) -> Response:
    """Return a file of the pages."""
    if name not in names():
        raise HTTPException(404, 'there is no such file')
    return Response(asset(name), media_type=KINDS[PurePath(name).suffix])


@router.get('/api/openapi.json')
async def openapi(request: Request) -> dict[str, object]:
    """Return the description of the REST API."""
    described: dict[str, object] = request.app.openapi()
    return described
