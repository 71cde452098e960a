# SPDX-License-Identifier: Apache-2.0
"""The modem as a lifecycle node: frames between wire and topics, and what is known of the modem.

configure opens the interface, activate uses it, deactivate leaves it alone, cleanup lets it go.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from plc_kit import qos
from plc_kit.alarm import Alarm
from plc_kit.claim import Claim
from plc_kit.clock import age, now, stamp
from plc_kit.closing import ClosingNode
from plc_kit.diagnostics import ERROR, OK, WARN, Diagnostics, Finding
from plc_kit.inbox import Inbox
from plc_kit.interface import Interface
from plc_kit.journal_teller import JournalTeller
from plc_kit.network import await_network
from plc_kit.one_publisher import hear_one
from plc_kit.parameters import declare, setting
from plc_kit.quota import Quota
from plc_kit.run import CannotStart, run
from plc_kit.sparing_log import SparingLog
from plc_modem.homeplug import MalformedMme, dissect, is_homeplug, is_of_slac
from plc_modem.homeplug.keys import Pseudonyms, without_keys
from plc_modem.journal import RECIPES
from plc_modem.modem import Changed, Event, ModemMachine, Send
from plc_modem.ports.ethernet import EthernetPort, NoAccess
from plc_modem.ports.finding import find_modem
from plc_modem.ports.pacing import Pacer
from plc_modem.ports.spi import SpiPort
from plc_modem.ports.spi_bus import SpiSettings
from plc_modem.qca7005.host import Started, Stopped
from plc_modem.state import Modem, ModemState
from plc_modem.upkeep_node import UpkeepServices
from plc_msgs.msg import MmeFrame, ModemStatus, SetKey

_NETWORK_TIME = 10.0  # s in which a simulated network must come up
_TAP = 'ccs0'  # where interface:=auto is no choice among interfaces
_COUNTS = (
    *('frames sent', 'frames received', 'malformed', 'refused'),
    *('flooding', 'unread'),  # frames that were dropped: beyond the quota, or behind a full inbox
)
_SOURCE = slice(6, 12)  # of a frame's octets
_STALE = 1.0  # s, an older request is a played-back bag (R6)
# Frames that are looked at in a second, from one station and from all: a car park of eight that
# matches at once makes 240, of which a charger's own modem sends 80.
_EACH, _ALL = 200, 500
_ROOM = 64  # frames that nobody has read
IDLE = Modem(state=ModemState.INACTIVE, reason='the modem node is not active')


@dataclass(frozen=True)
class ModemSettings:
    """The parameters of the modem node."""

    role: str = setting('pev', 'side this modem serves', choices=('pev', 'evse'))
    interface: str = setting('auto', 'NAME, NAME@NETWORK, or auto: where a modem answers')
    modem: str = setting('ar7420', 'kind of modem', choices=('ar7420', 'qca7005', 'none'))
    allow_ipv4: bool = setting(False, 'accept an interface with an IPv4 address (R25)')
    factory_defaults: bool = setting(
        False, 'a modem that takes no key even after a reset may lose its settings, role included'
    )
    autostart: bool = setting(
        True, 'configure and activate at start; false: wait for lifecycle commands'
    )


SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE


class ModemNode(ClosingNode, LifecycleNode):
    """Carries frames between one port and the topics of its namespace; decides nothing."""

    place = 'modem'

    def __init__(self, **node_options: Any) -> None:
        super().__init__('modem', **node_options)
        self._settings = declare(self, ModemSettings)
        self._spi = declare(self, SpiSettings)
        self._counts = dict.fromkeys(_COUNTS, 0)
        self._quota = Quota(_EACH, _ALL)
        self._tale = SparingLog(self)
        self._interface: Interface | None = None  # from configure to cleanup, as the port
        self._port: EthernetPort | SpiPort | None = None
        self._claim: Claim | None = None
        self._machine: ModemMachine | None = None  # while active, as the pacer
        self._objection = ''  # why it cannot be configured
        self._network_time = _NETWORK_TIME
        self.closing.callback(self._release)
        self._join()
        self.closing.callback(self._rest)
        if self._settings.autostart:
            self._start()
        else:
            self._tell()
        self._network_time = 0.0  # whoever commands can try again

    def _join(self) -> None:
        self._status = self.create_publisher(ModemStatus, 'modem/status', qos.LATCHED)
        self._rx = self.create_publisher(MmeFrame, 'mme_rx', qos.STREAM)
        self._log = self.create_publisher(MmeFrame, 'mme_log', qos.RECORD)
        self._journal = JournalTeller(self, 'modem/journal', RECIPES, Pseudonyms())
        self._inbox = Inbox[bytes](self, self._on_frame, _ROOM)
        self._notices = Inbox[Started | Stopped](self, self._on_notice)
        self._alarm = Alarm(self, self._on_deadline)
        hear_one(self, MmeFrame, 'mme_tx', self._on_mme_tx, qos.STREAM)
        hear_one(self, SetKey, 'modem/set_key', self._on_set_key, qos.STREAM)
        self._diagnostics = Diagnostics(self, self._find)
        self._modem = IDLE
        self._upkeep = UpkeepServices(
            self, lambda mme: self._put(bytes(mme)), lambda: self._modem, self._leave_modem
        )

    def _start(self) -> None:
        if self.trigger_configure() != SUCCESS:
            raise CannotStart(self._objection)
        self.trigger_activate()

    # Lifecycle

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Open the interface; FAILURE with a sentence in the log, and it can be tried again."""
        try:
            self._open()
        except (CannotStart, NoAccess, ValueError, OSError) as error:
            self._release()
            self._objection = str(error)
            if not self._network_time:
                self.get_logger().error(f'not configured: {error}')
            return FAILURE
        return SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Look for the modem, and carry frames."""
        self._modem = Modem(state=ModemState.NONE)
        if self._port is not None:
            assert self._interface is not None
            self._pacer = Pacer(self._put)
            host = self._interface.mac.hex(':')
            defaults = self._settings.factory_defaults
            machine = ModemMachine(host, now(), factory_defaults=defaults)
            self._machine, self._modem = self._journal.told(machine), machine.modem
            self._upkeep.begin(host)
            self._alarm.set(machine.deadline)
        self._tell()
        return SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Carry nothing any more; a session on it ends when modem/status says so."""
        self._rest()
        self._tell()
        return SUCCESS

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let the interface go."""
        self._release()
        return SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let everything go; the process stays until it is told to end."""
        self.on_deactivate(state)
        return self.on_cleanup(state)

    def _open(self) -> None:
        self._interface = self._choose_interface()
        if self._settings.modem != 'none':  # a second one would set a key of its own
            simulated = bool(self._interface.network)
            self._claim = Claim(f'a modem node at {self._interface}', of_user=simulated)
        if self._settings.modem == 'qca7005':  # it makes the interface
            self._port = SpiPort(self._interface, self._spi, self._on_wire, self._notices.put)
        self._prepare(self._interface)
        self._diagnostics.hardware_id = str(self._interface)
        if self._settings.modem == 'ar7420':
            self._port = EthernetPort(self._interface, self._on_wire)

    def _rest(self) -> None:
        self._upkeep.end()
        if self._machine is not None:
            self._machine = None
            self._pacer.close()
        self._alarm.set(None)
        self._journal.forget()
        self._modem = IDLE

    def _release(self) -> None:
        if self._port is not None:
            self._port.close()
        if self._claim is not None:
            self._claim.close()
        self._port = self._interface = self._claim = None

    def _choose_interface(self) -> Interface:
        if self._settings.interface == 'auto':
            if self._settings.modem == 'none':
                raise CannotStart('modem:=none needs interface:=NAME, the one to use as it is')
            if self._settings.modem == 'qca7005':
                return Interface(_TAP)
            return find_modem()
        chosen = Interface.parse(self._settings.interface)
        if chosen.network:  # whoever makes it is being started too
            await_network(chosen.network, self._network_time)
        return chosen

    def _prepare(self, interface: Interface) -> None:
        if interface.has_ipv4() and not self._settings.allow_ipv4:
            remedy = interface.advised(f'remove it: sudo ip -4 addr flush dev {interface.name}')
            raise CannotStart(
                f'{interface} has an IPv4 address, so it carries more than a charge (R25); '
                f'{remedy}; or allow_ipv4:=true'
            )
        if loud := interface.quieten():
            remedy = interface.advised(f'type: sudo sysctl {" ".join(loud)}')
            self.get_logger().warning(f'{interface} is not set up for charging only; {remedy}')

    # Frames

    def _on_wire(self, octets: bytes) -> None:
        """Called in the port's thread: the way to slac is as short as it can be."""
        if self._machine is None:
            return
        if not self._quota.grants(octets[_SOURCE], now()):
            self._counts['flooding'] += 1
            return
        self._rx.publish(MmeFrame(stamp=stamp(), octets=octets))
        self._counts['frames received'] += 1
        if not is_of_slac(octets):
            self._counts['unread'] += not self._inbox.put(octets)
        self._mirror(octets)

    def _on_frame(self, octets: bytes) -> None:
        if self._machine is None:
            return  # of the time before deactivate
        try:
            mme = dissect(octets)
        except MalformedMme as error:
            self._counts['malformed'] += 1
            self.get_logger().debug(f'dropped: {error}')
            return
        self._perform(self._machine.receive(mme, now()))
        self._upkeep.receive(mme)

    def _on_notice(self, notice: Started | Stopped) -> None:
        match notice:
            case Stopped(reason):
                self._tale.warning(f'QCA7005: {reason}')
            case Started() if self._machine is not None:
                self._perform(self._machine.restarted(now()))

    def _on_deadline(self) -> None:
        if self._machine is not None:
            self._perform(self._machine.tick(now()))

    def _on_mme_tx(self, msg: MmeFrame) -> None:
        frames = [bytes(msg.octets), *(bytes(frame.octets) for frame in msg.followers)]
        if self._machine is None:
            self._refuse('a frame to send, while there is no modem to send it')
        elif abs(age(msg.stamp)) > _STALE or not all(map(is_homeplug, frames)):
            self._refuse('a frame to send is older than 1 s, or no HomePlug frame')
        elif msg.followers:
            self._pacer.put(frames, msg.spacing)
        else:
            self._put(frames[0])

    def _on_set_key(self, msg: SetKey) -> None:
        if self._machine is None:
            self._refuse('a key to set, while there is no modem to take it')
        elif abs(age(msg.stamp)) > _STALE:
            self._refuse('a key to set is older than 1 s')
        else:
            self._perform(self._machine.set_key(bytes(msg.nmk), bytes(msg.nid), now()))

    def _refuse(self, why: str) -> None:
        self._counts['refused'] += 1
        self.get_logger().warning(f'refused: {why}', throttle_duration_sec=5.0)

    def _perform(self, events: Iterable[Event]) -> None:
        """What the modem waits for goes before what is told of it."""
        for event in sorted(events, key=lambda event: isinstance(event, Changed)):
            match event:
                case Send(mme):
                    self._put(bytes(mme))
                case Changed(modem):
                    self._modem = modem
                    self._tell()
        if self._machine is not None:
            self._alarm.set(self._machine.deadline)
        self._journal.tell()

    def _leave_modem(self, to_services: bool) -> None:
        """Leave the modem to a service that changes it, or take it back."""
        if self._machine is not None:
            leave = self._machine.work if to_services else self._machine.work_ended
            self._perform(leave(now()))

    def _put(self, octets: bytes) -> None:
        """Put a frame on the wire; called in the pacer's thread too."""
        assert self._port is not None
        if self._port.send(octets):
            self._counts['frames sent'] += 1
            self._mirror(octets)

    def _mirror(self, octets: bytes) -> None:
        self._log.publish(MmeFrame(stamp=stamp(), octets=without_keys(octets)))

    def _tell(self) -> None:
        modem = self._modem
        self._status.publish(
            ModemStatus(
                stamp=stamp(),
                state=modem.state,
                interface=str(self._interface or ''),
                mac=modem.mac,
                firmware=modem.firmware,
                modems=bool(modem.mac) + len(modem.remote_macs),
                remote_mac=next(iter(modem.remote_macs), ''),
                network=modem.network,
                reason=modem.reason,
                warning=modem.warning,
            )
        )
        self._tale.info(f'modem {modem.state.name.lower()} {modem.reason}'.rstrip())
        if modem.warning:
            self.get_logger().warning(modem.warning, once=True)

    def _find(self) -> list[Finding]:
        modem = self._modem
        levels = {
            ModemState.FAILED: ERROR,
            ModemState.SEARCHING: WARN,
            ModemState.INACTIVE: WARN,
        }
        bus = self._port.counts if self._port is not None else {}
        values = {'firmware': modem.firmware, 'mac': modem.mac, **self._counts, **bus}
        message = modem.reason or modem.warning or modem.state.name
        level = levels.get(modem.state, WARN if modem.warning else OK)
        return [Finding('modem', level, message, values)]


def main() -> None:
    """Run the node."""
    run(ModemNode)
