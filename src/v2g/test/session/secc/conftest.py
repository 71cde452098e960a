# SPDX-License-Identifier: Apache-2.0
"""A charger alone, and a client that asks it whatever a test wants; seen from outside."""

from dataclasses import replace

import pytest

from v2g.session.din import NAMESPACE
from v2g.session.din.vehicle import DinVehicle
from v2g.session.din.words import from_octets, to_octets
from v2g.session.events import Ended, Note, Send, StageChanged
from v2g.session.exchange import Ask, Limits, Step
from v2g.session.readings import (
    DataLinkReading,
    Isolation,
    LinkReading,
    LinkState,
    PilotReading,
    PilotState,
    SlacReading,
    SlacState,
    SupplyReading,
    Switch,
)
from v2g.session.sap import from_octets as sap_from, offer, to_octets as sap_to
from v2g.session.secc.machine import Secc
from v2g.session.secc.settings import SeccSettings
from v2g.session.stage import Stage

ID = bytes([7] * 8)
CAN = {
    'max_voltage': 500.0,
    'min_voltage': 150.0,
    'max_current': 100.0,
    'min_current': 0.0,
    'max_power': 50_000.0,
}
VEHICLE = Limits(max_voltage=400.0, max_current=50.0, max_power=20_000.0)
WAY = [
    Step.SESSION_SETUP,
    Step.SERVICE_DISCOVERY,
    Step.SERVICE_SELECTION,
    Step.AUTHORIZATION,
    Step.CHARGE_PARAMETERS,
    Step.CABLE_CHECK,
    Step.PRECHARGE,
    Step.START,
    Step.CHARGE_LOOP,
]
# What a charger cannot leave to messages alone (R14).
BEYOND_WORDS = ('EMERGENCY_STOP', 'SUPPLY_FAULT', 'STALE_INPUT', 'LEASE_LAPSED', 'OVERCURRENT')
HELD = 0.6  # s in which what is held is answered (R13)
MAX_VAIN = 5  # more is a node that spins
DOWN = [Step.STOP, Step.WELDING_DETECTION, Step.SESSION_STOP]


class Bench:
    """A power supply that does at once what it is told, but lets current fall in 50 ms."""

    def __init__(self):
        self.voltage = self.current = 0.0
        self.override = {}
        self.draws = True  # a battery takes what is offered

    def obey(self, command, loop):
        self.voltage = command.voltage if command.output and command.contactors else 0.0
        wanted = command.current if command.output and loop and self.draws else 0.0
        self.current = max(wanted, self.current - 20.0)

    def reading(self, command):
        values = {
            'voltage': self.voltage,
            'current': self.current,
            'output': command.output,
            'contactors': Switch.CLOSED if command.contactors else Switch.OPEN,
            'isolation': Isolation.VALID,
            **CAN,
            **self.override,
        }
        return SupplyReading(**values)


class Charger:
    """A SECC on a bench; `wait` lets time pass, `ask` and `talk` are the vehicle."""

    def __init__(self, free=True, **settings):
        self.now, self.connection = 0.0, 0
        self.period = 0.01  # s between two readings
        settings = {'authorization': 'free' if free else 'service', **settings}
        self.secc = Secc(SeccSettings(**settings), lambda n: bytes([7] * n))
        self.bench = Bench()
        self.pilot = self.told = PilotState.B
        self.allowed = VEHICLE  # what the vehicle takes
        self.follows = True  # the vehicle shows C when it should
        self.silent = set()  # readings that do not come
        self.events = []
        self.closed = False
        self.violations = []
        self.held = False  # by a reset behind a latch, until the plug was out
        self.out_since = None
        self.flows_since = self.stopped_at = None  # A though told off; PowerDelivery(stop)
        self.closed_before, self.off_since = False, 0.0
        self.take(self.secc.slac(SlacReading(state=SlacState.SKIPPED), 0.0))
        self.take(self.secc.data_link(DataLinkReading(), 0.0))
        self.measure()
        self.connect()
        assert self.secc.state.active

    def connect(self):
        """A vehicle matches, and opens its connection."""
        self.connection, self.closed = self.connection + 1, False
        self.take(self.secc.data_link(DataLinkReading(), self.now))
        link = DataLinkReading(ready=True, link_id=self.connection)
        self.take(self.secc.data_link(link, self.now))
        self.link(LinkState.CONNECTED)

    def link(self, state, **more):
        identity = self.connection
        reading = LinkReading(state=state, link_id=identity, connection_id=identity, **more)
        self.take(self.secc.link(reading, self.now))

    # what is seen

    def take(self, events):
        self.events += [(self.now, event) for event in events]
        self.closed |= any(isinstance(event, Send) and event.close for event in events)
        self.referee()
        return events

    def referee(self):
        """The output is on in state C alone, and below the vehicle's limits."""
        command = self.secc.command
        if self.error in BEYOND_WORDS and command.duty != 1.0:
            self.violations.append((self.now, 'a fault of its own, and 5 %'))
        if self.held and command.duty == 0.05:
            self.violations.append((self.now, 'started by a reset'))
        if command.output and self.told not in (PilotState.C, PilotState.D):
            self.violations.append((self.now, 'on without C'))
        if command.output and not command.contactors:
            self.violations.append((self.now, 'on with open contactors'))
        self.watch_opening(command)
        if command.voltage > self.allowed.max_voltage:
            self.violations.append((self.now, 'above the voltage', command))
        if command.current > self.allowed.max_current and not command.isolation_test:
            self.violations.append((self.now, 'above the current', command))
        if command.current > 2.0 and self.secc.state.stage < Stage.START:
            self.violations.append((self.now, 'above 2 A before the start', command))

    def watch_opening(self, command):
        """R14: contactors open on what flows, whatever an old reading says, or 1 s on."""
        if command.output:
            self.off_since = self.now
        opens = self.closed_before and not command.contactors
        told = self.bench.override.get('current', self.bench.current) == self.bench.current
        early = self.now - self.off_since < 0.98
        if opens and told and early and abs(self.bench.current) > 5:
            self.violations.append((self.now, 'opened under load', self.bench.current))
        self.closed_before = command.contactors

    @property
    def command(self):
        return self.secc.command

    @property
    def error(self):
        return self.secc.state.error

    def ends(self):
        return [event for _, event in self.events if isinstance(event, Ended)]

    def notes(self):
        return [event.text for _, event in self.events if isinstance(event, Note)]

    def stages(self):
        return [e.state.stage.name for _, e in self.events if isinstance(e, StageChanged)]

    # time

    def measure(self):
        """The supply obeys, and both readings come."""
        self.measure_pilot()
        if 'supply' not in self.silent:
            reading = self.bench.reading(self.command)
            self.take(self.secc.supply(reading, self.now))
            self.watch_off(reading)

    def measure_pilot(self):
        """The supply obeys; what it measures then is not told yet."""
        loop = self.secc.state.stage.name == 'CHARGE_LOOP'
        self.bench.obey(self.command, loop)
        if 'pilot' not in self.silent:
            self.told = self.pilot
            self.watch_plug()
            reading = PilotReading(pilot=self.told, duty=self.command.duty)
            self.take(self.secc.pilot(reading, self.now))

    def watch_off(self, reading):
        """R14: what flows though told off ends the talk, and so does time."""
        talks = self.secc._talk is not None
        flows = talks and not self.command.output and abs(reading.current) > 5
        since, self.flows_since = self.flows_since, self.now if flows else None
        if flows and since is not None:
            self.flows_since = since
            if self.now - since > 1.2:
                self.violations.append((self.now, 'told off, and current flows'))
        if not talks or self.secc._talk.step < Step.STOP:
            self.stopped_at = None
        elif self.stopped_at is None:
            self.stopped_at = self.now
        elif self.now - self.stopped_at > 20.2:
            self.violations.append((self.now, 'stopped, and talks on'))

    def watch_plug(self):
        if self.told is not PilotState.A:
            self.out_since = None
        elif self.out_since is None:
            self.out_since = self.now
        elif self.is_out:
            self.held = False

    @property
    def is_out(self):
        """The plug has been out for so long that the next plug-in is a new one."""
        since = self.out_since
        return since is not None and self.now - since >= self.secc._unplug_time - 1e-6

    def reset(self):
        """What was latched is permitted then, and begins with a new plug-in (R5)."""
        latched = bool(self.secc.latched)
        done, _, events = self.secc.reset(self.now)
        self.held |= done and latched and not self.is_out
        self.take(events)

    def wait(self, seconds=0.01, until=lambda charger: False):
        """Let time pass, with a reading each `period` and a tick at each deadline."""
        end = self.now + seconds
        while self.now < end - 1e-9 and not until(self):
            self.sleep(min(self.period, end - self.now))
            self.measure()
        return self

    def sleep(self, seconds):
        """Let time pass; only ticks come."""
        end = round(self.now + seconds, 6)
        vain = 0  # ticks in a row that were asked for, and asked for the same again
        while vain < MAX_VAIN and (due := self.secc.deadline) is not None and due <= end:
            vain = vain + 1 if due <= self.now else 0
            self.now = max(self.now, due)
            self.take(self.secc.tick(self.now))
        if vain == MAX_VAIN:
            self.violations.append((self.now, 'asks for tick after tick'))
        self.now = end

    # the vehicle

    def send(self, payload, payload_type=0x8001):
        """The octets of the answer; None: there was none."""
        since = len(self.events)
        self.post(payload, payload_type)
        if self.holds:
            self.wait(HELD, until=lambda charger: charger.answers(since))
        answers = self.answers(since)
        assert len(answers) <= 1
        return answers[0] if answers else None

    def post(self, payload, payload_type=0x8001):
        """Send, and wait for no answer."""
        self.take(self.secc.receive(self.connection, payload_type, payload, self.now))

    @property
    def holds(self):
        """An answer is held (R13)."""
        return self.secc._talk is not None and self.secc._talk.held is not None

    def answers(self, since):
        """The octets of all that was sent since so many events."""
        sent = [event for _, event in self.events[since:] if isinstance(event, Send)]
        return [event.payload for event in sent if event.payload]

    def talk(self, message):
        answer = self.send(to_octets(message))
        return None if answer is None else from_octets(answer).message

    def authorize(self, allowed, reason=''):
        request_id = int.from_bytes(ID, 'little')
        taken, why, events = self.secc.authorize(request_id, allowed, reason, self.now)
        self.take(events)
        return taken, why

    def agree(self):
        return sap_from(self.send(sap_to(offer(NAMESPACE)))).message

    def ask(self, step, session_id=ID, **more):
        if step is Step.CABLE_CHECK and self.follows:
            self.pilot = PilotState.C
            self.measure()
        answer = self.talk(self.request(step, session_id, **more))
        self.wait()
        return answer

    def request(self, step, session_id=ID, **more):
        """What the vehicle sends for a step."""
        told = Ask(
            step=step,
            session_id=session_id,
            evcc_id=bytes(6),
            soc=0.5,
            target_voltage=350.0,
            target_current=1.0,
            limits=VEHICLE,
        )
        return DinVehicle().request(replace(told, **more))

    def reach(self, last):
        """Have everything up to a step answered; None: only the protocol is agreed."""
        self.agree()
        for step in (WAY + DOWN)[: (WAY + DOWN).index(last) + 1] if last else []:
            if step in DOWN:
                self.pilot = PilotState.B
            self.ask(step)
            for _ in range(20 if step is Step.CABLE_CHECK else 0):
                if self.ask(step).Body.EVSEProcessing == 'Finished':
                    break
        return self


@pytest.fixture
def charger():
    return Charger
