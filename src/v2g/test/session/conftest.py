# SPDX-License-Identifier: Apache-2.0
"""A vehicle and a charger in virtual time: both machines, a cable, a battery, a supply."""

from collections import deque
from dataclasses import replace
from math import nan

import pytest

from v2g.session.evcc.machine import Evcc
from v2g.session.evcc.settings import EvccSettings
from v2g.session.events import Ended, Note, Send, StageChanged, Traffic
from v2g.session.readings import (
    DataLinkReading,
    Isolation,
    LinkReading,
    LinkState,
    ModemReading,
    ModemState,
    PilotReading,
    PilotState,
    SlacReading,
    SlacState,
    SupplyReading,
    Switch,
    VehicleReading,
)
from v2g.session.secc.machine import Secc
from v2g.session.secc.settings import SeccSettings

STEP = 0.01  # s of the model
AT_ONCE = 20  # messages delivered in a step
EVCC_ID = bytes.fromhex('02000000e5a1')


class Vehicle:
    """Battery, contactors with delay, lock, inlet."""

    def __init__(self):
        self.pack, self.soc, self.capacity = 350.0, 0.5, 1000.0
        self.limits = {'max_voltage': 410.0, 'max_current': 100.0, 'max_power': 40_000.0}
        self.delay = 0.05
        self.closed, self.pending, self.welded = False, None, False
        self.lock = Switch.OPEN
        self.override = {}

    def obey(self, command, now):
        wanted = command.contactor_plus and command.contactor_minus
        if wanted != (self.pending[1] if self.pending else self.closed):
            self.pending = (now + self.delay, wanted)
        if self.pending and now >= self.pending[0]:
            self.closed, self.pending = self.pending[1], None
        self.lock = Switch.CLOSED if command.lock else Switch.OPEN

    @property
    def conducting(self):
        return self.closed or self.welded

    def reading(self, play):
        switch = Switch.CLOSED if self.conducting else Switch.OPEN
        inlet = self.pack if self.conducting else play.supply.at_plug
        values = {
            'pack_voltage': self.pack,
            'pack_current': play.supply.current,
            'soc': self.soc,
            'energy_capacity': self.capacity,
            'inlet_voltage': inlet,
            'inlet_current': play.supply.current,
            'max_inlet_current': 200.0,
            'target_soc': 0.8,
            'proximity': play.plugged,
            'pilot': play.pilot_state,
            'duty': play.duty if play.plugged else nan,
            'contactor_plus': switch,
            'contactor_minus': switch,
            'lock': self.lock,
            **self.limits,
            **self.override,
        }
        return VehicleReading(**values)


class Supply:
    """A power supply that ramps, tests isolation, and bleeds."""

    def __init__(self):
        self.voltage, self.current = 0.0, 0.0
        self.contactors, self.on = False, False
        self.ramp = 4000.0  # V/s
        self.ramp_down = 2000.0  # A/s
        self.bleed = 2000.0  # V/s
        self.isolation, self.tested = Isolation.INVALID, None
        self.result = Isolation.VALID
        self.override = {}

    @property
    def at_plug(self):
        return self.voltage if self.contactors else 0.0

    def obey(self, command, play):
        self.on, self.contactors = command.output, command.contactors
        vehicle = play.vehicle
        if vehicle.conducting and self.contactors:
            self.voltage = vehicle.pack
            wanted = command.current if self.on and command.voltage > vehicle.pack else 0.0
            down = self.current - self.ramp_down * STEP
            self.current = max(wanted, down)
        else:
            self.current = 0.0
            target, rate = (command.voltage, self.ramp) if self.on else (0.0, self.bleed)
            span = rate * STEP
            self.voltage += max(-span, min(span, target - self.voltage))
        self._test(command, play.now)

    def _test(self, command, now):
        if not command.isolation_test:
            self.tested = None
        elif self.tested is None:
            self.tested, self.isolation = now, Isolation.INVALID
        elif now - self.tested > 0.1 and self.voltage >= 0.99 * command.voltage:
            self.isolation = self.result

    def reading(self):
        values = {
            'voltage': self.voltage,
            'current': self.current,
            'max_voltage': 500.0,
            'min_voltage': 150.0,
            'max_current': 125.0,
            'min_current': 0.0,
            'max_power': 50_000.0,
            'peak_current_ripple': 1.0,
            'output': self.on,
            'contactors': Switch.CLOSED if self.contactors else Switch.OPEN,
            'isolation': self.isolation,
            **self.override,
        }
        return SupplyReading(**values)


class Play:
    """Both sides and what is between them; `run` lets time pass."""

    def __init__(self, evcc=None, secc=None, plugged=True):
        seeds = iter(range(1, 1000))
        self.now = 0.0
        self.evcc = Evcc(evcc or EvccSettings(), EVCC_ID)
        self.secc = Secc(secc or SeccSettings(), lambda n: bytes([next(seeds)] * n))
        self.vehicle, self.supply = Vehicle(), Supply()
        self.plugged = plugged
        self.diary = {'pev': [], 'evse': []}  # (when, event)
        self.tamper = lambda side, send, message: send  # None: lost
        self.silent = set()  # readings that do not come any more
        self.link_id = 0
        self.connection = None
        self.violations = []
        self.at_once = AT_ONCE
        self.watch = None
        self._matched = 0
        self._line = deque()
        self.final = {'pev': False, 'evse': False}
        self.said = {'pev': set(), 'evse': set()}  # names of messages
        self._told = {}
        for machine in (self.evcc, self.secc):
            self.tell(machine.modem, ModemReading(state=ModemState.READY))
            self.tell(machine.slac, SlacReading())
            self.tell(machine.data_link, DataLinkReading())

    # the line

    def tell(self, method, *arguments):
        side = method.__self__.state.role
        events = method(*arguments, self.now)
        self.perform(side, events[-1] if isinstance(events, tuple) else events)
        return events

    def perform(self, side, events):
        sends = [event for event in events if isinstance(event, Send)]
        messages = [e.message for e in events if isinstance(e, Traffic) and e.sent]
        for event in events:
            self.diary[side].append((round(self.now, 3), event))
            if isinstance(event, Ended):
                self.final[side] = event.final
            if isinstance(event, Traffic) and event.sent:
                self.said[side].add(event.name)
        for index, send in enumerate(sends):
            message = messages[index] if send.payload and index < len(messages) else None
            self.transmit(side, send, message)

    def transmit(self, side, send, message):
        send = self.tamper(side, send, message)
        if send is None or self.connection != send.connection_id:
            return
        self._line.append((self.secc if side == 'pev' else self.evcc, send))

    def carry(self):
        """Deliver what is on the line; at most some exchanges in a step."""
        for _ in range(self.at_once):
            if not self._line:
                return
            other, send = self._line.popleft()
            if send.connection_id != self.connection:
                continue
            if send.payload:
                self.tell_payload(other, send)
            if send.close:
                self.disconnect('the other side closed the connection')

    def tell_payload(self, machine, send):
        events = machine.receive(send.connection_id, send.payload_type, send.payload, self.now)
        self.perform(machine.state.role, events)

    def disconnect(self, reason='the connection was reset'):
        if self.connection is None:
            return
        closed = LinkReading(
            state=LinkState.CLOSED,
            link_id=self.link_id,
            connection_id=self.connection,
            reason=reason,
        )
        self.connection = None
        for machine in (self.evcc, self.secc):
            self.tell(machine.link, closed)

    # the cable

    @property
    def duty(self):
        return self.secc.command.duty

    @property
    def pilot_state(self):
        return self.evcc.command.pilot if self.plugged else PilotState.A

    def match(self):
        """Serve a new attempt of the vehicle: SLAC, data link, TCP."""
        attempt = self.evcc.state.attempt
        wants = attempt != self._matched and self.duty == 0.05 and self.plugged
        if not wants or self.secc.state.active or self.secc.state.attempt == 0:
            return
        self._matched, self.link_id = attempt, self.link_id + 1
        for machine in (self.evcc, self.secc):
            mine = machine.state.attempt
            self.tell(machine.data_link, DataLinkReading(ready=False))
            for state in (SlacState.MATCHING, SlacState.JOINING, SlacState.MATCHED):
                self.tell(machine.slac, SlacReading(state=state, attempt=mine))
            self.tell(machine.data_link, DataLinkReading(ready=True, link_id=self.link_id))
        self.connect()

    def connect(self):
        self.connection = 1000 + self.link_id
        for state in (LinkState.SDP, LinkState.CONNECTED):
            for machine in (self.secc, self.evcc):
                identity = self.connection if state is LinkState.CONNECTED else 0
                reading = LinkReading(state=state, link_id=self.link_id, connection_id=identity)
                self.tell(machine.link, reading)

    # time

    def step(self):
        self.now = round(self.now + STEP, 6)
        self.vehicle.obey(self.evcc.command, self.now)
        self.supply.obey(self.secc.command, self)
        if self.vehicle.conducting:
            watts = self.supply.voltage * self.supply.current
            self.vehicle.soc += watts * STEP / 3600 / self.vehicle.capacity
        self.referee()
        if 'vehicle' not in self.silent:
            self.tell(self.evcc.vehicle, self.vehicle.reading(self))
        if 'supply' not in self.silent:
            self.tell(self.secc.supply, self.supply.reading())
        if 'pilot' not in self.silent:
            self.tell(
                self.secc.pilot,
                replace(PilotReading(pilot=self.pilot_state, duty=self.duty)),
            )
        self.match()
        for machine in (self.evcc, self.secc):
            for _ in range(100):
                if machine.deadline is None or machine.deadline > self.now:
                    break
                self.tell(machine.tick)
        self.carry()
        if self.watch:
            self.watch(self)

    def run(self, until=60.0, stop=lambda play: False):
        while self.now < until and not stop(self):
            self.step()
        return self

    def finish(self, until=120.0):
        """Until both sides have ended for good."""
        return self.run(until, lambda play: play.ended('pev') and play.ended('evse'))

    def reach(self, stage, side='pev', until=60.0):
        machine = self.evcc if side == 'pev' else self.secc
        self.run(until, lambda play: machine.state.stage == stage)
        assert machine.state.stage == stage, (machine.state, self.notes(side))
        return self

    def referee(self):
        """See only lock, contactors, volts and amperes."""
        vehicle, supply = self.vehicle, self.supply
        command = self.evcc.command
        closing = vehicle.pending and vehicle.pending[1] and not vehicle.closed
        if closing and abs(supply.at_plug - vehicle.pack) > 20:
            self.violations.append((self.now, 'closing at a voltage difference'))
        if not command.lock and (supply.at_plug > 60 or vehicle.conducting) and self.plugged:
            self.violations.append((self.now, 'unlocked with voltage'))
        if command.pilot is PilotState.C and vehicle.lock is not Switch.CLOSED:
            self.violations.append((self.now, 'C without lock'))
        opening = vehicle.closed and not command.contactor_plus
        if opening and supply.current > 5 and not self.evcc.state.error:
            self.violations.append((self.now, 'opening under current'))

    # what was seen

    def stages(self, side):
        return [e.state.stage.name for _, e in self.diary[side] if isinstance(e, StageChanged)]

    def notes(self, side):
        return [(when, e.text) for when, e in self.diary[side] if isinstance(e, Note)]

    def messages(self, side):
        """Names of what a side sent."""
        return [e.name for _, e in self.diary[side] if isinstance(e, Traffic) and e.sent]

    def ends(self, side):
        return [e for _, e in self.diary[side] if isinstance(e, Ended)]

    def ended(self, side):
        return self.final[side]


@pytest.fixture
def play():
    return Play


@pytest.fixture
def fast(play):
    """A play without pauses between requests."""
    return lambda **settings: play(EvccSettings(request_period=0.0), **settings)
