# SPDX-License-Identifier: Apache-2.0
"""The way up to a connection: modem, SLAC, AVLN, SDP, TCP, from what the other nodes tell."""

from v2g.session.cause import Cause, fault
from v2g.session.readings import (
    DataLinkReading,
    LinkReading,
    LinkState,
    ModemReading,
    ModemState,
    SlacReading,
    SlacState,
)
from v2g.session.stage import Stage


class Ladder:
    """Knows for the present attempt how far the way is open, and what closed it."""

    def __init__(self) -> None:
        self.modem: ModemReading | None = None
        self.slac: SlacReading | None = None
        self.data_link = DataLinkReading()
        self.link = LinkReading()
        self.attempt = 0
        self._used_link: int | None = None  # of an attempt that has ended
        self._used_connections: set[int] = set()

    def set_data_link(self, reading: DataLinkReading) -> None:
        if not reading.ready:
            self._used_link = None
        self.data_link = reading

    def begin(self, attempt: int) -> None:
        """A new attempt: the present link and connection belong to the last one."""
        self.attempt = attempt
        self._used_link = self.data_link.link_id if self.data_link.ready else None
        self._used_connections = {self.link.connection_id}

    @property
    def restarted(self) -> bool:
        """SLAC has already served a session node that is gone, whatever became of it (R6)."""
        return self.slac is not None and self.slac.attempt > 0

    @property
    def absent(self) -> frozenset[Stage]:
        """Stages that this way has not: a bench without modems."""
        absent: set[Stage] = set()
        if self.slac is not None and self.slac.state is SlacState.SKIPPED:
            absent |= {Stage.SLAC, Stage.AVLN}
        if self.modem is not None and self.modem.state is ModemState.NONE:
            absent.add(Stage.MODEM_SEARCH)
        return frozenset(absent)

    @property
    def ready(self) -> bool:
        """The data link of this attempt is there."""
        return self.data_link.ready and self.data_link.link_id != self._used_link

    @property
    def connection(self) -> int | None:
        """Connection id of this attempt's TCP connection."""
        link = self.link
        fresh = link.connection_id and link.connection_id not in self._used_connections
        connected = self.ready and link.state is LinkState.CONNECTED
        return link.connection_id if connected and fresh else None

    @property
    def rung(self) -> Stage:
        """How far this attempt has come."""
        if self.ready:
            mine = self.link.link_id == self.data_link.link_id
            connecting = self.link.state in (LinkState.CONNECTING, LinkState.CONNECTED)
            return Stage.TCP if mine and connecting else Stage.SDP
        slac = self.slac
        if slac is not None and slac.attempt == self.attempt:
            if slac.state in (SlacState.JOINING, SlacState.MATCHED):
                return Stage.AVLN
            if slac.state is SlacState.MATCHING:
                return Stage.SLAC
        return Stage.MODEM_SEARCH

    @property
    def waits_for(self) -> str:
        """A sentence: what the way up waits for."""
        parts = (self.link if self.ready else None, self.slac, self.modem)
        return next((part.reason for part in parts if part and part.reason), '')

    @property
    def obstacle(self) -> Cause | None:
        """Why this attempt cannot come further."""
        slac, link = self.slac, self.link
        if self.modem is not None and self.modem.state is ModemState.FAILED:
            return fault('MODEM_FAILED', self.modem.reason or 'the modem failed')
        if slac is not None and slac.attempt == self.attempt and slac.state is SlacState.FAILED:
            return fault('SLAC_FAILED', slac.reason or 'SLAC failed')
        mine = link.link_id == self.data_link.link_id
        if self.ready and mine and link.state is LinkState.CLOSED:
            return fault('NO_CONNECTION', link.reason or 'no connection to the other side')
        return None

    def lost(self, connection_id: int) -> str:
        """Why a session's connection is gone; empty while it stands."""
        if not self.data_link.ready:
            return 'the data link is lost'
        if self.link.state is not LinkState.CONNECTED or self.link.connection_id != connection_id:
            return self.link.reason or 'the TCP connection is closed'
        return ''
