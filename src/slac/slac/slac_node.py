# SPDX-License-Identifier: Apache-2.0
"""SLAC as a ROS node: carries frames, pilot and time to a matching, and what it says to others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import os
from typing import Any, Protocol

from plc_kit import qos
from plc_kit.alarm import Alarm
from plc_kit.clock import age, now, stamp
from plc_kit.closing import ClosingNode
from plc_kit.diagnostics import OK, WARN, Diagnostics, Finding
from plc_kit.interface import Interface
from plc_kit.journal_teller import JournalTeller
from plc_kit.one_publisher import SILENCE, hear_one
from plc_kit.parameters import declare, setting
from plc_kit.run import run
from plc_kit.sparing_log import SparingLog
from plc_modem.homeplug import MalformedMme, Mme, dissect
from plc_modem.homeplug.keys import Pseudonyms
from plc_modem.state import Modem, ModemState
from plc_msgs.msg import (
    ChargingState,
    ControlPilot,
    DataLink,
    EthernetFrame,
    MmeFrame,
    ModemStatus,
    PilotStatus,
    SetKey as SetKeyMsg,
    SlacStatus,
    TransportStatus,
    VehicleStatus,
)
from slac.ev.matching import EvMatching, Settings as EvSettings
from slac.evse.matching import EvseMatching
from slac.evse.session import Settings as EvseSettings
from slac.journal import RECIPES
from slac.skipped import Skipped
from slac.values import Changed, Event, LinkChanged, Phase, Pilot, Send, SetKey, Status

_STALE = 1.0  # s, an older pilot is a played-back bag (R6)


class Matching(Protocol):
    """The face of all three machines."""

    mac: str
    status: Status

    @property
    def deadline(self) -> float | None: ...
    def pilot(self, pilot: Pilot, now: float) -> list[Event]: ...
    def attempt(self, attempt: int, now: float) -> list[Event]: ...
    def modem(self, modem: Modem, now: float) -> list[Event]: ...
    def connected(self, connected: bool, now: float) -> list[Event]: ...
    def approached(self, now: float) -> list[Event]: ...
    def receive(self, mme: Mme, now: float) -> list[Event]: ...
    def tick(self, now: float) -> list[Event]: ...


@dataclass(frozen=True)
class SlacSettings:
    """The parameters of the slac node."""

    role: str = setting('pev', 'side this node serves', choices=('pev', 'evse'))
    mode: str = setting(
        'match', 'match, or skip: the interface is joined', choices=('match', 'skip')
    )
    timers: str = setting('field', 'set of timers (R26)', choices=('field', 'standard'))
    attenuation_margin_db: float = setting(
        3.0, 'chargers, or vehicles, this close (dB) are not told apart by attenuation', 0.0, 20.0
    )
    validation: bool = setting(
        True, 'vehicle: where chargers are not told apart, toggle the pilot (CM_VALIDATE, R19)'
    )
    attenuation_offset_db: int = setting(
        0, 'charger: added to the measured attenuation (dB)', -40, 40
    )
    synthetic_attenuation: bool = setting(
        False, 'charger: report a made-up attenuation where the modem measures none (one outlet)'
    )


def matching(settings: SlacSettings, entropy: Callable[[int], bytes]) -> Matching:
    """Make the machine that a role and a mode ask for."""
    if settings.mode == 'skip':
        return Skipped()
    if settings.role == 'pev':
        choice = EvSettings(settings.attenuation_margin_db, settings.validation, settings.timers)
        return EvMatching(choice, entropy)
    report = EvseSettings(
        attenuation_offset_db=settings.attenuation_offset_db,
        attenuation_margin_db=settings.attenuation_margin_db,
        synthetic_attenuation=settings.synthetic_attenuation,
        timers=settings.timers,
    )
    return EvseMatching(report, entropy)


class SlacNode(ClosingNode):
    """Connects a matching to the modem and the session of its namespace; decides nothing."""

    place = 'slac'

    def __init__(self, **node_options: Any) -> None:
        super().__init__('slac', **node_options)
        self._settings = declare(self, SlacSettings)
        self._journal = JournalTeller(self, 'slac/journal', RECIPES, Pseudonyms())
        own = matching(self._settings, self._journal.entropy(os.urandom))
        self._machine: Matching = self._journal.told(own)
        self._interface = ''
        self._link = DataLink()
        self._malformed = 0
        self._logged = ''
        self._tale = SparingLog(self)
        self._publish()
        self._subscribe()
        self._alarm = Alarm(self, self._on_deadline)
        self._tell(self._machine.status)
        self._tell_link(LinkChanged(False))
        self._diagnostics = Diagnostics(self, self._find)

    def _publish(self) -> None:
        self._mme_tx = self.create_publisher(MmeFrame, 'mme_tx', qos.STREAM)
        self._set_key = self.create_publisher(SetKeyMsg, 'modem/set_key', qos.STREAM)
        self._status = self.create_publisher(SlacStatus, 'slac/status', qos.LATCHED)
        self._data_link = self.create_publisher(DataLink, 'data_link', qos.LATCHED)

    def _subscribe(self) -> None:
        hear_one(self, MmeFrame, 'mme_rx', self._on_frame, qos.STREAM)
        for kind, topic, heard in (
            (ModemStatus, 'modem/status', self._on_modem),
            (ChargingState, 'charging/state', self._on_state),
            (TransportStatus, 'transport/status', self._on_link),
        ):
            hear_one(self, kind, topic, heard, qos.STATES)
        shown, topic = {
            'pev': (VehicleStatus, 'vehicle/status'),
            'evse': (PilotStatus, 'pilot/status'),
        }[self._settings.role]
        hear_one(self, shown, topic, self._on_pilot, qos.HEARD, silence=SILENCE)

    def _on_frame(self, msg: MmeFrame) -> None:
        try:
            self._perform(self._machine.receive(dissect(bytes(msg.octets)), now()))
        except MalformedMme as error:
            self._malformed += 1
            self.get_logger().debug(f'dropped: {error}')

    def _on_modem(self, msg: ModemStatus) -> None:
        if msg.interface and msg.interface != self._interface:
            self._meet(msg.interface)
        modem = Modem(
            state=ModemState(msg.state),
            mac=msg.mac,
            firmware=msg.firmware,
            remote_macs=(msg.remote_mac,) if msg.remote_mac else (),
            network=msg.network,
            reason=msg.reason,
        )
        self._perform(self._machine.modem(modem, now()))

    def _meet(self, interface: str) -> None:
        try:
            self._machine.mac = Interface.parse(interface).mac.hex(':')
        except (ValueError, OSError) as error:  # it is gone: the next status tries again
            self._tale.warning(str(error))
        else:
            self._interface = self._diagnostics.hardware_id = interface

    def _on_state(self, msg: ChargingState) -> None:
        self._perform(self._machine.attempt(msg.attempt, now()))

    def _on_link(self, msg: TransportStatus) -> None:
        if approached(msg, self._link.link_id):
            self._perform(self._machine.approached(now()))
        self._perform(self._machine.connected(msg.state == TransportStatus.CONNECTED, now()))

    def _on_pilot(self, msg: VehicleStatus | PilotStatus) -> None:
        if abs(age(msg.stamp)) < _STALE:
            pilot: ControlPilot = msg.pilot
            seen = Pilot.of(pilot.state, pilot.duty, _edges(msg))
            self._perform(self._machine.pilot(seen, now()))

    def _on_deadline(self) -> None:
        self._perform(self._machine.tick(now()))

    def _perform(self, events: Iterable[Event]) -> None:
        """What the other side waits for goes before what is told of it."""
        for event in sorted(events, key=lambda event: isinstance(event, Changed)):
            match event:
                case Send(frames, spacing):
                    self._send([bytes(frame) for frame in frames], spacing)
                case SetKey(nmk, nid):
                    key = SetKeyMsg(stamp=stamp(), nmk=list(nmk), nid=list(nid))
                    self._set_key.publish(key)
                case Changed(status):
                    self._tell(status)
                case LinkChanged():
                    self._tell_link(event)
        self._alarm.set(self._machine.deadline)
        self._journal.tell()

    def _send(self, frames: list[bytes], spacing: float) -> None:
        first, *rest = frames
        followers = [EthernetFrame(octets=octets) for octets in rest]
        self._mme_tx.publish(
            MmeFrame(stamp=stamp(), octets=first, spacing=spacing, followers=followers)
        )

    def _tell(self, status: Status) -> None:
        self._status.publish(
            SlacStatus(
                stamp=stamp(),
                state=status.phase,
                checkpoint=status.checkpoint,
                attempt=status.attempt,
                peer_mac=status.peer_mac,
                run_id=list(status.run_id),
                chargers=[mac for mac, _ in status.heard],
                attenuation=[db for _, db in status.heard],
                attenuation_profile=list(status.profile),
                show_c=status.show_c,
                reason=status.reason,
            )
        )
        line = f'SLAC {status.phase.name.lower()} {status.reason}'.rstrip()
        if line != self._logged:
            self._logged = line
            self._tale.info(line)

    def _tell_link(self, change: LinkChanged) -> None:
        self._link = DataLink(
            stamp=stamp(),
            ready=change.ready,
            link_id=self._link.link_id + change.ready,
            interface=self._interface,
            peer_mac=change.peer_mac,
            modem_mac=change.modem_mac,
        )
        self._data_link.publish(self._link)

    def _find(self) -> list[Finding]:
        status = self._machine.status
        heard = {f'attenuation of {mac}': f'{db:.1f} dB' for mac, db in status.heard}
        values = {'partner': status.peer_mac, 'malformed frames': self._malformed, **heard}
        made_up = self._settings.role == 'evse' and self._settings.synthetic_attenuation
        if made_up:
            values['attenuation'] = 'made up, not measured: for a single outlet only'
        unproven = status.phase is Phase.MATCHED and status.reason
        level = WARN if made_up or unproven or status.phase is Phase.FAILED else OK
        return [Finding('SLAC', level, status.reason or status.phase.name, values)]


def _edges(msg: VehicleStatus | PilotStatus) -> int | None:
    """How often the vehicle went between B and C, where the pilot's owner counts it."""
    counted = isinstance(msg, PilotStatus) and msg.toggles_counted
    return int(msg.toggles) if counted else None


def approached(msg: TransportStatus, link_id: int) -> bool:
    """Whether the partner has sent SDP over this link, or opened TCP."""
    opened = msg.state in (TransportStatus.CONNECTING, TransportStatus.CONNECTED)
    return msg.link_id == link_id and (opened or bool(msg.security_asked))


def main() -> None:
    """Run the node."""
    run(SlacNode)
