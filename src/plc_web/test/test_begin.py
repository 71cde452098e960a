# SPDX-License-Identifier: Apache-2.0
"""When a page that starts brings the graph up."""

import asyncio
from dataclasses import fields
from threading import Event
from types import SimpleNamespace
from unittest.mock import AsyncMock, Mock

from fastapi import HTTPException
import pytest

from plc_web import live_routes, serve_node, site as sites
from plc_web.listening import AddressAway
from plc_web.settings import WebSettings
from plc_web.site import Site


@pytest.fixture
def begin(tmp_path):
    """Begin as a page does, and return whether the graph was started."""

    def run(wifi=None, **settings):
        site = made(tmp_path, **settings)
        site.wifi = wifi
        asyncio.run(serve_node._begin(site))
        return site.graph.start.called

    return run


def made(state, **settings):
    given = {one.name: Mock() for one in fields(Site) if one.init}
    given |= {'settings': WebSettings(state=str(state), **settings), 'changing': asyncio.Lock()}
    given |= {'updater': AsyncMock(), 'graph': Mock(running=False)}
    return Site(**given)


def test_a_graph_that_ran_is_started_by_the_next_page(begin, tmp_path):
    assert not begin()
    made(tmp_path).want_graph(True)
    assert begin()
    made(tmp_path).want_graph(False)
    assert not begin()


def test_a_graph_that_ran_before_a_reboot_is_not(begin, tmp_path, monkeypatch):
    made(tmp_path).want_graph(True)
    (tmp_path / 'boot').write_text('another')
    monkeypatch.setattr(sites, '_BOOT', tmp_path / 'boot')
    assert not begin()
    assert begin(start_graph=True)


def test_whatever_is_wrong_with_the_wifi_the_graph_starts(begin):
    wifi = SimpleNamespace(open_if_nothing_is_known=AsyncMock(side_effect=ValueError('odd')))
    assert begin(wifi, start_graph=True, wifi_setup=True)


def test_while_a_session_runs_elsewhere_no_graph_is_started(tmp_path):
    site = made(tmp_path)
    site.feed.busy = 'a session is in CHARGE_LOOP'
    with pytest.raises(HTTPException, match='the start has to wait: a session is in CHARGE_LOOP'):
        asyncio.run(live_routes.start(Mock(), site))
    assert not site.graph.start.called


def test_r7_who_is_told_to_leave_waits_for_no_name(tmp_path, monkeypatch):
    site, asked, known = made(tmp_path), Event(), Event()
    site.leave = asyncio.Event()

    def listen(*_):
        asked.set()
        assert known.wait(60)
        raise AddressAway

    async def leaves():
        waiting = asyncio.create_task(serve_node._address_comes(site))
        assert await asyncio.to_thread(asked.wait, 20)
        site.leave.set()
        try:
            return await asyncio.wait_for(waiting, 10)
        finally:
            known.set()

    monkeypatch.setattr(serve_node, 'listen', listen)
    assert asyncio.run(leaves()) is None
