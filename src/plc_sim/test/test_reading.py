# SPDX-License-Identifier: Apache-2.0
"""A car at an AC wallbox with a reader (R18), whole machines in virtual time."""

from math import isnan

import pytest

from plc_sim.scenario.reading import ReadingPlay
from plc_sim.scenario.script import ALWAYS, Drop, Hang, Instead, Let, Octets, Rule, Scaled
from v2g.schema import din
from v2g.session.facts import Acquaintance
from v2g.session.stage import Stage

TIMEOUT = 60.0  # s, reader_timeout
IONIQ = {'energy_capacity': 28_000.0, 'soc': 0.27, 'target_soc': 0.9, 'bulk_soc': 0.8}
POLESTAR = {'energy_capacity': 78_500.0, 'soc': 0.4, 'target_soc': 1.0, 'bulk_soc': 0.8}
ISO = 'urn:iso:15118:2:2013:MsgDef'
REQUESTS = (
    'supportedAppProtocolReq',
    'SessionSetupReq',
    'ServiceDiscoveryReq',
    'ServicePaymentSelectionReq',
    'ContractAuthenticationReq',
    'ChargeParameterDiscoveryReq',
)


def ends_in_ac(play):
    """The car has charged AC in time, the reader never met the AC contactor."""
    assert play.vehicle.ac_energy > 0
    assert play.ac_at - play.digital_at < TIMEOUT + 10
    assert play.vehicle.on_board.replugs == 1
    assert play.fouls == []
    return play


def statuses(play):
    return [facts.status.name for _, facts in play.told]


def test_a_car_of_28_kwh_is_read_within_3_s_and_then_charges_ac():
    play = ends_in_ac(ReadingPlay(vehicle=IONIQ).play(40))
    [(when, facts)] = [(at, one) for at, one in play.told if one.ended_at is None and one.soc > 0]
    assert when - play.digital_at < 3
    assert (facts.status, facts.soc, facts.full_soc) == (Acquaintance.READ, 0.27, 0.9)
    assert (facts.energy_capacity, facts.bulk_soc) == (28_000.0, 0.8)
    assert facts.energy_request == pytest.approx(0.63 * 28_000, abs=1)
    assert facts.energy_transfer == 'DC_extended'
    assert (facts.evcc_id, facts.protocols) == ('02000000e5a1', ('urn:din:70121:2012:MsgDef',))
    assert (facts.max_voltage, facts.max_current) == (418.0, 200.0)
    assert isnan(facts.departure_time)  # DIN has none for DC


def test_a_car_that_tells_its_78_5_kwh_with_multiplier_2_is_read_as_well():
    scaled = Scaled(('EVEnergyCapacity', 'EVEnergyRequest'), 2)
    rule = Rule('ChargeParameterDiscoveryReq', [scaled], times=ALWAYS)
    play = ends_in_ac(ReadingPlay([rule], vehicle=POLESTAR).play(40))
    assert (play.facts.energy_capacity, play.facts.energy_request) == (78_500.0, 47_100.0)


def test_the_events_are_plugged_in_then_connected_without_numbers_then_the_numbers():
    play = ReadingPlay(vehicle=IONIQ).play(40)
    assert list(dict.fromkeys(statuses(play))) == ['PLUGGED_IN', 'CONNECTED', 'READ']
    connected = [facts for _, facts in play.told if facts.status is Acquaintance.CONNECTED]
    assert all(isnan(one.soc) and isnan(one.energy_capacity) for one in connected)


@pytest.mark.parametrize('told', [0.0, None])
def test_lesson_64_a_capacity_of_0_or_none_is_not_known(told):
    rule = Rule(
        'ChargeParameterDiscoveryReq',
        [Let({'EVChargeParameter.EVEnergyCapacity': told})],
        times=ALWAYS,
    )
    play = ends_in_ac(ReadingPlay([rule], vehicle=IONIQ).play(40))
    assert play.facts.soc == 0.27
    assert isnan(play.facts.energy_capacity)


def test_a_car_that_speaks_no_homeplug_charges_ac():
    play = ends_in_ac(ReadingPlay(vehicle=IONIQ, slac=False).play(90))
    assert play.facts.status is Acquaintance.NO_DATA
    assert '60 s' in play.facts.reason


def test_a_car_that_never_looks_for_a_charger_by_sdp_charges_ac():
    play = ends_in_ac(ReadingPlay(vehicle=IONIQ, sdp=False).play(90))
    assert play.facts.status is Acquaintance.NO_DATA
    assert play.facts.reason.startswith('SDP')


def test_a_car_that_offers_only_iso_charges_ac_and_what_it_offered_is_told():
    offers = Let({'AppProtocol.0.ProtocolNamespace': ISO})
    rule = Rule('supportedAppProtocolReq', [offers], times=ALWAYS)
    play = ends_in_ac(ReadingPlay([rule], vehicle=IONIQ).play(90))
    assert play.facts.status is Acquaintance.NO_DATA
    assert (play.facts.protocols, ISO in play.facts.reason) == ((ISO,), True)


@pytest.mark.parametrize('request_', REQUESTS)
@pytest.mark.parametrize('instead', [True, False])
def test_a_car_that_drops_tcp_at_a_message_charges_ac(request_, instead):
    acts = [Octets(b''), Hang()] if instead else [Hang()]
    play = ends_in_ac(ReadingPlay([Rule(request_, acts)], vehicle=IONIQ).play(90))
    told = request_ == REQUESTS[-1] and not instead
    assert play.facts.status is (Acquaintance.READ if told else Acquaintance.NO_DATA)
    assert len([name for name in statuses(play) if name == 'CONNECTED']) >= 1


@pytest.mark.parametrize('request_', REQUESTS)
def test_a_car_that_falls_silent_at_a_message_charges_ac(request_):
    rule = Rule(request_, [Drop()], times=ALWAYS)
    play = ends_in_ac(ReadingPlay([rule], vehicle=IONIQ).play(90))
    assert play.facts.status is Acquaintance.NO_DATA


def test_a_car_that_asks_for_ac_by_din_is_refused_and_its_departure_is_told():
    asks = din.ChargeParameterDiscoveryReq(
        EVRequestedEnergyTransferType=din.EVRequestedEnergyTransfer.AC_three_phase_core,
        EVChargeParameter=din.AC_EVChargeParameter(
            DepartureTime=7200, EAmount=9000.0, EVMaxVoltage=400.0, EVMaxCurrent=32.0,
            EVMinCurrent=6.0,
        ),
    )  # fmt: skip
    rule = Rule('ChargeParameterDiscoveryReq', [Instead(lambda: asks)], times=ALWAYS)
    play = ends_in_ac(ReadingPlay([rule], vehicle=IONIQ).play(90))
    assert play.facts.status is Acquaintance.NO_DATA
    assert play.facts.energy_transfer == 'AC_three_phase_core'
    assert play.facts.departure_time == 7200.0


def test_a_car_that_heeds_no_stop_is_kept_waiting_until_its_numbers_repeat():
    calm = Let({'EVSEChargeParameter.DC_EVSEStatus.EVSENotification': din.EVSENotification.None_})
    rule = Rule('ChargeParameterDiscoveryRes', [calm], times=ALWAYS)
    play = ends_in_ac(ReadingPlay([rule], vehicle=IONIQ).play(40))
    [read_at] = [at for at, one in play.told if one.soc > 0 and one.ended_at is None]
    assert read_at - play.digital_at < 3
    assert max(play.stages) is Stage.FINISHED
    assert not {Stage.CONNECTOR_LOCK, Stage.CABLE_CHECK} & set(play.stages)


def test_nothing_is_tried_again_until_the_plug_was_out_for_3_s():
    play = ReadingPlay(vehicle=IONIQ).play(40)
    attempts = play.reader.state.attempt
    pull_for(play, 2.0)
    assert play.reader.state.attempt == attempts
    assert play.facts.status is Acquaintance.READ
    pull_for(play, 4.0)
    play.play(20)
    assert play.reader.state.attempt == attempts + 1
    assert play.fouls == []


def pull_for(play, seconds):
    play.vehicle.on_board.wants = False
    play.vehicle.lock.closed = play.vehicle.lock.wanted = False
    assert play.vehicle.plug(False, play.now)
    play.play(seconds)
    if seconds > 3:
        assert play.facts.status is Acquaintance.EMPTY
    play.vehicle.plug(True, play.now)
    play.play(10)


def test_a_reader_that_dies_leaves_a_wallbox_like_any_other():
    play = ReadingPlay(vehicle=IONIQ, slac=False).play(5)
    assert not play.supply.contactor.closed
    play._order_of = lambda side, command: None  # nobody renews a lease
    play.play(15)
    assert play.vehicle.ac_energy > 0
    assert play.supply.calls == []


def test_safety_2_an_emergency_stop_leads_to_no_ac_before_reset_and_a_new_plug_in():
    play = ReadingPlay(vehicle=IONIQ, slac=False).play(5)
    play.perform(play.reader, play.reader.emergency_stop(play.now))
    play.play(100)
    assert play.vehicle.ac_energy == 0
    _, _, events = play.reader.reset(play.now)
    play.perform(play.reader, events)
    play.play(90)
    assert play.vehicle.ac_energy == 0
    for plugged in (False, True):
        play.vehicle.plug(plugged, play.now)
        play.play(5)
    play.play(85)
    assert play.vehicle.ac_energy > 0


def test_a_wallbox_that_does_not_obey_is_called():
    lively = {**IONIQ, 'fault': 'none'}
    play = ReadingPlay(vehicle=lively, wallbox={'obeys': False}, slac=False).play(5)
    play.vehicle.on_board.wants = True  # a car that shows C at 5 %
    play.vehicle.on_board.watch = lambda *_, **__: None
    play.play(5)
    assert play.supply.calls == ['the AC contactor is closed while the reader is active']
