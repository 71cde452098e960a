# SPDX-License-Identifier: Apache-2.0
"""Whatever a vehicle, its octets, the pilot and the supply do: R13 and R14 hold at each step.

CCS_STEPS sets how many steps are played (5 000). A million, with progress and figures:
python3 src/v2g/test/session/secc/test_any_vehicle.py 1000000
"""

from collections import Counter
from dataclasses import replace
from math import inf, nan
import os
from random import Random
import sys
import time

import pytest

from v2g.exi import MalformedExi
from v2g.schema.declare import Complex
from v2g.session.din.order import ALWAYS, FOLLOWS
from v2g.session.din.vehicle import DinVehicle
from v2g.session.din.words import from_octets, to_octets
from v2g.session.exchange import Ask, Limits, Step
from v2g.session.readings import Isolation, LinkState, PilotState, Switch

STEPS = int(os.environ.get('CCS_STEPS', '5000'))
A_PLAY = 100  # steps
ID = bytes([7] * 8)
WAY = [step for step in Step if step not in (Step.APP_PROTOCOL, Step.CONNECTOR_LOCK)]
VOLTS = [-32_767e3, -1.0, 0.0, 0.001, 60.0, 150.0, 350.0, 400.0, 500.0, 1000.0, 32_767e3]
AMPERES = [-32_767e3, -5.0, 0.0, 0.5, 2.0, 10.0, 50.0, 500.0, 32_767e3]
PILOTS = [*PilotState, PilotState.B, PilotState.C, PilotState.C]
TROUBLE = [
    {'voltage': nan},
    {'current': nan, 'voltage': nan, 'max_voltage': nan, 'max_current': nan},
    {'voltage': 1000.0},
    {'current': 400.0},
    {'current': -400.0},
    {'max_voltage': 0.0},
    {'max_current': 1.0, 'max_power': nan},
    {'max_power': 0.0},
    {'max_voltage': inf, 'max_current': inf, 'max_power': inf},
    {'contactors': Switch.OPEN},
    {'contactors': Switch.CLOSED},
    {'contactors': Switch.UNKNOWN},
    {'isolation': Isolation.FAULT},
    {'isolation': Isolation.INVALID},
    {'fault': 'a fan is broken'},
    {'lease_lapsed': True},
]


class Vehicle:
    """Asks, lies, stammers, and is unplugged; all from one seed."""

    def __init__(self, client, seed):
        self.client, self.draw = client, Random(seed)
        self.wildness = self.draw.choice([0.02, 0.1, 0.4, 1.0])
        self.last, self.ongoing = None, False  # of the last accepted request
        self.gone = False  # its connection
        self.shows_c = self.draw.random() < 0.8  # by itself, when it should

    def live(self):
        """One step."""
        acts = [self.any_request, self.bent, self.junk, self.pause, self.trouble]
        acts += [self.change_pilot, self.operator, self.line]
        tame = self.draw.random() >= self.wildness
        (
            self.draw.choice([self.next_request] * 5 + [self.begin])
            if tame
            else self.draw.choice(acts)
        )()

    def next_request(self):
        ahead = (self.last,) if self.ongoing else FOLLOWS[self.last] or ALWAYS
        step = self.draw.choice([*ahead, ahead[-1], ahead[-1]])
        leaves = self.draw.random() < 0.05 and self.last is not None
        if leaves:
            step = self.draw.choice(ALWAYS)
        if step is Step.CABLE_CHECK and self.shows_c:
            self.client.pilot = PilotState.C
        self.say(to_octets(self.request(step)))
        if leaves:
            self.client.wait(self.draw.choice([0.0, 4.0]))

    def any_request(self):
        self.say(to_octets(self.request(self.draw.choice(WAY))))

    def bent(self):
        """One that is nearly right: bits flipped, cut, or with more behind it."""
        octets = bytearray(to_octets(self.request(self.draw.choice(WAY))))
        for _ in range(self.draw.choice([0, 1, 1, 3])):
            octets[self.draw.randrange(len(octets))] ^= 1 << self.draw.randrange(8)
        cut = self.draw.choice([len(octets), len(octets), self.draw.randrange(len(octets))])
        self.say(bytes(octets[:cut]) + self.draw.randbytes(self.draw.choice([0, 0, 5])))

    def junk(self):
        kind = self.draw.choice([0x8001, 0x8001, 0x8002, 0x9000])
        self.say(self.draw.randbytes(self.draw.choice([0, 1, 8, 60, 700])), kind)

    def pause(self):
        self.client.period = self.draw.choice([0.01, 0.1])
        self.client.wait(self.draw.choice([0.0, 0.01, 0.1, 0.5, 0.6, 3.0, 6.0]))

    def trouble(self):
        self.client.bench.override = self.draw.choice([{}, {}, self.draw.choice(TROUBLE)])
        self.client.silent = set(self.draw.choice([[], [], [], ['supply'], ['pilot']]))
        self.client.measure()

    def change_pilot(self):
        self.client.pilot = self.draw.choice(PILOTS)
        self.client.measure()

    def operator(self):
        secc, now = self.client.secc, self.client.now
        act = self.draw.choice(['stop', 'emergency_stop', 'node', 'reset', 'lapse'])
        match act:
            case 'stop':
                self.client.take(secc.stop(now))
            case 'emergency_stop':
                self.client.take(secc.emergency_stop(now))
            case 'node':
                self.client.take(secc.node_lost('transport', now))
            case 'reset':
                self.client.reset()
            case 'lapse':
                self.client.take(secc.pilot(replace(secc._pilot, lease_lapsed=True), now))

    def line(self):
        state = self.draw.choice(list(LinkState))
        self.client.link(state)
        self.gone = self.gone or state is not LinkState.CONNECTED

    def begin(self):
        """Plug in again where nothing runs, and agree on a protocol."""
        client = self.client
        if client.secc.state.active:
            return
        client.reset()
        client.bench.override, client.silent, client.pilot = {}, set(), PilotState.A
        client.wait(self.draw.choice([0.05, 2.5]))
        client.pilot = PilotState.B
        client.wait(0.05)
        if client.command.duty == 0.05:
            client.connect()
            client.agree()
            self.last, self.ongoing, self.gone = None, False, False

    def request(self, step) -> Complex:
        wild = self.draw.random() < 0.1 * self.wildness
        volts, amperes = (VOLTS, AMPERES) if wild else ([350.0, 380.0], [2.0, 40.0])
        limits = Limits(
            max_voltage=self.draw.choice(VOLTS if wild else [400.0, 400.0, 410.0]),
            max_current=self.draw.choice(AMPERES if wild else [50.0, 50.0, 20.0]),
            max_power=self.draw.choice([nan, 0.0, 1000.0, 50_000.0]),
        )
        ask = Ask(
            step=step,
            session_id=self.draw.choice([ID] * 97 + [b'', bytes(8), b'\x01']),
            evcc_id=self.draw.randbytes(self.draw.choice([1, 6, 6, 8])),
            ready=self.draw.random() < 0.5,
            soc=self.draw.choice([0.0, 0.5, 1.0]),
            target_voltage=self.draw.choice(volts),
            target_current=self.draw.choice(amperes),
            limits=limits,
            full_soc=self.draw.choice([nan, 0.0, 1.0]),
        )
        return DinVehicle().request(ask)

    def say(self, octets, kind=0x8001):
        """Send; while it is heard, both the old limits and the new ones may hold."""
        client = self.client
        before, told = client.allowed, limits_in(octets)
        if told is not None:
            client.allowed = Limits(
                max_voltage=max(before.max_voltage, told.max_voltage),
                max_current=max(before.max_current, told.max_current),
            )
        heard = client.secc.state.active and not (client.closed or self.gone)
        answer = client.send(octets, kind)
        assert (answer is not None or client.closed) if heard else answer is None
        accepted = answer is not None and is_ok(answer)
        if accepted and told is not None:
            client.allowed = told
        elif told is not None:
            client.allowed = before
        if accepted:
            self.last = step_of(octets) or self.last
            self.ongoing = getattr(body_of(answer), 'EVSEProcessing', '') == 'Ongoing'
        client.referee()
        if self.last is Step.CHARGE_LOOP and self.draw.random() < 0.1:
            client.pilot = PilotState.B  # before the current that it asked for is measured
            client.measure_pilot()
        client.wait(0.01)


def body_of(octets):
    try:
        return from_octets(octets).message.Body
    except (MalformedExi, AttributeError):
        return None


def limits_in(octets):
    """What a request says that the vehicle takes; None: nothing of the kind."""
    body = body_of(octets)
    told = getattr(body, 'EVChargeParameter', body)
    volts = getattr(told, 'EVMaximumVoltageLimit', None)
    amperes = getattr(told, 'EVMaximumCurrentLimit', None)
    if volts is None or amperes is None:
        return None
    return Limits(max_voltage=max(0.0, volts), max_current=max(0.0, amperes))


def is_ok(octets):
    return getattr(body_of(octets), 'ResponseCode', '').startswith('OK')


def step_of(octets):
    names = {
        type(DinVehicle().request(Ask(step=step, soc=0.5)).Body).__name__: step for step in WAY
    }
    name = type(body_of(octets)).__name__
    if name == 'PowerDeliveryReq':
        return Step.START if body_of(octets).ReadyToChargeState else Step.STOP
    return names.get(name)


def play(client, seed, seen):
    """Play one seed, then leave the charger alone: its session ends, and all is off."""
    client.agree()
    vehicle = Vehicle(client, seed)
    for _ in range(A_PLAY):
        vehicle.live()
        assert client.violations == [], seed
    client.bench.override, client.silent = {}, set()
    client.link(LinkState.CLOSED)
    client.wait(15)
    command = client.command
    assert not client.secc.state.active, seed
    assert not (command.output or command.contactors or command.isolation_test), seed
    assert client.violations == [], seed
    seen.update(client.stages())


@pytest.mark.parametrize('seed', range(max(1, STEPS // A_PLAY)))
def test_abuse_28_29_31_whatever_comes_is_answered_once_or_ended(charger, seed):
    play(charger(), seed, Counter())


def test_the_plays_reach_every_stage(charger):
    """The property would be worth nothing if all sessions died early."""
    seen = Counter()
    for seed in range(20):
        play(charger(), seed, seen)
    reached = {'CABLE_CHECK', 'PRECHARGE', 'CHARGE_LOOP', 'STOP', 'SESSION_STOP', 'SAFE_END'}
    assert reached <= set(seen)


def main(steps):
    """Play so many steps, and print figures."""
    from conftest import Charger  # of this folder, where Python looks for a script's modules

    seen, plays, begun = Counter(), steps // A_PLAY, time.monotonic()
    for number in range(plays):
        play(Charger(), number, seen)
        if number % 500 == 499:
            done = (number + 1) * A_PLAY
            print(
                f'{done} steps, {number + 1} plays, {time.monotonic() - begun:.0f} s', flush=True
            )
    took = time.monotonic() - begun
    print(f'{plays * A_PLAY} steps in {plays} plays, {took:.0f} s: all rules held')
    print(', '.join(f'{name} {count}' for name, count in sorted(seen.items())))


if __name__ == '__main__':
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
