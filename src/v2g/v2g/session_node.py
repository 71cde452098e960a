# SPDX-License-Identifier: Apache-2.0
"""The charging session as a ROS node: carries readings, messages and time; decides nothing."""

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
import json
from math import nan
import signal
from typing import Any

from sensor_msgs.msg import BatteryState
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from plc_kit.alarm import Alarm
from plc_kit.clock import STEADY, age, now, stamp
from plc_kit.closing import ClosingNode
from plc_kit.diagnostics import ERROR, OK, WARN, Diagnostics, Finding
from plc_kit.hearing import hear_all
from plc_kit.memory import Memory
from plc_kit.near import NearPublisher, NearSubscription
from plc_kit.one_publisher import OnePublisher, hear_one
from plc_kit.own_folder import file_of
from plc_kit.parameters import BadParameter, declare
from plc_kit.qos import LATCHED, READINGS, RECORD, STATES, STREAM
from plc_kit.quiet import publisher
from plc_kit.refusal import tell_reason
from plc_kit.run import NOT_DONE, run
from plc_kit.setting import setting
from plc_kit.sparing_log import SparingLog
from plc_msgs.msg import (
    ChargingState,
    DataLink,
    ModemStatus,
    SlacStatus,
    TransportStatus,
    V2gMessage,
    V2gtpMessage,
)
from v2g.session.evcc.settings import EvccSettings
from v2g.session.events import Ended, Event, Level, Note, Send, StageChanged, Traffic
from v2g.session.kept import Kept
from v2g.session.readings import (
    DataLinkReading,
    LinkReading,
    LinkState,
    ModemReading,
    ModemState,
    SlacReading,
    SlacState,
    fresh,
)
from v2g.session.secc.reader_settings import ReaderSettings
from v2g.session.secc.settings import SeccSettings
from v2g.session.stage import Stage
from v2g.session.state import SessionState
from v2g.session_link_node import LinkTeller
from v2g.session_reader_node import ReaderSide
from v2g.session_sides_node import ChargerSide, VehicleSide

COMMAND_PERIOD = 0.08  # s, at 10 Hz or more (R6)
STATE_PERIOD = 0.5  # s
BATTERY_PERIOD = 0.2  # s
REAL = 'real'  # no simulated network
OF_A_SIDE = (EvccSettings, SeccSettings, ReaderSettings)  # each side and mode has one of these
NOT_MEASURED = dict.fromkeys(('temperature', 'charge', 'capacity', 'design_capacity'), nan)


@dataclass(frozen=True)
class SessionSettings:
    """The parameters of both roles."""

    role: str = setting('pev', 'side of the cable', choices=('pev', 'evse'))
    mode: str = setting(
        'charger',
        'evse: a DC charger, or soc_reader: an AC wallbox that only reads the vehicle (R18)',
        choices=('charger', 'soc_reader'),
    )
    exit_when_done: bool = setting(False, 'end with the first session, with a status that tells')
    memory: str = setting(
        '', 'file in which that this plug was served outlives the node; empty: it does not'
    )
    network: str = setting(REAL, 'simulated network whose latch it keeps apart (R6), or real')


class SessionNode(ClosingNode):
    """Joins the machine of its role to the graph."""

    elsewhere = frozenset(f.name for kind in OF_A_SIDE for f in fields(kind))
    place = 'session'

    def __init__(self, **node_options: Any) -> None:
        super().__init__('session', **node_options)
        self._settings = declare(self, SessionSettings)
        self.exit_status = 0
        self._side = self._choose_side()(self, self._perform)
        self._machine = self._side.machine
        self._commanded: object = None
        self._partners: dict[str, OnePublisher] = {}
        self._counts: Counter[str] = Counter()
        self._tale = SparingLog(self)
        self._link = LinkTeller(self)
        self._publish()
        self._subscribe()
        self._offer_services()
        self._alarm = Alarm(self, self._on_deadline)
        self._diagnostics = Diagnostics(self, self._find)
        self.create_timer(COMMAND_PERIOD, self._command, clock=STEADY)
        self.create_timer(STATE_PERIOD, self._tell_state, clock=STEADY)
        self.create_timer(BATTERY_PERIOD, self._tell_battery, clock=STEADY)
        self._memory = Memory(self._settings.memory, self._cannot_keep)
        self.closing.callback(self._memory.close)
        self._latch = Memory(self._latch_file(), self._cannot_keep, Kept().latch_text)
        self.closing.callback(self._latch.close)
        kept = Kept.of_text(self._memory.recall()).heeding(self._latch.recall())
        self._machine.recall(kept, now())
        self._command()
        self._tell_state()

    def _choose_side(self) -> Callable[..., Any]:
        role, mode = self._settings.role, self._settings.mode
        if (role, mode) not in _SIDES:
            raise BadParameter(f'parameter mode is {mode!r}; that is nothing for role {role}')
        return _SIDES[role, mode]

    # RunsSession (R7)

    def end_session(self, *, fault: bool, reason: str) -> None:
        self._perform(self._machine.end(now(), is_fault=fault, reason=reason))

    def session_active(self) -> bool:
        return self._machine.active

    # Joints

    def _publish(self) -> None:
        self._state = publisher(self, ChargingState, 'charging/state', LATCHED)
        self._battery = publisher(self, BatteryState, 'charging/battery_state', READINGS)
        self._v2g_tx = NearPublisher(self, V2gtpMessage, 'v2g_tx', STREAM)
        self._v2g_log = publisher(self, V2gMessage, 'v2g_log', RECORD)

    def _subscribe(self) -> None:
        hear_one(self, DataLink, 'data_link', self._on_data_link, LATCHED)
        self._watch('modem', ModemStatus, 'modem/status', self._on_modem)
        self._watch('slac', SlacStatus, 'slac/status', self._on_slac)
        self._watch('transport', TransportStatus, 'transport/status', self._on_link)
        hear_all(self, Bool, 'emergency_stop', self._on_emergency_stop)
        # Last, and so read last: a charger's first message comes right behind its connection.
        self._v2g_rx = NearSubscription(self, V2gtpMessage, 'v2g_rx', self._on_v2g_rx, STREAM)
        self.closing.callback(self._v2g_rx.close)

    def _watch(self, name: str, kind: type, topic: str, heard: Callable[[Any], None]) -> None:
        """Subscribe to a node's latched state, and notice its death."""

        def lost() -> None:
            self._perform(self._machine.node_lost(name, now()))
            self._tell_link()

        self._partners[name] = hear_one(self, kind, topic, heard, STATES, lost=lost)

    def _offer_services(self) -> None:
        self._service('charging/stop', lambda: (True, '', self._machine.stop(now())))
        self._service(
            'charging/emergency_stop', lambda: (True, '', self._machine.emergency_stop(now()))
        )
        self._service('charging/reset', lambda: self._machine.reset(now()))
        release = getattr(self._machine, 'release_lock', None)
        if release is not None:
            self._service('charging/release_lock', lambda: release(now()))

    def _service(self, name: str, do: Callable[[], tuple[bool, str, list[Event]]]) -> None:
        def asked(_: Trigger.Request, answer: Trigger.Response) -> Trigger.Response:
            answer.success, message, events = do()
            self._perform(events)
            answer.message = message or self._machine.state.reason
            return answer

        self.create_service(Trigger, name, asked)

    # What comes in

    def _on_v2g_rx(self, msg: V2gtpMessage) -> None:
        payload = msg.payload.tobytes()
        self._perform(self._machine.receive(msg.connection_id, msg.payload_type, payload, now()))

    def _on_modem(self, msg: ModemStatus) -> None:
        reading = ModemReading(
            state=ModemState(msg.state), remote_mac=msg.remote_mac, reason=msg.reason
        )
        self._perform(self._machine.modem(reading, now()))
        self._tell_link()

    def _on_slac(self, msg: SlacStatus) -> None:
        reading = SlacReading(
            state=SlacState(msg.state),
            attempt=msg.attempt,
            checkpoint=msg.checkpoint,
            show_c=msg.show_c and fresh(age(msg.stamp)),  # a latched one comes again (R6)
            reason=msg.reason,
        )
        self._perform(self._machine.slac(reading, now()))
        self._tell_link()

    def _on_data_link(self, msg: DataLink) -> None:
        self._side.data_link(msg)
        reading = DataLinkReading(
            ready=msg.ready,
            link_id=msg.link_id,
            peer_mac=msg.peer_mac,
            modem_mac=msg.modem_mac,
        )
        self._perform(self._machine.data_link(reading, now()))
        self._tell_link()

    def _on_link(self, msg: TransportStatus) -> None:
        reading = LinkReading(
            state=LinkState(msg.state),
            carrier=msg.carrier,
            link_id=msg.link_id,
            connection_id=msg.connection_id,
            reason=msg.reason,
        )
        self._perform(self._machine.link(reading, now()))
        self._tell_link()

    def _on_emergency_stop(self, msg: Bool) -> None:
        if msg.data:  # false takes nothing back: only charging/reset does (R5)
            self._perform(self._machine.emergency_stop(now()))

    def _on_deadline(self) -> None:
        self._perform(self._machine.tick(now()))

    # What goes out

    def _latch_file(self) -> str:
        try:
            network = self._settings.network
            kind = 'latch' if network == REAL else f'{network}.latch'
            return str(file_of(self.get_fully_qualified_name(), kind))
        except OSError as error:
            self._cannot_keep(error)
            return ''

    def _cannot_keep(self, error: OSError) -> None:
        self.get_logger().error(f'a restart of this node would not know of now: {error}')

    def _perform(self, events: Sequence[Event]) -> None:
        kept = self._machine.kept
        self._memory.keep(kept.to_text())
        self._latch.keep(kept.latch_text)
        if self._machine.command != self._commanded:
            self._command()
        for event in events:
            match event:
                case Send():
                    self._send(event)
                case Traffic():
                    self._log_traffic(event)
                case StageChanged(state):
                    self._tell_stage(state)
                case Note(Level.INFO, text):
                    self._tale.info(text)
                case Note(_, text):
                    self._tale.warning(text)
                case Ended():
                    self._ended(event)
        self._side.follow(events)
        self._alarm.set(self._machine.deadline)
        self._side.journal.tell()

    def _send(self, send: Send) -> None:
        taken = self._v2g_tx.publish(
            V2gtpMessage(
                stamp=stamp(),
                connection_id=send.connection_id,
                payload_type=send.payload_type,
                payload=array('B', send.payload),
                close=send.close,
            )
        )
        self._counts['lost'] += not taken

    def _log_traffic(self, traffic: Traffic) -> None:
        self._counts['sent' if traffic.sent else 'received'] += 1
        self._counts['malformed'] += traffic.message is None
        if not traffic.sent and traffic.message is not None:
            self._link.heard()
        if not self._v2g_log.get_subscription_count():
            return  # volatile: nobody would ever read it
        message = traffic.message
        text = traffic.error if message is None else json.dumps(message.fields())
        self._v2g_log.publish(
            V2gMessage(
                stamp=stamp(),
                direction=V2gMessage.SENT if traffic.sent else V2gMessage.RECEIVED,
                protocol=traffic.protocol,
                name=traffic.name,
                exi=array('B', traffic.exi),
                json=text,
                spare_octets=traffic.spare,
            )
        )

    def _command(self) -> None:
        self._commanded = self._machine.command
        self._side.publish_command()

    def _tell_stage(self, state: SessionState) -> None:
        self._state.publish(state_message(state))
        self._tell_link()
        self._side.tell()
        if state.stage != self._counts['stage']:
            self._counts['stage'] = state.stage
            self._tale.info(f'{state.stage.name} {state.reason}'.rstrip())

    def _tell_state(self) -> None:
        self._state.publish(state_message(self._machine.state))
        self._tell_link(anyway=True)
        self._side.tell()

    def _tell_link(self, *, anyway: bool = False) -> None:
        self._link.tell(self._machine, self._machine.state, self._gone, anyway=anyway)

    @property
    def _gone(self) -> list[str]:
        return [name for name, one in self._partners.items() if one.lives is False]

    def _tell_battery(self) -> None:
        battery = self._machine.battery(now())
        message = BatteryState(
            present=battery.present,
            voltage=battery.voltage,
            current=battery.current,
            percentage=battery.percentage,
            power_supply_status=battery.status,
            **NOT_MEASURED,
        )
        message.header.stamp = stamp()
        self._battery.publish(message)

    def _ended(self, end: Ended) -> None:
        if not (self._settings.exit_when_done and end.final):
            return
        self.exit_status = 0 if end.done else NOT_DONE
        told = (self._settings.role, end.stage.name, end.error, end.reason)
        tell_reason(': '.join(part for part in told if part))
        signal.raise_signal(signal.SIGTERM)  # the whole process has nothing left to do

    def _find(self) -> list[Finding]:
        state = self._machine.state
        failed = state.stage in (Stage.SAFE_END, Stage.FAILED)
        values = {'stage': state.stage.name, 'error': state.error, 'attempt': state.attempt}
        level = ERROR if failed else OK
        dead = self._gone
        return [
            Finding('Session', level, state.reason or state.stage.name, values),
            Finding(
                'Messages',
                WARN if self._counts['malformed'] or self._counts['lost'] else OK,
                '',
                {name: self._counts[name] for name in ('sent', 'received', 'malformed', 'lost')},
            ),
            Finding('Nodes', ERROR if dead else OK, f'gone: {", ".join(dead)}' if dead else ''),
        ]


_SIDES: dict[tuple[str, str], Callable[..., Any]] = {
    ('pev', 'charger'): VehicleSide,
    ('evse', 'charger'): ChargerSide,
    ('evse', 'soc_reader'): ReaderSide,
}


def state_message(state: SessionState) -> ChargingState:
    """Everything of charging/state; same names."""
    told = {field.name: getattr(state, field.name) for field in fields(state)}
    told |= {'stage': int(state.stage), 'stage_name': state.stage.name}
    told['session_id'] = array('B', state.session_id)
    return ChargingState(stamp=stamp(), **told)


def main() -> None:
    """Run the node."""
    run(SessionNode)
