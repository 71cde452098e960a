# SPDX-License-Identifier: Apache-2.0
"""Two chargers too close to tell apart, and the pilot tells (R19; ISO 15118-3, A.9.5)."""

import itertools

import pytest

from plc_modem.homeplug import Mme
from plc_modem.homeplug.matching import (
    CM_ATTEN_CHAR_IND,
    CM_SLAC_MATCH_REQ,
    CM_SLAC_PARM_CNF,
    CM_VALIDATE_CNF,
    CM_VALIDATE_REQ,
    GROUPS,
)
from slac.ev.choice import Chosen, Undecided
from slac.ev.matching import State
from slac.ev.validation import Validation as EvValidation
from slac.evse.validation import Validation as EvseValidation
from slac.validation import Result
from slac.values import Changed, Pilot, Send

EV, NEAR, FAR = '02:00:00:00:00:e1', '02:00:00:00:00:e2', '02:00:00:00:00:e3'
PLUGGED = Pilot(plugged=True, digital=True)
DOUBT = Undecided((NEAR, FAR), '2 chargers are within 3 dB')


OTHER_OF = {NEAR: FAR, FAR: NEAR}


class Game:
    """A vehicle's validation, and chargers that count; `loses(charger, message)` loses a frame."""

    def __init__(self, random=1, counts=((NEAR, 1), (FAR, 0)), loses=lambda who, message: False):
        """`counts`: which share of the vehicle's edges each charger sees; None: nobody counts."""
        self.ev = EvValidation(DOUBT, random, 0.0)
        self.chargers = {who: EvseValidation() for who, _ in counts}
        self.shares, self.loses = dict(counts), loses
        self.now, self.shown, self.edges = 0.0, [], 0

    def play(self):
        while self.ev.outcome is None:
            due = [self.ev.deadline, *(c.deadline for c in self.chargers.values())]
            self.now = min(d for d in due if d is not None)
            for who, message in self.ev.tick(self.now):
                self.hear(who, message)
            self.look()
            for who, charger in self.chargers.items():
                self.answer(who, charger.tick(self.seen(who), self.now))
        return self.ev.outcome

    def look(self):
        if self.ev.show_c != (self.shown[-1][1] if self.shown else False):
            self.shown.append((self.now, self.ev.show_c))
            self.edges += 1

    def seen(self, who):
        share = self.shares[who]
        return None if share is None else 7 + int(self.edges * share)

    def hear(self, who, request):
        if not self.loses(who, request):
            self.answer(who, self.chargers[who].asked(request.Timer, self.seen(who), self.now))

    def answer(self, who, messages):
        for message in messages:
            if not self.loses(who, message):
                self.ev.confirmed(who, message, self.now)


@pytest.mark.parametrize('random', [0, 1, 2, 255])
def test_r19_the_charger_whose_pilot_was_toggled_is_chosen(random):
    assert Game(random).play() == Chosen(NEAR)


def test_between_one_and_three_toggles_each_state_0_2_to_0_4_s_and_all_within_3_5_s():
    for random in range(3):
        game = Game(random)
        game.play()
        assert [shows for _, shows in game.shown] == [True, False] * (random + 1)
        gaps = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(game.shown)]
        assert all(0.2 <= gap <= 0.4 for gap in gaps)
        assert game.now < 3.5 + 0.4
        assert not game.ev.show_c


@pytest.mark.parametrize(
    ('counts', 'why'),
    [
        (((NEAR, None), (FAR, None)), 'none counts toggles'),
        (((NEAR, 0), (FAR, 0)), 'none has seen'),
        (((NEAR, 1), (FAR, 1)), '2 have seen'),
        (((NEAR, 2), (FAR, 0.5)), 'none has seen'),
    ],
    ids=['nobody counts', 'no edges', 'both', 'other numbers'],
)
def test_r19_undecided_stays_undecided_and_says_why(counts, why):
    outcome = Game(random=1, counts=counts).play()
    assert isinstance(outcome, Undecided)
    assert outcome.reason.startswith(DOUBT.reason) and why in outcome.reason


def deaf(who):
    """Lose all that this charger says or is told."""
    return lambda other, message: other == who


def count_of(who):
    """Lose what this charger has counted."""
    told = (Result.SUCCESS, Result.FAILURE)
    return lambda other, message: (
        other == who and isinstance(message, CM_VALIDATE_CNF) and message.Result in told
    )


@pytest.mark.parametrize(
    ('near', 'far', 'loses'),
    [(None, 0, deaf('')), (1, 0, deaf(NEAR)), (0, 0, count_of(NEAR)), (2, 0, deaf(''))],
    ids=['cannot count', 'does not answer', 'its count is lost', 'counted another number'],
)
def test_line_12_who_is_left_alone_when_the_others_saw_no_toggle_is_taken(near, far, loses):
    assert Game(1, ((NEAR, near), (FAR, far)), loses).play() == Chosen(NEAR)
    swapped = Game(1, ((NEAR, far), (FAR, near)), lambda who, m: loses(OTHER_OF[who], m))
    assert swapped.play() == Chosen(FAR)


@pytest.mark.parametrize(
    ('near', 'far', 'left', 'crowded'),
    [(None, None, (NEAR, FAR), False), (0, 0, (), False), (1, 1, (), True)],
    ids=['nobody counts', 'all saw none', 'both saw them'],
)
def test_line_12_an_outcome_says_who_is_not_ruled_out(near, far, left, crowded):
    outcome = Game(1, ((NEAR, near), (FAR, far))).play()
    assert (outcome.macs, outcome.crowded) == (left, crowded)


def test_line_12_nobody_is_taken_for_being_alone_with_a_profile_that_is_no_measurement():
    game = Game(counts=((NEAR, None), (FAR, 0)))
    game.ev = EvValidation(Undecided((NEAR, FAR), 'no measurement', measured=False), 1, 0.0)
    assert isinstance(game.play(), Undecided)


def test_a_neighbour_that_cannot_count_does_not_hinder():
    assert Game(counts=((NEAR, 1), (FAR, None))).play() == Chosen(NEAR)


def test_a_first_answer_that_is_lost_is_asked_for_again_and_all_keep_waiting():
    left = {'lose': 2}

    def loses(who, message):
        lost = who == NEAR and isinstance(message, CM_VALIDATE_CNF) and left['lose'] > 0
        left['lose'] -= lost
        return lost

    assert Game(loses=loses).play() == Chosen(NEAR)
    assert left['lose'] == 0


def test_a_charger_that_never_answers_is_left_out_after_three_requests():
    asked = []

    def loses(who, message):
        asked.append((who, type(message)))
        return who == FAR

    assert Game(loses=loses).play() == Chosen(NEAR)
    assert asked.count((FAR, CM_VALIDATE_REQ)) == 3


def test_a_count_that_is_lost_decides_nothing():
    lost = lambda who, message: who == FAR and getattr(message, 'Result', 0) == Result.FAILURE  # noqa: E731
    outcome = Game(loses=lost).play()
    assert isinstance(outcome, Undecided) and 'did not tell' in outcome.reason


def test_not_ready_is_asked_again():
    ev = EvValidation(Undecided((NEAR,), '', measured=False), 0, 0.0)
    for now in (0.0, 0.2, 0.4):
        assert len(ev.tick(now)) == 1
        ev.confirmed(NEAR, CM_VALIDATE_CNF(Result=Result.NOT_READY), now + 0.01)
    assert ev.tick(0.61) == [] and isinstance(ev.outcome, Undecided)


def test_the_charger_answers_by_the_letter():
    charger = EvseValidation()
    [ready] = charger.asked(0, 4, 1.0)
    assert (ready.SignalType, ready.ToggleNum, ready.Result) == (0, 0, Result.READY)
    assert charger.asked(0, 4, 1.1) == [ready]
    assert charger.asked(24, 4, 1.2) == []
    assert charger.asked(24, 5, 1.3) == []  # it has come twice
    assert charger.tick(8, 3.69) == []
    [counted] = charger.tick(8, 3.7)
    assert (counted.ToggleNum, counted.Result) == (2, Result.SUCCESS)
    assert charger.succeeded and charger.deadline is None


def test_abuse_15_a_timer_of_255_without_toggles_ends_after_3_5_s_with_failure():
    charger = EvseValidation()
    charger.asked(255, 0, 1.0)
    charger.asked(255, 0, 1.1)
    assert charger.deadline == pytest.approx(4.6)
    [counted] = charger.tick(0, 4.6)
    assert (counted.ToggleNum, counted.Result) == (0, Result.FAILURE)
    assert not charger.succeeded


def test_a_pilot_owner_that_stops_counting_has_seen_nothing():
    charger = EvseValidation()
    charger.asked(0, 2, 1.0)
    charger.asked(24, 2, 1.1)
    [counted] = charger.tick(None, 4.0)
    assert counted.Result == Result.FAILURE


def said(events):
    return [frame for event in events if isinstance(event, Send) for frame in event.frames]


def doubtful(vehicle):
    """Bring a vehicle to where two chargers are too close; return what it says then."""
    run_id = vehicle.status.run_id
    for source in (NEAR, FAR):
        vehicle.receive(Mme(EV, source, CM_SLAC_PARM_CNF(NumberMSounds=10, RunID=run_id)), 0.01)
    vehicle.tick(0.06)
    about = {'SourceAddress': EV, 'RunID': run_id, 'NumSounds': 10}
    events = []
    for source, db in ((NEAR, 11), (FAR, 12)):
        report = CM_ATTEN_CHAR_IND(Groups=bytes([db]) * GROUPS, **about)
        events += vehicle.receive(Mme(EV, source, report), 0.5)
    return said(events)


def test_r19_the_vehicle_validates_and_then_asks_the_one_that_counted(vehicle):
    asked = [frame for frame in doubtful(vehicle) if isinstance(frame.message, CM_VALIDATE_REQ)]
    assert [frame.destination for frame in asked] == [NEAR, FAR]
    for frame in asked:
        ready = CM_VALIDATE_CNF(Result=Result.READY)
        vehicle.receive(Mme(EV, frame.destination, ready), 0.51)
    shown = []
    while not shown or shown[-1]:
        now = vehicle.deadline
        vehicle.pilot(PLUGGED, now)
        shown += [e.status.show_c for e in vehicle.tick(now) if isinstance(e, Changed)]
    assert shown == [True, False] * (len(shown) // 2)
    for source, result in ((FAR, Result.FAILURE), (NEAR, Result.SUCCESS)):
        vehicle.pilot(PLUGGED, 3.0)
        told = CM_VALIDATE_CNF(ToggleNum=len(shown) // 2, Result=result)
        events = vehicle.receive(Mme(EV, source, told), 3.0)
    [request] = [frame for frame in said(events) if isinstance(frame.message, CM_SLAC_MATCH_REQ)]
    assert request.destination == NEAR


def test_r19_validation_can_be_forbidden(vehicle_with):
    vehicle = vehicle_with(validation=False)
    assert not any(isinstance(frame.message, CM_VALIDATE_REQ) for frame in doubtful(vehicle))
    assert vehicle.state is State.PAUSING


@pytest.mark.parametrize('pilot', [Pilot(plugged=True), Pilot(unplugged=True), Pilot()])
def test_r8_a_pilot_that_goes_ends_validation_with_b(vehicle, pilot):
    doubtful(vehicle)
    vehicle.receive(Mme(EV, NEAR, CM_VALIDATE_CNF(Result=Result.READY)), 0.51)
    vehicle.receive(Mme(EV, FAR, CM_VALIDATE_CNF(Result=Result.FAILURE)), 0.51)
    while not vehicle.status.show_c:
        now = vehicle.deadline
        vehicle.pilot(PLUGGED, now)
        vehicle.tick(now)
    vehicle.pilot(pilot, now + 0.1)
    assert not vehicle.status.show_c
    assert vehicle.state is State.UNMATCHED
