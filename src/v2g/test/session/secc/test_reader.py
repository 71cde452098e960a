# SPDX-License-Identifier: Apache-2.0
"""The reader alone, against whatever a vehicle says (R18)."""

from math import isnan

from hypothesis import given, settings, strategies as st
import pytest

from v2g.schema import din
from v2g.session.din import NAMESPACE
from v2g.session.din.vehicle import DinVehicle
from v2g.session.din.words import from_octets, to_octets
from v2g.session.events import Ended, Send
from v2g.session.exchange import Ask, Limits, Step
from v2g.session.facts import Acquaintance
from v2g.session.readings import (
    DataLinkReading,
    LinkReading,
    LinkState,
    ModemReading,
    ModemState,
    PilotReading,
    PilotState,
    SlacReading,
    SlacState,
)
from v2g.session.sap import offer, to_octets as sap_to
from v2g.session.secc.reader import Reader
from v2g.session.secc.reader_settings import ReaderSettings
from v2g.session.stage import Stage

MAC, MODEM = '02:00:5e:00:53:01', '02:00:5e:00:53:02'
ID = bytes([7] * 8)
WAY = [step for step in Step if step not in (Step.APP_PROTOCOL, Step.CONNECTOR_LOCK)]
UP = WAY[: WAY.index(Step.CHARGE_PARAMETERS) + 1]


class Talk:
    """A reader with a vehicle that says what a test wants."""

    def __init__(self, slac=True, **given):
        self.now, self.answers, self.ends, self.closed = 0.0, [], [], False
        self.reader = Reader(ReaderSettings(**given), lambda n: bytes([7] * n))
        if slac:
            self.take(self.reader.slac(SlacReading(), 0.0))
            self.take(self.reader.data_link(DataLinkReading(), 0.0))
        self.pilot(PilotState.B)

    def take(self, events):
        for event in events:
            if isinstance(event, Send):
                self.closed |= event.close
                self.answers += [event.payload] if event.payload else []
            elif isinstance(event, Ended):
                self.ends.append(event)

    def pilot(self, state):
        self.take(self.reader.pilot(PilotReading(pilot=state, duty=0.05), self.now))

    def connect(self):
        matched = SlacReading(state=SlacState.MATCHED, attempt=self.reader.state.attempt)
        self.take(self.reader.slac(matched, self.now))
        link = DataLinkReading(ready=True, link_id=1, peer_mac=MAC)
        self.take(self.reader.data_link(link, self.now))
        linked = ModemReading(state=ModemState.LINKED, remote_mac=MODEM)
        self.take(self.reader.modem(linked, self.now))
        connected = LinkReading(state=LinkState.CONNECTED, link_id=1, connection_id=9)
        self.take(self.reader.link(connected, self.now))
        self.say(sap_to(offer(NAMESPACE)))
        return self

    def say(self, payload):
        self.answers.clear()
        self.take(self.reader.receive(9, 0x8001, payload, self.now))

    def ask(self, step, **more):
        limits = Limits(max_voltage=400.0, max_current=100.0, max_power=40_000.0)
        told = {'soc': 0.4, 'energy_capacity': 60_000.0, 'energy_request': 30_000.0, **more}
        ask = Ask(
            step=step, session_id=ID, evcc_id=bytes(6), target_voltage=350.0,
            target_current=1.0, limits=limits, **told,
        )  # fmt: skip
        self.say(to_octets(DinVehicle().request(ask)))
        return from_octets(self.answers[0]).message.Body if self.answers else None

    def reach(self, last):
        for step in UP[: UP.index(last) + 1]:
            answer = self.ask(step)
        return answer

    def wait(self, seconds):
        end = self.now + seconds
        while self.now < end:
            due = self.reader.deadline
            self.now = min(end, self.now + 0.1, due if due is not None else end)
            self.pilot(self.reader._pilot.pilot)
            self.take(self.reader.tick(self.now))
        return self

    @property
    def facts(self):
        return self.reader.notes.facts


def test_the_answer_is_ongoing_with_full_limits_a_schedule_and_stop_charging():
    answer = Talk().connect().reach(Step.CHARGE_PARAMETERS)
    assert answer.EVSEProcessing == 'Ongoing'
    told = answer.EVSEChargeParameter
    assert told.DC_EVSEStatus.EVSENotification == 'StopCharging'
    assert (told.EVSEMaximumVoltageLimit, told.EVSEMaximumCurrentLimit) == (1000.0, 200.0)
    [schedule] = answer.SASchedules.SAScheduleTuple
    assert schedule.PMaxSchedule.PMaxScheduleEntry[0].PMax == 30_000


def test_numbers_that_repeat_are_told_and_the_vehicle_has_a_second_for_session_stop():
    talk = Talk().connect()
    talk.reach(Step.CHARGE_PARAMETERS)
    assert talk.facts.status is Acquaintance.CONNECTED
    talk.ask(Step.CHARGE_PARAMETERS)
    assert talk.facts.status is Acquaintance.READ
    assert not talk.closed
    assert not talk.wait(0.9).reader.command.ac
    assert talk.wait(0.2).reader.command.ac
    assert talk.closed
    assert (talk.ends[0].error, talk.ends[0].done, talk.ends[0].final) == ('', True, True)


def test_numbers_that_never_repeat_are_taken_after_3_s():
    talk = Talk().connect()
    talk.reach(Step.CHARGE_PARAMETERS)
    for percent in range(41, 51):
        talk.ask(Step.CHARGE_PARAMETERS, soc=percent / 100)
        talk.wait(0.25)
    assert talk.facts.status is Acquaintance.CONNECTED
    talk.wait(0.6)
    assert (talk.facts.status, talk.facts.soc) == (Acquaintance.READ, 0.5)
    assert talk.reader.command.ac


def test_session_stop_is_answered_then_tcp_is_closed():
    talk = Talk().connect()
    talk.reach(Step.CHARGE_PARAMETERS)
    assert isinstance(talk.ask(Step.SESSION_STOP), din.SessionStopRes)
    assert talk.closed and talk.reader.command.ac
    assert talk.facts.status is Acquaintance.READ


def test_both_macs_are_told_before_any_number():
    talk = Talk().connect()
    assert (talk.facts.status, talk.facts.mac) == (Acquaintance.CONNECTED, MAC)
    assert talk.facts.modem_mac == MODEM


def test_a_vehicle_that_stops_before_it_has_told_is_no_data():
    talk = Talk().connect()
    talk.reach(Step.AUTHORIZATION)
    talk.ask(Step.SESSION_STOP)
    assert talk.facts.status is Acquaintance.NO_DATA
    assert talk.ends[0].error == 'VEHICLE_STOPS'
    assert talk.reader.command.ac


def test_a_slac_node_that_is_not_there_does_not_keep_the_car_from_ac():
    talk = Talk(slac=False, reader_timeout=10.0).wait(9.0)
    assert not talk.reader.command.ac
    talk.wait(2.0)
    assert talk.reader.command.ac
    assert talk.facts.status is Acquaintance.NO_DATA


@pytest.mark.parametrize('state', [PilotState.A, PilotState.UNKNOWN, PilotState.E])
def test_a_pilot_that_is_lost_ends_the_reading(state):
    talk = Talk().connect()
    talk.reach(Step.AUTHORIZATION)
    talk.pilot(state)
    assert talk.ends[0].error == 'PILOT_LOST'


def test_an_emergency_stop_latches_even_when_the_numbers_are_known():
    talk = Talk().connect()
    talk.reach(Step.CHARGE_PARAMETERS)
    talk.take(talk.reader.emergency_stop(talk.now))
    assert talk.facts.status is Acquaintance.READ
    assert talk.reader.latched
    assert not talk.wait(100.0).reader.command.ac


def test_the_next_vehicle_is_read_and_knows_nothing_of_the_last():
    talk = Talk().connect()
    talk.reach(Step.CHARGE_PARAMETERS)
    talk.ask(Step.SESSION_STOP)
    talk.pilot(PilotState.A)
    talk.wait(3.1)
    assert talk.facts.status is Acquaintance.EMPTY
    assert not talk.reader.command.ac
    talk.pilot(PilotState.B)
    assert talk.reader.command.duty == 0.05
    assert talk.facts.status is Acquaintance.PLUGGED_IN


ASKS = st.lists(
    st.tuples(st.sampled_from(WAY), st.sampled_from([0.0, 0.4, 0.5]), st.floats(0.0, 5.0)),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([*UP]), ASKS)
def test_whatever_is_asked_nothing_is_finished_and_ac_follows_in_time(upto, asks):
    talk = Talk().connect()
    talk.reach(upto)
    for step, soc, seconds in asks:
        answer = talk.ask(step, soc=soc)
        if isinstance(answer, din.ChargeParameterDiscoveryRes) and answer.ResponseCode == 'OK':
            assert answer.EVSEProcessing == 'Ongoing'
        if isinstance(answer, din.CableCheckRes | din.PreChargeRes | din.CurrentDemandRes):
            assert answer.ResponseCode.startswith('FAILED')
        talk.wait(seconds)
    assert talk.reader.state.stage not in range(Stage.CONNECTOR_LOCK, Stage.STOP)
    talk.wait(61.0 - min(talk.now, 60.0))
    assert talk.reader.command.ac
    assert len(talk.ends) == 1


def test_line_6_a_state_of_charge_of_0_is_none_and_one_that_follows_is_read():
    talk = Talk().connect()
    talk.reach(Step.AUTHORIZATION)
    for _ in range(8):
        talk.ask(Step.CHARGE_PARAMETERS, soc=0.0)
        talk.wait(0.25)
        assert talk.facts.status is Acquaintance.CONNECTED and not talk.closed
    for _ in range(2):
        talk.ask(Step.CHARGE_PARAMETERS, soc=0.07)
    assert (talk.facts.status, talk.facts.soc) == (Acquaintance.READ, 0.07)


def test_line_6_who_tells_nothing_but_0_is_not_told_as_read_and_charges_ac():
    talk = Talk().connect()
    talk.reach(Step.AUTHORIZATION)
    for _ in range(12):
        talk.ask(Step.CHARGE_PARAMETERS, soc=0.0)
        talk.wait(0.25)
    assert talk.facts.status is Acquaintance.NO_DATA and isnan(talk.facts.soc)
    assert '0 %' in talk.facts.reason
    assert talk.wait(0.1).reader.command.ac
