# SPDX-License-Identifier: Apache-2.0
"""What real vehicles and chargers said is answered, or taken, as it should be."""

from captured import WITH_SLAC, WITHOUT_SLAC, each_of, frames_of
import pytest

from plc_modem.homeplug import dissect, is_homeplug
from plc_modem.homeplug.matching import (
    CM_ATTEN_CHAR_IND,
    CM_ATTEN_CHAR_RSP,
    CM_SLAC_PARM_CNF,
    CM_SLAC_PARM_REQ,
)
from slac.attenuation import mean, measured
from slac.values import Pilot, Send


def mmes(file):
    """Return the HomePlug messages of a capture."""
    return [dissect(octets) for _, octets in frames_of(file) if is_homeplug(octets)]


def said(events):
    return [frame.message for event in events if isinstance(event, Send) for frame in event.frames]


@each_of(WITHOUT_SLAC)
def test_where_no_slac_is_said_to_be_none_is(file):
    assert mmes(file) == []


@each_of(WITH_SLAC)
def test_lesson_01_every_run_id_of_a_real_vehicle_is_echoed(charger, file):
    asked = [mme for mme in mmes(file) if isinstance(mme.message, CM_SLAC_PARM_REQ)]
    assert asked
    for number, mme in enumerate(asked):
        charger.pilot(Pilot(plugged=True, digital=True), number * 0.2)
        charger.tick(number * 0.2)
        [answer] = said(charger.receive(mme, number * 0.2))
        assert isinstance(answer, CM_SLAC_PARM_CNF)
        assert (answer.RunID, answer.ForwardingSTA) == (mme.message.RunID, mme.source)


@each_of(WITH_SLAC)
def test_the_answers_of_real_chargers_lead_a_vehicle_to_a_choice(vehicle, file):
    reports = [mme for mme in mmes(file) if isinstance(mme.message, CM_ATTEN_CHAR_IND)]
    if not reports or not reports[0].message.NumSounds:
        pytest.skip('no charger reports an attenuation in it')
    report = reports[0]
    vehicle.mac = report.destination
    answer = CM_SLAC_PARM_CNF(NumberMSounds=10, RunID=vehicle.status.run_id)
    vehicle.receive(type(report)(report.destination, report.source, answer), 0.1)
    vehicle.tick(0.2)
    report.message.RunID = vehicle.status.run_id
    responses = said(vehicle.receive(report, 0.9))
    if report.message.SourceAddress != report.destination:  # it tells of another vehicle than us
        assert not responses
        return
    assert isinstance(responses[0], CM_ATTEN_CHAR_RSP)
    assert measured(report.message.Groups)
    assert 5 < mean(report.message.Groups) < 50
    assert vehicle.status.peer_mac == report.source
