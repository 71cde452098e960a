# SPDX-License-Identifier: Apache-2.0
"""What is going on, and the buttons of a session and of the graph."""

import asyncio
import time
from typing import Any

from fastapi import APIRouter, HTTPException, WebSocket, WebSocketDisconnect

from plc_web.site import Here, Site
from plc_web.words import Confirmed, Done, Limits

router = APIRouter(prefix='/api')
_PERIOD = 0.5  # s between two looks of a browser
_MOST_VIEWERS = 16


def snapshot(site: Site) -> dict[str, Any]:
    """Return all that the live page shows."""
    return {
        'time': time.time(),
        'graph': graph(site),
        'busy': site.busy,
        'sides': [side.snapshot() for side in site.feed.sides.values()],
        'diagnostics': site.feed.findings(),
    }


def graph(site: Site) -> dict[str, Any]:
    """Return how the launch is."""
    return {
        'running': site.graph.running,
        'stopping': site.graph.stopping,
        'since': site.graph.since,
        'ended': site.graph.ended,
        'launch': site.settings.launch,
        'arguments': site.settings.arguments,
    }


@router.get('/live')
async def live(site: Here) -> dict[str, Any]:
    """Return what the live page shows: graph, both sides' states, diagnostics."""
    return snapshot(site)


@router.get('/history')
async def history(site: Here) -> dict[str, list[list[float | None]]]:
    """Return the last hour by side: rows of time (s), SoC (0..1), V, A."""
    return {name: list(side.history) for name, side in site.feed.sides.items()}


@router.websocket('/live/stream')
async def stream(socket: WebSocket, site: Here) -> None:
    """Send the snapshot twice a second, as long as somebody looks and may."""
    if site.viewers >= _MOST_VIEWERS:
        await socket.close(4429)
        return
    await socket.accept()
    site.viewers += 1
    gone = asyncio.create_task(_until_closed(socket))
    try:
        while not gone.done() and not site.leave.is_set() and _may_look(socket, site):
            await socket.send_json(snapshot(site))
            await asyncio.wait((gone,), timeout=_PERIOD)
        if not gone.done():
            await socket.close()
    except (WebSocketDisconnect, RuntimeError):
        pass  # it went away while it was sent to
    finally:
        site.viewers -= 1
        gone.cancel()


def _may_look(socket: WebSocket, site: Site) -> bool:
    """A browser that has logged out, or was sent out, sees no more."""
    visit = socket.scope.get('visit')
    return visit is None or site.visits.knows(visit, time.monotonic())


async def _until_closed(socket: WebSocket) -> None:
    try:
        while True:
            await socket.receive_text()
    except (WebSocketDisconnect, RuntimeError, KeyError):
        return


@router.post('/charge/stop')
async def stop_charge(_: Confirmed, site: Here) -> Done:
    """End the session normally: current down, contactors open, plug released."""
    return await _press(site, 'charging/stop')


@router.post('/charge/emergency-stop')
async def emergency_stop(site: Here) -> Done:
    """End the session as a fault, and latch it. This is no safety function."""
    return await _press(site, 'charging/emergency_stop')


@router.post('/charge/reset')
async def reset(_: Confirmed, site: Here) -> Done:
    """Let go of what is latched behind an emergency stop or a suspected weld."""
    site.refuse_if_busy('the reset')
    return await _press(site, 'charging/reset')


async def _press(site: Site, name: str) -> Done:
    answers = await site.feed.press(name)
    refused = [message for success, message in answers if not success]
    if refused:
        raise HTTPException(409, '; '.join(refused) or f'{name} was refused')
    return Done(done=f'{name} was called')


@router.post('/charge/limits')
async def limit(limits: Limits, site: Here) -> Done:
    """Lower the limits of the charge that runs, or of the next one."""
    wanted = limits.model_dump(exclude_none=True)
    if not wanted:
        raise HTTPException(400, 'no limit was given')
    side = site.feed.sides.get('/pev')
    if side is None:
        raise HTTPException(409, 'the vehicle decides, and it is not on this side')
    if side.busy():
        _refuse_raise(side.state, wanted)
    if refusal := await site.feed.charge(**wanted):
        raise HTTPException(409, refusal)
    return Done(done='the goal was sent')


def _refuse_raise(state: Any, wanted: dict[str, float]) -> None:
    if 'target_soc' in wanted:
        raise HTTPException(409, 'while a session runs its target stays')
    for name, value in wanted.items():
        present = getattr(state, f'vehicle_{name}', 0.0)
        if present and value > present:
            raise HTTPException(409, f'while a session runs {name} may only be lowered')


@router.post('/graph/start')
async def start(_: Confirmed, site: Here) -> Done:
    """Start the graph; never while a session runs in another."""
    async with site.changing:
        if site.graph.running:
            raise HTTPException(409, 'the graph runs already')
        site.refuse_if_busy('the start')
        site.start_graph()
        site.want_graph(True)
    return Done(done='the graph starts')


@router.post('/graph/stop')
async def stop(_: Confirmed, site: Here) -> Done:
    """Stop the graph; a session ends safely first."""
    async with site.changing:
        site.want_graph(False)
        await site.end_session()
        await site.stop_graph()
    return Done(done='the graph is down')


@router.post('/graph/restart')
async def restart(_: Confirmed, site: Here) -> Done:
    """Stop the graph and start it anew; never while a session runs."""
    async with site.changing:
        site.refuse_if_busy('a restart')
        await site.stop_graph()
        site.start_graph()
        site.want_graph(True)
    return Done(done='the graph starts anew')
