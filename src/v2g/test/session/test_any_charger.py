# SPDX-License-Identifier: Apache-2.0
"""Whatever a charger, its octets and the vehicle's own readings do: R1, R3, R8, R9, and an end.

CCS_STEPS sets how many steps are played (20 000). A million, with progress and figures:
python3 src/v2g/test/session/test_any_charger.py 1000000
"""

from collections import Counter, deque
from dataclasses import replace
from math import inf, isfinite, isnan, nan
import os
from random import Random
import sys
import time

import pytest

from v2g.exi import MalformedExi
from v2g.schema import din
from v2g.session import sap
from v2g.session.dialect import UnexpectedMessage
from v2g.session.din.charger import DinCharger
from v2g.session.din.vehicle import DinVehicle
from v2g.session.din.words import from_octets, to_octets
from v2g.session.evcc.machine import Evcc
from v2g.session.evcc.settings import EvccSettings
from v2g.session.events import EXI, Ended, Send, Traffic
from v2g.session.exchange import Answer, Health, Limits, Notification, Step
from v2g.session.readings import (
    DataLinkReading,
    Isolation,
    LinkReading,
    LinkState,
    ModemReading,
    ModemState,
    PilotState,
    SlacReading,
    SlacState,
    Switch,
    VehicleReading,
)

STEPS = int(os.environ.get('CCS_STEPS', '20000'))
PLAYS = 20  # of pytest
ALONE = 60.0  # s in which a machine that is left alone must be at its end
TINY = 1e-6
ABSURD = 1e7  # Wh
ID = bytes([9] * 8)
VOLTS = [-32_767e3, -350.0, -1.0, 0.0, 59.0, 60.0, 150.0, 341.0, 350.0, 415.0, 1000.0, 32_767e3]
AMPERES = [-32_767e3, -50.0, 0.0, 0.9, 4.9, 5.1, 50.0, 500.0, 32_767e3]
ODD = [nan, inf, -inf, -1.0, 0.0, 0.3, 1.0, 5.0, 55.0, 60.0, 75.0, 100.0, 341.0, 350.0, 420.0, 1e6]
NUMBERS = [
    *('pack_voltage', 'pack_current', 'soc', 'max_voltage', 'max_current', 'max_power'),
    *('target_soc', 'inlet_voltage', 'inlet_current', 'inlet_temperature', 'max_inlet_current'),
    'duty',
]
NEEDED = ['soc', 'pack_voltage', 'max_voltage', 'max_current', 'max_power', 'max_inlet_current']
SWITCHES = ['contactor_plus', 'contactor_minus', 'lock']
FLAGS = ['charge_wanted', 'proximity', 'weld_suspected', 'lease_lapsed']
PAIRS = [step for step in Step if step not in (Step.APP_PROTOCOL, Step.CONNECTOR_LOCK)]
BROKEN = (Health.EMERGENCY, Health.MALFUNCTION)
UNPLUGGED = {'proximity': False, 'pilot': PilotState.A, 'duty': nan}


class World:
    """A vehicle's machine, and around it a charger and a vehicle that may do anything."""

    def __init__(self, seed, wildness, seen):
        self.draw, self.wildness, self.seen = Random(seed), wildness, seen
        choice = self.draw.choice
        self.settings = EvccSettings(
            session_retries=choice([0, 2]),
            request_period=choice([0.0, 0.1]),
            precharge_voltage=choice(['inlet', 'inlet', 'evse']),
            timers=choice(['field', 'standard']),
            unplug_time=choice([0.0, 3.0]),
        )
        self.machine = Evcc(self.settings, bytes(6))
        self.now, self.link_id, self.connection, self.served = 1.0, 0, 0, 0
        self.line = deque()  # (when, connection, type, octets)
        self.volts, self.amperes = 0.0, 0.0  # of the charger
        self.poles = [Switch.OPEN, Switch.OPEN]
        self.lock, self.odd, self.carrier = Switch.OPEN, {}, True
        self.referee = Referee(self)
        self.tell('modem', ModemReading(state=ModemState.READY))
        self.tell('slac', SlacReading())
        self.tell('data_link', DataLinkReading())

    # One step

    def step(self):
        acts = [self.read] * 12 + [self.wait] * 8 + [self.deliver] * 12 + [self.serve] * 4
        wild = [self.trouble, self.any_message, self.command, self.link, self.silence, self.heal]
        act = self.draw.choice(wild if self.draw.random() < self.wildness / 4 else acts)
        act()

    def tell(self, name, *arguments):
        """Call the machine, look at what it does, and let the charger answer."""
        before = self.machine.command
        told = getattr(self.machine, name)(*arguments, self.now)
        self.referee.attempts(self.machine.state.attempt)
        for event in told[-1] if isinstance(told, tuple) else told:
            if isinstance(event, Traffic) and event.sent:
                self.referee.requests(event)
                self.answer(event.message)
            elif isinstance(event, Send) and event.close:
                self.connection = 0
            elif isinstance(event, Ended):
                self.seen['ended'] += 1
                self.referee.ended(event)
        self.seen[self.machine.state.stage.name] += 1
        self.referee.look(before, self.machine.command, name)
        return told

    # Time

    def wait(self, seconds=None):
        draw = self.draw
        if seconds is None:
            seconds = draw.choice([0.01, 0.03, 0.1, 0.2])
            if draw.random() < self.wildness / 20:
                seconds = draw.choice([0.45, 1.0, 4.0, 8.0])
        until = self.now + seconds
        for _ in range(2000):
            due = self.machine.deadline
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.tell('tick')
        else:
            raise AssertionError('the machine asks for time without end')
        self.now = until

    def silence(self):
        self.wait(self.draw.choice([0.4, 0.51, 0.6, 3.0]))

    # The vehicle

    def read(self, **odd):
        """Contactors and lock follow, the inlet has what is at the cable."""
        command = self.machine.command
        wanted = (command.contactor_plus, command.contactor_minus)
        self.poles = [Switch.CLOSED if one else Switch.OPEN for one in wanted]
        self.lock = Switch.CLOSED if command.lock else Switch.OPEN
        closed = self.poles == [Switch.CLOSED, Switch.CLOSED]
        if command.pilot is PilotState.B:  # the charger sees it, and bleeds
            self.amperes *= 0.5
            self.volts *= self.draw.choice([0.5, 0.9])
        values = {
            'pack_voltage': 350.0,
            'soc': 0.5,
            'max_voltage': 410.0,
            'max_current': 100.0,
            'max_power': 40_000.0,
            'max_inlet_current': 200.0,
            'inlet_voltage': 350.0 if closed else self.volts,
            'inlet_current': self.amperes if closed else 0.0,
            'proximity': True,
            'pilot': command.pilot,
            'duty': 0.05,
            'contactor_plus': self.poles[0],
            'contactor_minus': self.poles[1],
            'lock': self.lock,
            **self.odd,
            **odd,
        }
        reading = VehicleReading(**values)
        self.referee.reads(reading)
        self.tell('vehicle', reading)
        self.referee.has_read(reading)
        self.now += 0.01

    def trouble(self):
        """One reading, or all from now on, are odd."""
        draw = self.draw
        kind = draw.randrange(7)
        if kind == 0:
            odd = {draw.choice(SWITCHES): draw.choice(list(Switch))}
        elif kind == 1:
            odd = {draw.choice(FLAGS): draw.random() < 0.5}
        elif kind == 2:
            odd = {'pilot': draw.choice(list(PilotState))}
        elif kind == 3:
            odd = {'age': draw.choice([0.3, 0.49, 0.6, -2.0, nan])}
        elif kind == 4:
            odd = UNPLUGGED
        else:
            odd = {draw.choice(NUMBERS): draw.choice(ODD)}
        if draw.random() < 0.3:
            self.odd = odd
        self.read(**odd)

    def heal(self):
        self.odd, self.carrier = {}, True
        if self.draw.random() < 0.5:
            self.odd = UNPLUGGED
            for _ in range(40):
                self.read()
                self.wait(0.1)
            self.odd = {}
        self.tell('link', self.link_reading())

    def command(self):
        name = self.draw.choice(
            ['stop', 'emergency_stop', 'reset', 'reset', 'release_lock', 'node_lost', 'start']
        )
        if name == 'start':
            self.autostart()
            return
        self.referee.asks(name)
        self.tell(name, *(['slac'] if name == 'node_lost' else []))

    def autostart(self):
        """Somebody wants a charge, and says so by the parameter."""
        self.tell('adjust', replace(self.settings, autostart=False))
        self.referee.asks('start')
        self.tell('adjust', self.settings)

    # The way to a connection

    def serve(self):
        """Match and connect a new attempt; or unlock by hand what keeps the next one back."""
        machine, attempt = self.machine, self.machine.state.attempt
        if not machine.active and machine.state.stage.name in ('IDLE', 'SAFE_END'):
            self.odd = {} if self.draw.random() < 0.5 else self.odd
            self.wait(1.0)
            self.read()
        if machine.state.stage.name == 'CHARGE_LOOP' and self.draw.random() < 0.1:
            self.referee.asks('stop')
            self.tell('stop')
        if machine.latched or machine.state.stage.name in ('FAILED', 'FINISHED'):
            self.odd = {}
            self.referee.asks('reset')
            self.tell('reset')
            if self.draw.random() < 0.9:
                self.autostart()
        if machine.command.lock and not machine.active and self.draw.random() < 0.3:
            self.referee.asks('release_lock')
            self.tell('release_lock')
        if attempt == self.served or machine.active:
            return
        self.served, self.link_id = attempt, self.link_id + 1
        self.volts = self.amperes = 0.0
        self.tell('data_link', DataLinkReading())
        self.tell('slac', SlacReading(state=SlacState.MATCHED, attempt=attempt))
        self.tell('data_link', DataLinkReading(ready=True, link_id=self.link_id))
        self.connection = 1000 + self.link_id
        self.referee.connected()
        self.tell('link', self.link_reading())

    def link_reading(self):
        state = LinkState.CONNECTED if self.connection else LinkState.CLOSED
        return LinkReading(
            state=state,
            link_id=self.link_id,
            connection_id=self.connection,
            carrier=self.carrier,
        )

    def link(self):
        draw = self.draw
        kind = draw.randrange(5)
        if kind == 0:
            self.carrier = False
        elif kind == 1:
            self.connection = 0
        if kind < 3:
            self.referee.lost(not self.carrier or not self.connection)
            self.tell('link', self.link_reading())
        elif kind == 3:
            self.referee.lost(True)
            self.tell('data_link', DataLinkReading())
        else:
            self.tell('modem', ModemReading(state=draw.choice(list(ModemState))))

    # The charger

    def answer(self, message):
        """Put an answer on the line: a right one, or what the wildness makes of it."""
        octets, told = self.response(message)
        draw, delay = self.draw, self.draw.choice([0.0, 0.01, 0.05])
        if draw.random() < self.wildness / 3:
            octets = self.mutate(octets, told)
        stopping = told is not None and told.step is Step.STOP
        if draw.random() < self.wildness / (2 if stopping else 10):
            delay = draw.choice([0.3, 1.0, 2.5, 7.0])
        copies = draw.choice([0, 2]) if draw.random() < self.wildness / 10 else 1
        for _ in range(copies):
            self.line.append((self.now + delay, self.connection, EXI, octets))

    def response(self, message):
        name = type(getattr(message, 'Body', message)).__name__
        if name == 'supportedAppProtocolReq':
            chosen, _ = sap.choose(message, message.AppProtocol[0].ProtocolNamespace)
            return sap.to_octets(chosen), None
        ask = DinCharger().ask(message)
        self.referee.started |= ask.step is Step.START
        told = self.good_answer(ask)
        return to_octets(DinCharger().response(told)), told

    def good_answer(self, ask):
        step = ask.step
        wild = self.draw.random() < self.wildness
        if step is Step.PRECHARGE:
            self.volts = ask.target_voltage + (self.draw.choice([-19, -11, -9, 9, 12]) * wild)
        elif step is Step.CHARGE_LOOP:
            self.amperes = ask.target_current
        elif step in (Step.STOP, Step.SESSION_STOP) and not wild:
            self.volts = self.amperes = 0.0
        return Answer(
            step=step,
            session_id=ID,
            ongoing=step in (Step.CABLE_CHECK, Step.CHARGE_PARAMETERS)
            and self.draw.random() < 0.2,
            health=Health.READY,
            status='EVSE_Ready',
            isolation=self.draw.choice([None, *Isolation]) if wild else Isolation.VALID,
            evse_id=b'Z',
            present_voltage=self.volts,
            present_current=self.amperes,
            limits=Limits(max_voltage=500, min_voltage=150, max_current=200, min_current=0),
            schedule_power=50_000.0,
        )

    def mutate(self, octets, told):
        draw = self.draw
        kind = draw.randrange(10)
        if told is None or kind == 0:
            bent = bytearray(octets)
            for _ in range(draw.randint(1, 3)):
                bent[draw.randrange(len(bent))] ^= 1 << draw.randrange(8)
            return bytes(bent)
        if kind == 1:
            return octets[: draw.randrange(len(octets))]
        change = [
            {'code': draw.choice(list(din.ResponseCode)).value},
            {'health': draw.choice(list(Health))},
            {'notification': draw.choice(list(Notification))},
            {'isolation': draw.choice([None, *Isolation])},
            {'present_voltage': draw.choice(VOLTS)},
            {'present_current': draw.choice(AMPERES)},
            {'session_id': draw.choice([b'', b'\x01', bytes(8)])},
            {'limits': self.odd_limits()},
        ][kind - 2]
        return to_octets(DinCharger().response(replace(told, **change)))

    def odd_limits(self):
        choice = self.draw.choice
        return Limits(
            max_voltage=choice([500.0, *VOLTS]),
            min_voltage=150.0,
            max_current=choice([200.0, *AMPERES]),
            min_current=0.0,
            max_power=choice([nan, 0.0, 1000.0, -1000.0]),
        )

    def any_message(self):
        """A response that nobody asked for, of any kind."""
        step = self.draw.choice(PAIRS)
        told = Answer(step=step, session_id=ID, health=Health.READY, evse_id=b'Z')
        kind = self.draw.choice([EXI, EXI, EXI, 0x8002, 0])
        connection = self.draw.choice([self.connection, self.connection, 0, 7])
        octets = to_octets(DinCharger().response(told))
        self.line.appendleft((self.now, connection, kind, octets))
        self.deliver()

    def deliver(self):
        """Hand over what has come by now."""
        if not self.line or self.line[0][0] > self.now:
            self.wait(0.02)
            return
        _, connection, kind, octets = self.line.popleft()
        told = meaning(octets)
        awaited = self.referee.hears(connection, kind, octets, told)
        self.tell('receive', connection, kind, octets)
        self.referee.has_heard(awaited, told)

    # The end

    def leave_alone(self):
        """No answers any more, and readings or none: soon nothing is live."""
        readings, until = self.draw.random() < 0.5, self.now + ALONE
        while self.now < until and self.machine.active:
            if readings:
                self.read()
            self.wait(0.2)
        command = self.machine.command
        assert not self.machine.active, self.machine.state
        assert not (command.contactor_plus or command.contactor_minus)
        assert command.pilot is PilotState.B


class Referee:
    """Sees what goes into the machine and what its outputs are; knows nothing of its inside."""

    def __init__(self, world):
        self.world = world
        self.readings = deque(maxlen=2)  # (when measured, reading), fresh ones, newest last
        self.b_since = 0.0
        self.welded = False  # suspected
        self.by_hand = False
        self.attempt = 0
        self.wanted, self.permitted = True, False  # R5: by a plug-in, or behind a reset
        self.out_since = None
        self.connected()

    def connected(self):
        self.parameters = self.checked = self.started = self.stopped = False
        self.isolation, self.ready, self.told_volts = None, False, deque(maxlen=2)
        self.asked_for_energy = self.refused = False  # C was shown; the inlet was live before
        self.told_in_b = nan  # V, by the charger

    # What goes in

    def asks(self, name):
        self.stopped |= name in ('stop', 'emergency_stop', 'node_lost')
        self.by_hand = name == 'release_lock'
        if name == 'reset' and not self.world.machine.active:
            self.welded, self.permitted = False, True
        self.permitted &= name != 'emergency_stop'
        self.wanted |= name == 'start' and self.permitted

    def ended(self, event):
        if event.final:
            self.wanted, self.permitted = self.out_long_enough, False

    def lost(self, way):
        self.stopped |= way

    def reads(self, reading):
        if abs(reading.age) <= 0.5:
            self.plugs(reading)
            self.readings.append((self.world.now - reading.age, reading))
            live = self.world.machine.active and self.world.machine.command.lock
            self.welded |= reading.weld_suspected and live

    def plugs(self, reading):
        """A plug that was out long enough makes the next plug-in a new one."""
        now, out = self.world.now, not reading.proximity and not reading.pilot.plugged
        if self.readings and now - self.readings[-1][0] > 0.5:
            self.out_since = None
        if out and self.out_since is None:
            self.out_since = now
        self.wanted |= self.out_long_enough
        self.out_since = self.out_since if out else None

    @property
    def out_long_enough(self):
        out = 0.0 if self.out_since is None else self.world.now - self.out_since + TINY
        return out > 0 and out >= self.world.settings.unplug_time

    def has_read(self, reading):
        """R1: what the vehicle itself sees is a fault at once."""
        machine = self.world.machine
        bad = (
            not reading.proximity
            or not reading.pilot.plugged
            or reading.weld_suspected
            or reading.lease_lapsed
            or not knows_what_it_needs(reading)
            or (not isnan(reading.duty) and not 0.03 <= reading.duty <= 0.07)
            or reading.lock is not Switch.CLOSED
            or reading.inlet_temperature > 80
            or (machine.command.contactor_plus and self.started and reading.current < -5)
            or (
                machine.command.contactor_plus
                and reading.inlet_voltage > 1.1 * reading.max_voltage
            )
        )
        fresh = abs(reading.age) <= 0.5
        live = fresh and abs(reading.inlet_voltage) >= 60
        self.refused |= live and machine.active and not self.asked_for_energy
        if bad and fresh:
            assert machine.command.pilot is PilotState.B, f'C after {reading}'

    def hears(self, connection, kind, octets, told):
        """Take note of a response; tell whether it is one that was asked for."""
        machine = self.world.machine
        part = machine._talk or machine._end  # only to know what is asked: not what is decided
        asked = part is not None and machine.active and connection == machine._connection_id
        awaited = asked and told is not None and kind == EXI and part_waits(part) is told.step
        if awaited and told.session_id == ID and told.code.startswith('OK'):
            self.learn(told)
        in_b = machine.command.pilot is PilotState.B
        if awaited and in_b and told.step is Step.WELDING_DETECTION and told.session_id == ID:
            self.told_in_b = told.present_voltage
        return awaited

    def learn(self, told):
        if told.step is Step.CHARGE_PARAMETERS and not told.ongoing:
            self.parameters = True
        good = told.isolation in (Isolation.VALID, Isolation.WARNING)
        if told.step is Step.CABLE_CHECK and not told.ongoing:
            self.checked, self.isolation = True, good
        elif told.step is Step.PRECHARGE:
            self.isolation = good if told.isolation is not None else self.isolation
            self.ready = told.health is not Health.NOT_READY
            self.told_volts.append(told.present_voltage)

    def has_heard(self, awaited, told):
        """R1: what a response says is judged at once, whatever its ResponseCode."""
        if awaited and (told.failed or told.health in BROKEN):
            assert self.world.machine.command.pilot is PilotState.B, f'C after {told}'

    # What comes out

    def look(self, before, after, name):
        world = self.world
        now, machine = world.now, world.machine
        self.welded |= machine.state.error == 'WELD_SUSPECTED' and machine.active
        assert 0 <= machine.state.energy < ABSURD
        if after.pilot is PilotState.B and before.pilot is PilotState.C:
            self.b_since = now
        if before.contactor_plus and not after.contactor_plus:
            self.opening(now)
        assert after.contactor_plus == after.contactor_minus
        if name in ('emergency_stop', 'node_lost'):
            assert after.pilot is PilotState.B
        if not machine.active:
            assert not after.contactor_plus and after.pilot is PilotState.B
            assert not after.isolation_monitor_off
        if after.pilot is PilotState.C:
            self.showing_c(before)
            stale = not self.readings or now - self.readings[-1][0] > 0.5 + TINY
            assert not stale, 'C on readings that are stale'
        if after.contactor_plus:
            if not before.contactor_plus:
                self.closing(now)
            if after.pilot is PilotState.B:
                assert now - self.b_since <= 1.0 + TINY, 'closed for more than 1 s in B'
        if before.lock and not after.lock:
            self.unlocking(now)
        self.by_hand = False

    def requests(self, event):
        """R10: never beyond what the vehicle takes, whatever else disagrees."""
        if event.name != 'CurrentDemandReq':
            return
        body, (_, reading) = event.message.Body, self.readings[-1]
        volts, amperes = body.EVTargetVoltage, body.EVTargetCurrent
        assert 0 <= volts <= reading.max_voltage + 0.01 * abs(reading.max_voltage)
        most = min(reading.max_current, reading.max_inlet_current)
        known = [v for v in (reading.pack_voltage, reading.inlet_voltage) if not isnan(v)]
        assert 0 <= amperes <= 1.01 * most + 0.1, (amperes, reading)
        assert amperes * max(known) <= 1.01 * reading.max_power + 0.1 * max(known), reading

    def attempts(self, attempt):
        """R5, R10: wanted, and with all that is needed to know what may be asked for."""
        if attempt == self.attempt:
            return
        self.attempt = attempt
        when, reading = self.readings[-1]
        assert self.world.now - when <= 0.5 + TINY and knows_what_it_needs(reading), reading
        assert self.wanted, 'a reset starts nothing'
        assert not abs(reading.inlet_voltage) >= 60, 'an attempt at a live inlet'

    def showing_c(self, before):
        """R8."""
        assert self.parameters, 'C before ChargeParameterDiscovery was finished'
        assert not self.refused, 'C though the inlet was live before'
        self.asked_for_energy = True
        if before.pilot is not PilotState.C:
            self.world.seen['C'] += 1
            assert self.readings[-1][1].lock is Switch.CLOSED

    def closing(self, now):
        """R9."""
        self.world.seen['closed'] += 1
        assert self.readings[-1][1].lock is Switch.CLOSED
        assert self.checked and self.isolation and self.ready and not self.stopped
        if self.world.settings.precharge_voltage == 'inlet':
            pairs = [(r.inlet_voltage, r.pack_voltage) for _, r in self.readings]
            assert all(now - when <= 0.5 + TINY for when, _ in self.readings)
        else:
            pairs = [(volts, self.readings[-1][1].pack_voltage) for volts in self.told_volts]
            assert now - self.readings[-1][0] <= 0.5 + TINY
        assert len(pairs) == 2
        assert abs(self.told_volts[-1] - self.readings[-1][1].pack_voltage) < 20
        assert all(abs(one - other) < 10 and one > 0 for one, other in pairs), pairs

    def opening(self, now):
        """R1: under little current, or 1 s after B; before PowerDelivery(start) at once."""
        self.world.seen['opened'] += 1
        when, reading = self.readings[-1]
        fresh = now - when <= 0.5 + TINY
        low = fresh and abs(reading.current) <= 5
        assert self.world.machine.command.pilot is PilotState.B
        assert low or now - self.b_since >= 1.0 - TINY or not self.started

    def unlocking(self, now):
        """R3."""
        self.world.seen['unlocked'] += 1
        when, reading = self.readings[-1]
        assert now - when <= 0.5 + TINY, 'unlocked on an old reading'
        if self.by_hand:
            poles = (reading.contactor_plus, reading.contactor_minus)
            consumers = isnan(reading.inlet_current) and poles == (Switch.OPEN, Switch.OPEN)
            assert consumers or abs(reading.current) <= 1
            self.welded = False
            return
        assert (reading.contactor_plus, reading.contactor_minus) == (Switch.OPEN, Switch.OPEN)
        assert not reading.weld_suspected and not self.welded
        assert reading.pilot is not PilotState.C
        if isnan(reading.inlet_voltage):
            assert now - self.b_since >= 5 - TINY
            assert not abs(self.told_in_b) >= 60, 'unlocked, and the charger tells volts'
        else:
            assert abs(reading.inlet_voltage) < 60


def meaning(octets):
    """The answer in a response of DIN; None where it is none."""
    try:
        return DinVehicle().answer(from_octets(octets).message)
    except (MalformedExi, UnexpectedMessage):
        return None


def knows_what_it_needs(reading):
    told = {name: getattr(reading, name) for name in NEEDED}
    there = all(isfinite(value) and value >= 0 for value in told.values())
    return there and all(0 < told[name] <= 1500 for name in ('pack_voltage', 'max_voltage'))


def part_waits(part):
    return part.dialogue.waiting if hasattr(part, 'dialogue') else part._dialogue.waiting


def play(seed, steps, seen):
    """Play some steps of one seed; tell how many were played."""
    draw = Random(seed)
    world = World(seed, draw.choice([0.0, 0.02, 0.1, 0.4, 1.0]), seen)
    length = min(steps, draw.randint(50, 1500))
    for _ in range(length):
        world.step()
    world.leave_alone()
    return length


@pytest.mark.parametrize('seed', range(PLAYS))
def test_whatever_a_charger_does_r1_r3_r8_r9_hold_and_the_session_ends(seed):
    seen, left = Counter(), STEPS // PLAYS
    while left > 0:
        left -= play(seed * 1_000_000 + left, left, seen)


def test_the_plays_reach_every_stage_of_a_session():
    seen = Counter()
    for seed in range(12):
        play(seed, 1000, seen)
    reached = {'CHARGE_LOOP', 'WELDING_DETECTION', 'FINISHED', 'SAFE_END', 'FAILED'}
    assert reached | {'closed', 'opened', 'unlocked', 'C'} <= set(seen), seen


def main(steps):
    """Play so many steps, and print figures."""
    seen, done, plays, begun = Counter(), 0, 0, time.monotonic()
    while done < steps:
        done += play(plays, steps - done, seen)
        plays += 1
        if plays % 100 == 0:
            print(f'{done} steps, {plays} plays, {time.monotonic() - begun:.0f} s', flush=True)
    counted = ', '.join(f'{name} {count}' for name, count in sorted(seen.items()))
    print(f'{done} steps in {plays} plays, {time.monotonic() - begun:.0f} s: all rules held')
    print(counted)


if __name__ == '__main__':
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
