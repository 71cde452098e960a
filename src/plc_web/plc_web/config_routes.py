# SPDX-License-Identifier: Apache-2.0
"""Every parameter of every node: what it is, what is in the file, and changing it."""

import asyncio
from typing import Any

from fastapi import APIRouter, HTTPException

from plc_kit.nearest import did_you_mean
from plc_web.parameter import BadValue, Parameter, Value
from plc_web.parameter_file import Nodes, ParameterFile
from plc_web.parameters_node import by_node
from plc_web.site import Here, Site
from plc_web.words import Change, Changes, Confirmed, Done, Saved

router = APIRouter(prefix='/api/parameters')
Wanted = list[tuple[Parameter, Value]]


@router.get('')
async def parameters(site: Here) -> dict[str, Any]:
    """Return the parameters as the nodes declare them, with the values of the file.

    Without a graph they are as last told.
    """
    found = await site.asker.catalogue()
    site.known = found or site.known
    in_file = site.file.read()
    rows = [_row(one, in_file) for one in site.known]
    return {
        'live': bool(found),
        'previous': site.file.previous.exists(),
        'restart_needed': bool(found) and any(row['pending'] for row in rows),
        'parameters': rows,
    }


def _row(one: Parameter, in_file: Nodes) -> dict[str, Any]:
    """`pending`: the file says otherwise than the node that runs."""
    values = in_file.get(one.node, {})
    saved = values.get(one.name)
    pending = saved is not None and saved != one.value
    return one.as_json() | {'saved': saved, 'pending': pending}


@router.put('')
async def change(changes: Changes, site: Here) -> Saved:
    """Save parameters into the file, and apply at once those that may change while a node runs."""
    async with site.changing:
        found = await site.asker.catalogue({one.node for one in changes.changes})
        there = {one.node for one in found}
        site.known = [one for one in site.known if one.node not in there] + found
        wanted = _checked(site.known, changes, site.file)
        live = [(p, v) for p, v in wanted if p.node in there and not p.read_only and v is not None]
        if live and (why := site.busy) and not all(p.in_session(v) for p, v in live):
            raise HTTPException(409, f'limits may only be lowered: {why}')
        await _apply(site, by_node(live))
        await asyncio.to_thread(site.file.change, by_node(wanted))
    names = [f'{p.node} {p.name}' for p, _ in live]
    later = [f'{p.node} {p.name}' for p, v in wanted if (p, v) not in live]
    return Saved(done='saved', applied=names, at_next_start=later)


async def _apply(site: Site, nodes: Nodes) -> None:
    """Set what may change in each node; one that refuses is told, and the others with it."""
    done: list[str] = []
    for node, values in nodes.items():
        if refusal := await site.asker.set(node, values):
            already = f'; {" and ".join(done)} took its own until it ends' if done else ''
            raise HTTPException(400, f'{node}: {refusal}{already}')
        await asyncio.to_thread(site.graph.keep, {node: values})
        done.append(node)


def _checked(parameters: list[Parameter], changes: Changes, file: ParameterFile) -> Wanted:
    known = {(one.node, one.name): one for one in parameters}
    wanted: Wanted = []
    for one in changes.changes:
        parameter = known.get((one.node, one.name)) or _left_behind(one, file)
        if parameter is None:
            names = [name for node, name in known if node == one.node]
            meant = did_you_mean(one.name, names)
            raise HTTPException(404, f'{one.node} has no parameter {one.name}{meant}')
        try:
            wanted.append((parameter, None if one.value is None else parameter.check(one.value)))
        except BadValue as error:
            raise HTTPException(400, str(error)) from None
    return wanted


def _left_behind(change: Change, file: ParameterFile) -> Parameter | None:
    """Return a parameter that stands in the file alone, for it to be taken back.

    Its node has it no more, or not with the launch arguments of now, and would not start.
    """
    if change.value is not None or change.name not in file.read().get(change.node, {}):
        return None
    return Parameter(change.node, change.name, 'none', None, '', read_only=True)


@router.post('/restore')
async def restore(_: Confirmed, site: Here) -> Done:
    """Take the last change back: the file before it counts from the next start on."""
    async with site.changing:
        if not site.file.restore():
            raise HTTPException(404, 'there is no previous file')
    return Done(done='the previous file is back')
