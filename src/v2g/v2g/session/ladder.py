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

_ATTEMPTS_A_LINK = 1000  # more than a session node makes before a link stands


class Ladder:
    """Knows for the present attempt how far the way is open, and what closed it."""

    def __init__(self) -> None:
        self.modem: ModemReading | None = None
        self.slac: SlacReading | None = None
        self.data_link = DataLinkReading()
        self.known = False  # slac has told both its states
        self.link = LinkReading()
        self.attempt = 0
        self._used_link: int | None = None  # of an attempt that has ended
        self._used_connections: set[int] = set()
        self._link_told = False

    def set_slac(self, reading: SlacReading) -> bool:
        """Take SLAC's state; tell whether it is known now and was not before."""
        self.slac = reading
        return self._learnt()

    def set_data_link(self, reading: DataLinkReading) -> bool:
        """Take the data link; tell whether it is known now and was not before."""
        if not reading.ready:
            self._used_link = None
        self.data_link, self._link_told = reading, True
        return self._learnt()

    def _learnt(self) -> bool:
        before, self.known = self.known, self.slac is not None and self._link_told
        return self.known and not before

    def begin(self, attempt: int) -> None:
        """A new attempt: the present link and connection belong to the last one."""
        self.attempt = attempt
        self._used_link = self.data_link.link_id if self.data_link.ready else None
        self._used_connections = {self.link.connection_id}

    @property
    def restarted(self) -> bool:
        """SLAC has already served a session node that is gone, whatever became of it (R6)."""
        served = self.slac.attempt if self.slac is not None else 0
        return served > 0 or self.data_link.link_id > 0

    @property
    def attempts(self) -> int:
        """A number that no attempt of an earlier session node had."""
        served = self.slac.attempt if self.slac is not None else 0
        return max(served, _ATTEMPTS_A_LINK * self.data_link.link_id)

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

    def waits_for(self, of_vehicle: bool) -> str:
        """A sentence: what the way up waits for, of a vehicle or of a charger."""
        parts = (self.link if self.ready else None, self.slac, self.modem)
        told = next((part.reason for part in parts if part and part.reason), '')
        return told or f'waiting for {self._next_rung(of_vehicle)}'

    def _next_rung(self, of_vehicle: bool) -> str:
        match self.rung:
            case Stage.TCP:
                return 'the TCP connection'
            case Stage.SDP:
                return 'the answer to SDP' if of_vehicle else "the vehicle's SDP request"
            case Stage.AVLN:
                return 'the modems to join'
            case Stage.SLAC:
                return f'the {"charger" if of_vehicle else "vehicle"} in SLAC'
        if self.modem is None:
            return 'modem/status'
        searching = self.modem.state not in (ModemState.NONE, ModemState.READY, ModemState.LINKED)
        return 'the modem' if searching else 'SLAC to begin'

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
