# SPDX-License-Identifier: Apache-2.0
"""The application: all routes, what an error becomes, and the gate around it."""

import time

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from plc_web import (
    config_routes,
    live_routes,
    login_routes,
    page_routes,
    record_routes,
    system_routes,
)
from plc_web.bundle import BadBundle
from plc_web.computer import Failed
from plc_web.feed_node import Unreachable
from plc_web.gate import Gate
from plc_web.parameter_file import Unusable
from plc_web.site import Site
from plc_web.updater import Busy
from plc_web.words import PROBLEMS

_STATUS = {BadBundle: 400, Busy: 409, Unusable: 409, Unreachable: 424, Failed: 424}
_BROKEN_OFF = 'the request was broken off, or is too large'


def application(site: Site) -> ASGIApp:
    """Return the whole page as ASGI."""
    app = FastAPI(
        title='ros2_ccs',
        version=site.version,
        description='A charging side: what it does, its parameters, its log, its software.',
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=PROBLEMS,
    )
    app.state.site = site
    for kind in _STATUS:
        app.add_exception_handler(kind, _told)
    app.add_exception_handler(ClientDisconnect, _broken_off)
    app.add_exception_handler(RequestValidationError, _misspelled)
    for routes in (live_routes, config_routes, record_routes, system_routes, login_routes):
        app.include_router(routes.router)
    app.include_router(page_routes.router)
    return Gate(
        app,
        visits=site.visits,
        token=site.token,
        scheme=site.settings.scheme,
        hosts=[name.strip() for name in site.settings.hosts.split(',') if name.strip()],
        now=time.monotonic,
    )


async def _misspelled(_: Request, error: Exception) -> JSONResponse:
    """Say what is wrong with a request, and never what was in it: it may be a password, or NaN."""
    assert isinstance(error, RequestValidationError)
    wrong = [{name: one[name] for name in ('loc', 'msg', 'type')} for one in error.errors()]
    return JSONResponse({'detail': wrong}, 422)


async def _broken_off(_: Request, __: Exception) -> JSONResponse:
    return JSONResponse({'detail': _BROKEN_OFF}, 413)


async def _told(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({'detail': str(error)}, _STATUS[type(error)])
