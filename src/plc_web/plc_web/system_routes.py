# SPDX-License-Identifier: Apache-2.0
"""The computer: reboot, addresses, WiFi; and updates of this software."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request

from plc_web.computer import Failed
from plc_web.site import Here, Site
from plc_web.words import Confirmed, Done, Join

router = APIRouter(prefix='/api')
SWITCH = 75  # exit status by which the keeper starts the page of the current release
_UPLOAD = {
    'requestBody': {
        'required': True,
        'content': {
            'application/octet-stream': {'schema': {'type': 'string', 'format': 'binary'}}
        },
    }
}


@router.get('/computer')
async def computer(site: Here) -> dict[str, Any]:
    """Return the version, the interfaces and their addresses."""
    return {
        'version': site.version,
        'links': await site.computer.links(),
        'encrypted': site.settings.scheme == 'https',
    }


@router.post('/reboot')
async def reboot(_: Confirmed, site: Here) -> Done:
    """Reboot the computer; never while a session runs."""
    async with site.changing:
        site.refuse_if_busy('a reboot')
        ran = site.graph.running
        await site.stop_graph()
        try:
            await site.computer.reboot()
        except Failed:
            if ran:
                site.start_graph()
            raise
    return Done(done='the computer starts anew')


@router.get('/update')
async def update(site: Here) -> dict[str, Any]:
    """Return how far an update is, and how the last one ended."""
    releases = site.updater.releases
    there = releases.there
    return {
        'version': site.version,
        'possible': there,
        'on_trial': there and releases.on_trial,
        'installed': releases.versions() if there else [],
        'progress': site.updater.progress,
        'last': site.updater.last(),
    }


@router.put('/update', openapi_extra=_UPLOAD)
async def install(
    request: Request,
    site: Here,
    older: Annotated[bool, Query(description='accept a version before the present one')] = False,
) -> Done:
    """Install a release bundle: its signature is checked, it tests itself, then it takes over.

    Taken back by itself when it is not healthy within a minute. Never while a session runs.
    """
    site.refuse_if_busy('an update')
    told = request.headers.get('content-length', '')
    size = int(told) if told.isdecimal() else 0

    async def switch(version: str) -> None:
        async with site.changing:
            site.refuse_if_busy('the switch to the new release')
            await site.stop_graph()
            await asyncio.to_thread(site.updater.releases.try_out, version)
            leave_soon(site)

    await site.updater.install(request.stream(), size, switch, site.refuse_if_busy, older=older)
    return Done(done=f'{site.updater.progress.version} takes over')


def leave_soon(site: Site) -> None:
    """End with the status that has the keeper start the current release, once this is answered."""
    site.exit_status = SWITCH
    asyncio.get_running_loop().call_later(0.5, site.leave.set)


@router.get('/wifi')
async def wifi(site: Here) -> dict[str, Any]:
    """Return the networks in reach; `why_not` says why there are none to choose."""
    if why_not := await site.wifi.why_not():
        return {'why_not': why_not, 'known': [], 'networks': []}
    known, networks = await site.wifi.known(), await site.wifi.networks()
    return {'why_not': '', 'known': known, 'networks': networks}


@router.post('/wifi/join')
async def join(network: Join, site: Here) -> Done:
    """Join a WiFi network. The page may be found at another address then."""
    await _refuse_without_wifi(site)
    await site.wifi.join(network.ssid, network.key)
    return Done(done=f'joined {network.ssid}')


@router.post('/wifi/reset')
async def reset(_: Confirmed, site: Here) -> Done:
    """Forget all WiFi networks, and open the access point for setting up."""
    await _refuse_without_wifi(site)
    await site.wifi.reset()
    return Done(done='all networks are forgotten; the access point is open')


async def _refuse_without_wifi(site: Site) -> None:
    if why_not := await site.wifi.why_not():
        raise HTTPException(409, why_not)
