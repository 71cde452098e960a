# SPDX-License-Identifier: Apache-2.0
"""What breaks a rule is found and named; a charge that breaks none has nothing to tell."""

from pathlib import Path
import re

from charge_frames import GROUPS, READY, Charge, vehicle_status
import pytest

from plc_log.events import Side
from plc_log.facts import facts_of
from plc_log.findings import RULES, Level, findings
from plc_log.recording import read
from plc_modem.homeplug.station import VS_SW_VER_REQ
from v2g.schema import din

DOCS = Path(__file__).parents[3] / 'docs'


def status(code, notification=din.EVSENotification.None_, isolation=din.IsolationLevel.Valid):
    return din.DC_EVSEStatus(
        EVSEIsolationStatus=isolation,
        EVSEStatusCode=code,
        NotificationMaxDelay=0,
        EVSENotification=notification,
    )


def begun(groups=GROUPS):
    """A charge up to its session."""
    charge = Charge()
    charge.slac(groups)
    charge.connect()
    charge.set_up()
    return charge


def found(recorded, charge):
    """Its findings, as {what it cites: text}."""
    return {one.cited: one for one in findings(read(recorded(charge)))}


def cited(recorded, charge, rule):
    return [one.text for names, one in found(recorded, charge).items() if rule in names]


def test_charge_as_it_should_be_has_no_findings(capture):
    assert findings(read(capture)) == []


def test_every_rule_is_called_by_its_title():
    text = (DOCS / 'rules.md').read_text()
    titles = dict(re.findall(r'^### (R\d+) (.+)$', text, re.MULTILINE))
    assert {name: titles[name] for name in RULES} == RULES


def test_every_lesson_that_is_cited_is_told():
    sources = (Path(__file__).parents[1] / 'plc_log' / 'findings').glob('*.py')
    named = {int(n) for file in sources for n in re.findall(r'lesson (\d+)', file.read_text())}
    told = {int(n) for n in re.findall(r'^\| (\d+) \|', (DOCS / 'lessons.md').read_text(), re.M)}
    assert named <= told


def test_failed_response_code_is_a_fault_by_r1(recorded):
    charge = begun()
    charge.cable_check(code=din.ResponseCode.FAILED)
    [one] = [f for names, f in found(recorded, charge).items() if names == ('R1', 'lesson 86')]
    assert (one.level, one.text, one.count) == (Level.FAULT, 'CableCheckRes says FAILED', 20)


@pytest.mark.parametrize(
    ('code', 'lesson'),
    [('EVSE_EmergencyShutdown', 'lesson 71'), ('EVSE_Malfunction', 'lesson 75'),
     ('EVSE_Shutdown', 'lesson 73')],
)  # fmt: skip
def test_charger_that_ends_a_charge_is_told(recorded, code, lesson):
    charge = begun()
    charge.loop(status=status(din.DC_EVSEStatusCode(code)))
    assert cited(recorded, charge, lesson)


def test_current_that_is_asked_for_after_a_malfunction_is_odd(recorded):
    charge = begun()
    charge.loop(status=status(din.DC_EVSEStatusCode.EVSE_Malfunction))
    assert any('went on asking' in text for text in cited(recorded, charge, 'lesson 75'))


def test_cable_check_that_finishes_with_isolation_invalid(recorded):
    charge = begun()
    invalid = status(READY.EVSEStatusCode, isolation=din.IsolationLevel.Invalid)
    charge.cable_check(status=invalid)
    assert cited(recorded, charge, 'lesson 66')


def test_cable_check_beyond_the_standard_is_odd_and_beyond_ours_a_fault(recorded):
    for rounds, level in ((180, Level.ODD), (300, Level.FAULT)):
        charge = begun()
        charge.cable_check(rounds)
        [one] = [f for names, f in found(recorded, charge).items() if 'lesson 68' in names]
        assert one.level is level


def test_contactors_closed_on_a_difference_are_a_fault(recorded):
    charge = begun()
    charge.precharge(target=400.0, present=330.0)
    charge.power(12.2, True)
    assert cited(recorded, charge, 'R9') == [
        'contactors closed on 70 V: pack 400 V, charger 330 V'
    ]


def test_answer_later_than_the_standard_allows_is_counted(recorded):
    charge = begun()
    charge.loop(rounds=3, wait=0.05)
    charge.say(14.0, Side.VEHICLE, din.WeldingDetectionReq(DC_EVStatus=vehicle_status(50)))
    charge.say(
        16.5,
        Side.CHARGER,
        din.WeldingDetectionRes(
            ResponseCode=din.ResponseCode.OK, DC_EVSEStatus=READY, EVSEPresentVoltage=1.0
        ),
    )
    [text] = cited(recorded, charge, 'lesson 44')
    assert (
        text == 'WeldingDetectionRes came up to 2.50 s after its request; the standard allows 2 s'
    )


def test_request_without_an_answer_is_a_fault_once_its_time_is_over(recorded):
    charge = begun()
    charge.pair(20.0, din.CableCheckReq(DC_EVStatus=vehicle_status(50)), None)
    assert cited(recorded, charge, 'lesson 86') == []  # the recording just ends there
    charge.mme(30.0, '02:00:00:00:00:0a', 'ff:ff:ff:ff:ff:ff', VS_SW_VER_REQ())
    assert cited(recorded, charge, 'lesson 86') == ['CableCheckReq was never answered']


def test_profile_of_zeros_is_odd_and_a_constant_one_invented(recorded):
    assert cited(recorded, begun(bytes(58)), 'R19')
    [text] = cited(recorded, begun(bytes([9]) * 58), 'lesson 4')
    assert 'invented' in text


def test_line_1_and_lesson_93_a_high_attenuation_is_nothing_unusual(recorded):
    near, far = (found(recorded, begun(bytes([db, db + 1] * 29))).values() for db in (11, 48))
    assert [one.text for one in far] == [one.text for one in near]


def test_sdp_that_nobody_answers(recorded):
    charge = Charge()
    charge.connect()
    charge.frames = charge.frames[:1]
    assert cited(recorded, charge, 'lesson 30') == ['the vehicle asked by SDP and nobody answered']


def test_failed_charge_names_its_stage(recorded):
    charge = begun()
    charge.cable_check(code=din.ResponseCode.FAILED)
    facts = facts_of(read(recorded(charge)))
    assert (facts.outcome, facts.last_stage) == ('FAILED', 'CABLE_CHECK')


REAL = {
    '2022-12-13_compleo*': 'lesson 71',
    '2023-03-02_SuperCharger*': 'lesson 49',
    '2023-05-03_TaycanLeft*': 'lesson 1',
    '2023-05-03_TaycanRight*': 'lesson 1',
    '2024-04-20_ModelY*': 'lesson 69',
    '2025-07-22_*': 'lesson 92',
    '2022-11-25_v0.2_ABB*': 'lesson 30',
}


@pytest.mark.parametrize(('pattern', 'lesson'), REAL.items())
def test_lesson_is_found_in_the_session_that_taught_it(captures, pattern, lesson):
    [path] = captures.glob(pattern)
    assert lesson in {name for one in findings(read(path)) for name in one.cited}


def test_golden_session_has_no_fault(golden):
    assert min(one.level for one in findings(read(golden))) is Level.NOTE
