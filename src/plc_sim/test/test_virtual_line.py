# SPDX-License-Identifier: Apache-2.0
"""Vehicles and chargers match on a line in virtual time, whatever it loses."""

import itertools
import random

import pytest

from plc_modem.homeplug.matching import (
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
)
from plc_modem.modem import ModemMachine
from plc_sim.channel import Settings
from plc_sim.line import Line, Outlet
from plc_sim.virtual import Station, VirtualLine
from slac.ev.matching import EvMatching, Settings as EvSettings
from slac.evse.matching import EvseMatching
from slac.evse.session import Settings as EvseSettings
from slac.values import Changed, Phase, SetKey


def plugged_pair(seed=1, **about):
    """A vehicle and a charger whose modems are there, plugged in at 5 s."""
    chance = random.Random(seed).randbytes
    macs = {'pev': '02:00:00:00:00:01', 'evse': '02:00:00:00:00:02'}
    outlets = [
        Outlet('pev', '02:00:00:00:01:01', False),
        Outlet('evse', '02:00:00:00:01:02', True),
    ]
    machines = {
        'pev': EvMatching(EvSettings(), chance),
        'evse': EvseMatching(EvseSettings(), chance),
    }
    stations = [
        Station(name, mac, machines[name], ModemMachine(mac, 0.0)) for name, mac in macs.items()
    ]
    virtual = VirtualLine(Line(outlets, Settings(**about), chance), stations)
    virtual.run(5.0)
    virtual.plug('evse')
    virtual.plug('pev')
    return virtual


def both_linked(virtual):
    return lambda: all(s.linked is not None and s.linked.ready for s in virtual.stations.values())


def when(virtual, kind):
    return [time for time, _, mme in virtual.overheard if isinstance(mme.message, kind)]


def test_a_vehicle_and_a_charger_find_each_other():
    virtual = plugged_pair()
    virtual.run(10.0, both_linked(virtual))
    pev, evse = virtual.stations['pev'], virtual.stations['evse']
    assert pev.linked.peer_mac == evse.mac
    assert evse.linked.peer_mac == pev.mac
    assert pev.linked.modem_mac == '02:00:00:00:01:02'
    assert virtual.line.routes['pev'] == ('evse',)


def test_it_takes_the_waits_of_r23_the_restart_and_little_else():
    virtual = plugged_pair(restart_time=0.3)
    virtual.run(10.0, both_linked(virtual))
    asked, confirmed = when(virtual, CM_SLAC_PARM_REQ)[0], when(virtual, CM_SLAC_MATCH_CNF)[0]
    waits = 12 * 0.025
    assert waits < confirmed - asked < waits + 0.03
    assert virtual.now - asked < waits + 0.03 + 0.3 + 0.1


def test_r23_start_and_sounds_are_25_ms_apart():
    virtual = plugged_pair()
    virtual.run(10.0, both_linked(virtual))
    times = when(virtual, (CM_START_ATTEN_CHAR_IND, CM_MNBC_SOUND_IND))
    gaps = {round(b - a, 3) for a, b in itertools.pairwise(times)}
    assert (len(times), gaps) == (13, {0.025})


@pytest.mark.parametrize('restart_time', [0.0, 3.0, 7.0])
def test_lesson_15_a_modem_may_take_its_time(restart_time):
    virtual = plugged_pair(restart_time=restart_time)
    virtual.run(40.0, both_linked(virtual))
    assert both_linked(virtual)()


@pytest.mark.parametrize('seed', range(20))
def test_a_line_that_loses_a_tenth_of_the_frames_delays_and_does_not_prevent(seed):
    virtual = plugged_pair(seed=seed, loss=0.1)
    virtual.run(60.0, both_linked(virtual))
    assert both_linked(virtual)()


def test_lesson_18_after_unplug_both_have_keys_of_their_own():
    virtual = plugged_pair()
    virtual.run(10.0, both_linked(virtual))
    shared = virtual.line.outlets['pev'].network[0]
    virtual.unplug('pev')
    virtual.unplug('evse')
    virtual.run(15.0)
    assert not any(virtual.line.routes.values())
    keys = {outlet.network[0] for outlet in virtual.line.outlets.values()}
    assert len(keys | {shared}) == 3


def test_a_second_plug_in_matches_with_another_key():
    virtual = plugged_pair()
    virtual.run(10.0, both_linked(virtual))
    for outlet in ('pev', 'evse'):
        virtual.unplug(outlet)
    virtual.run(20.0)
    virtual.plug('evse', attempt=2)
    virtual.plug('pev', attempt=2)
    virtual.run(30.0, both_linked(virtual))
    keys = [e.nmk for _, e in virtual.stations['pev'].diary if isinstance(e, SetKey)]
    assert len(set(keys)) == len(keys) == 3
    assert virtual.stations['pev'].matching.status.phase is Phase.MATCHED


def phases(station, since):
    """What a station has told of its phase since a time, each change once."""
    told = [(time, e.status.phase) for time, e in station.diary if isinstance(e, Changed)]
    later = [(time, phase) for time, phase in told if time >= since]
    return [next(group) for _, group in itertools.groupby(later, key=lambda one: one[1])]


@pytest.mark.parametrize('away', [0.2, 3.0, 7.0])
@pytest.mark.parametrize('restart_time', [0.3, 5.0])
def test_line_10_a_vehicle_that_leaves_and_comes_back_is_kept(away, restart_time):
    virtual = plugged_pair(restart_time=restart_time)
    virtual.run(20.0)
    pev, evse = virtual.stations['pev'], virtual.stations['evse']
    assert evse.matching.status.phase is Phase.MATCHED
    virtual.unplug('pev')  # its end alone: the charger sees no unplug
    virtual.run(virtual.now + away)
    left = virtual.now
    virtual.plug('pev', attempt=2)
    virtual.run(left + 20.0)
    [confirmed] = [time for time in when(virtual, CM_SLAC_MATCH_CNF) if time > left]
    told = phases(evse, left)
    assert [phase for _, phase in told] == [Phase.MATCHING, Phase.JOINING, Phase.MATCHED]
    joined = next(time for time, phase in phases(pev, confirmed) if phase is Phase.MATCHED)
    assert told[-1][0] - confirmed >= restart_time
    assert abs(told[-1][0] - joined) < 1.1
    assert pev.linked.ready and evse.linked.ready


def test_abuse_14_a_partner_that_falls_silent_is_told_of_once():
    virtual = plugged_pair()
    virtual.run(10.0, both_linked(virtual))
    virtual.line.outlets['evse'].back_at = 1e9
    virtual.line.routes = {'pev': (), 'evse': ()}
    virtual.run(60.0)
    pev = virtual.stations['pev']
    assert not pev.linked.ready
    assert pev.matching.status.phase is Phase.FAILED
    assert len(pev.diary) < 20
