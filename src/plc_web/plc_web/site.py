# SPDX-License-Identifier: Apache-2.0
"""What the routes share: the parts of the page, and when something may not be done."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
import time
from typing import Annotated

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection

from plc_kit.private import write_private
from plc_web.access import LocalToken, Password, Tries, Visits
from plc_web.computer import Computer
from plc_web.feed_node import FeedNode, Unreachable
from plc_web.graph import Graph
from plc_web.parameter import Parameter
from plc_web.parameter_file import ParameterFile
from plc_web.parameters_node import Asker
from plc_web.reports import Reports
from plc_web.settings import WebSettings
from plc_web.updater import Updater
from plc_web.wifi import Wifi

_BOOT = Path('/proc/sys/kernel/random/boot_id')
_SETTLING = 5.0  # s after its start in which a page may not have heard of a session yet
_SAFE_END = 20.0  # s that the safe end of a session may take


@dataclass
class Site:
    """One page."""

    settings: WebSettings
    feed: FeedNode
    graph: Graph
    asker: Asker
    file: ParameterFile
    updater: Updater
    computer: Computer
    wifi: Wifi
    reports: Reports
    password: Password
    visits: Visits
    token: LocalToken
    version: str
    tries: Tries = field(default_factory=Tries)
    began: float = field(default_factory=time.monotonic)
    known: list[Parameter] = field(default_factory=list)  # parameters, as last told
    hashing: asyncio.Lock = field(default_factory=asyncio.Lock)
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)  # of what the graph does
    leave: asyncio.Event = field(default_factory=asyncio.Event)
    exit_status: int = 0
    viewers: int = 0
    guessing: int = 0  # passwords that are being looked at

    @property
    def busy(self) -> str:
        """Why outputs may be live, as a sentence; empty: they are not. In doubt they may be."""
        if why := self.feed.busy:
            return why
        unheard = any(side.state is None for side in self.feed.sides.values())
        if unheard and time.monotonic() - self.began < _SETTLING:
            return 'the page has just started and has not heard of every session yet'
        if unheard and self.graph.running and not self._never_spoke:
            return 'the graph runs, and a session node has not told yet where it stands'
        return ''

    @property
    def _never_spoke(self) -> bool:
        """A graph whose session nodes are not even there after a while commands no output."""
        since = self.graph.since
        silent = all(not side.alive for side in self.feed.sides.values())
        return silent and since is not None and time.time() - since > 2 * _SETTLING

    def refuse_if_busy(self, what: str) -> None:
        """Raise 409 where a session may be running."""
        if why := self.busy:
            raise HTTPException(409, f'{what} has to wait: {why}')

    async def end_session(self) -> None:
        """Stop what runs by the safe end, and wait for it.

        A session node that does not answer is left to the SIGINT that follows (R7).
        """
        if not self.feed.busy:
            return
        try:
            await self.feed.press('charging/stop')
        except Unreachable:
            return
        end = time.monotonic() + _SAFE_END
        while self.feed.busy and time.monotonic() < end:
            await asyncio.sleep(0.1)

    def start_graph(self) -> None:
        """Start the graph as the settings have it."""
        arguments = self.settings.arguments.split()
        if self.settings.record:
            arguments += ['record:=true', f'bags:={self.settings.bags_folder}']
        self.graph.start(*arguments)

    def want_graph(self, wanted: bool) -> None:
        """Remember until the next boot whether the graph is to run when the page starts anew."""
        if wanted:
            write_private(self._wanted, _boot())
        else:
            self._wanted.unlink(missing_ok=True)

    @property
    def graph_is_wanted(self) -> bool:
        return self._wanted.exists() and self._wanted.read_text(errors='replace') == _boot()

    @property
    def _wanted(self) -> Path:
        return self.settings.state_folder / 'graph.wanted'

    async def stop_graph(self) -> None:
        """Stop the graph; a session that still runs ends safely first (R7)."""
        await self.graph.stop()
        self.feed.forget()


def _boot() -> str:
    return _BOOT.read_text()


def _site(connection: HTTPConnection) -> Site:
    site: Site = connection.app.state.site
    return site


Here = Annotated[Site, Depends(_site)]
