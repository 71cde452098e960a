# SPDX-License-Identifier: Apache-2.0
"""The ladder of charging/link over whole charges and failures, in virtual time."""

from math import isnan

import pytest

from v2g.session.events import Traffic
from v2g.session.ladder import Ladder
from v2g.session.layers import NO_CARRIER, Layers, Level, reached
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
from v2g.session.state import SessionState

NAMES = ['modem', 'slac', 'avln', 'sdp', 'tcp', 'application']
GONE, WORK, GOOD, BAD = Level.DOWN, Level.WORKING, Level.OK, Level.FAILED


class Way:
    """A ladder that is told its readings by hand."""

    def __init__(self):
        self.ladder, self.state, self.layers = Ladder(), SessionState('pev'), Layers()

    def climb(self, upto):
        steps = [
            lambda: self.modem(ModemState.LINKED),
            lambda: self.slac(SlacState.MATCHED),
            lambda: self.ladder.set_data_link(DataLinkReading(ready=True, link_id=1)),
            lambda: self.link(LinkState.CONNECTING),
            lambda: self.link(LinkState.CONNECTED),
            lambda: self.talk(),
        ]
        for step in steps[: NAMES.index(upto) + 1]:
            step()
        return self

    def link(self, state, **fields):
        self.ladder.link = LinkReading(state=state, link_id=1, connection_id=9, **fields)

    def modem(self, state):
        self.ladder.modem = ModemReading(state=state)

    def slac(self, state, **fields):
        self.ladder.set_slac(SlacReading(state=state, **fields))

    def talk(self, protocol='din', stage=Stage.CHARGE_LOOP):
        self.state.active, self.state.protocol, self.state.stage = True, protocol, stage

    def look(self, now=0.0, gone=()):
        return self.layers.look(self.ladder, self.state, now, gone)

    def levels(self, **at):
        return [layer.level for layer in self.look(**at)]


def test_at_first_nothing_stands_and_nothing_was_ever_good():
    layers = Way().look()
    assert [layer.name for layer in layers] == NAMES
    assert reached(layers) == 0
    assert all(isnan(layer.age) and layer.level is GONE for layer in layers)


@pytest.mark.parametrize('upto', NAMES)
def test_each_rung_stands_on_those_below(upto):
    layers = Way().climb(upto).look()
    assert reached(layers) == NAMES.index(upto) + 1
    assert GOOD not in [layer.level for layer in layers[reached(layers) :]]


@pytest.mark.parametrize(
    ('upto', 'breaks', 'rung', 'level'),
    [
        ('application', lambda way: way.link(LinkState.CONNECTED, carrier=False), 'modem', BAD),
        ('application', lambda way: way.modem(ModemState.INACTIVE), 'modem', GONE),
        ('application', lambda way: way.modem(ModemState.SEARCHING), 'modem', WORK),
        ('application', lambda way: way.modem(ModemState.FAILED), 'modem', BAD),
        ('modem', lambda way: way.slac(SlacState.MATCHING), 'slac', WORK),
        ('modem', lambda way: way.slac(SlacState.FAILED, checkpoint=110), 'slac', BAD),
        ('modem', lambda way: way.slac(SlacState.FAILED, checkpoint=170), 'avln', BAD),
        ('slac', lambda way: way.slac(SlacState.JOINING), 'avln', WORK),
        ('avln', lambda way: way.link(LinkState.SDP), 'sdp', WORK),
        ('avln', lambda way: way.link(LinkState.CLOSED), 'sdp', BAD),
        ('tcp', lambda way: way.link(LinkState.CLOSED), 'tcp', BAD),
        ('tcp', lambda way: way.talk(protocol=''), 'application', WORK),
        ('application', lambda way: way.talk(stage=Stage.SAFE_END), 'application', BAD),
    ],
)
def test_what_breaks_is_told_at_its_rung(upto, breaks, rung, level):
    way = Way().climb(upto)
    way.look()
    breaks(way)
    layers = way.look()
    assert layers[NAMES.index(rung)].level is level
    assert reached(layers) <= NAMES.index(rung)


def test_lost_carrier_is_named():
    way = Way().climb('application')
    way.link(LinkState.CONNECTED, carrier=False)
    assert way.look()[0].reason == NO_CARRIER


def test_a_dead_node_takes_its_rungs_along():
    way = Way().climb('application')
    assert way.levels(gone=['transport']) == [GOOD, GOOD, GOOD, BAD, BAD, GOOD]


def test_age_counts_from_the_last_good_sign():
    way = Way().climb('application')
    way.layers.heard(10.0)
    assert [layer.age for layer in way.look(now=12.0)] == [0, 0, 0, 0, 0, 2]
    way.ladder.set_data_link(DataLinkReading())
    ages = dict(zip(NAMES, (layer.age for layer in way.look(now=15.0)), strict=True))
    assert ages == {'modem': 0, 'slac': 0, 'avln': 3, 'sdp': 3, 'tcp': 3, 'application': 5}


def test_a_finished_charge_leaves_tcp_down_and_not_failed():
    way = Way().climb('application')
    way.look()
    way.link(LinkState.CLOSED, reason='closed by this side')
    way.state.stage = Stage.SESSION_STOP
    assert way.levels()[4] is GONE
    way.state.active, way.state.stage = False, Stage.FINISHED
    assert way.levels() == [GOOD, GOOD, GOOD, GOOD, GONE, GONE]


def test_over_a_whole_charge_every_rung_comes_to_stand_once(play):
    layers, reaches, ages, looked = Layers(), [], [], 0

    def look(charge):
        nonlocal looked
        events = [event for _, event in charge.diary['pev'][looked:]]
        looked += len(events)
        if any(isinstance(event, Traffic) and not event.sent for event in events):
            layers.heard(charge.now)
        rungs = layers.look(charge.evcc.ladder, charge.evcc.state, charge.now)
        reaches.append(reached(rungs))
        if charge.evcc.state.stage is Stage.CHARGE_LOOP:
            ages.append(rungs[-1].age)

    charge = play()
    charge.watch = look
    charge.finish()
    changes = [one for one, before in zip(reaches, [-1, *reaches], strict=False) if one != before]
    assert changes[-2:] == [6, 4]
    assert changes[:-1] == sorted(changes[:-1])
    assert 0 < max(ages) < 0.3  # a CurrentDemandRes every 0.1 s
