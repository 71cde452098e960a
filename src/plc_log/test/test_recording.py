# SPDX-License-Identifier: Apache-2.0
"""A session is the same session, whether a capture or a bag holds it."""

from captured import CUT, FILES, SECRETS_ARE_DAMAGE, each_of
from charge_frames import CHARGER, NID, NMK, VEHICLE, Charge, whole_charge
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from plc_log import cli, import_, pcapng
from plc_log.capture import Frame, Unreadable
from plc_log.each import PARTLY, READ
from plc_log.events import Kind, Side
from plc_log.facts import facts_of
from plc_log.recording import read
from plc_log.verdict import verdict

VERBS = ('timeline', 'report', 'export', 'compare', 'import', 'summary')


def told(recording):
    """What a recording tells, without where each side's address was written down."""
    return [(e.kind, e.name, e.side, e.values) for e in recording.events if e.kind is not Kind.TCP]


def told_at(recording):
    """When it tells that, s, give or take the microseconds that a float of 1970 leaves."""
    times = [event.time for event in recording.events if event.kind is not Kind.TCP]
    return pytest.approx(times, abs=5e-6)


def test_stages_follow_the_messages(capture):
    names = [step.name for step in read(capture).steps]
    assert names == [
        'SLAC', 'AVLN', 'SDP', 'TCP', 'APP_PROTOCOL', 'SESSION_SETUP', 'CABLE_CHECK', 'PRECHARGE',
        'START', 'CHARGE_LOOP', 'STOP', 'WELDING_DETECTION', 'SESSION_STOP',
    ]  # fmt: skip


def test_stage_lasts_until_the_next_one(capture):
    steps = {step.name: step for step in read(capture).steps}
    assert steps['CABLE_CHECK'].duration == pytest.approx(6.0)
    assert steps['CHARGE_LOOP'].duration == pytest.approx(10.5)


def test_facts_of_a_charge(capture):
    facts = facts_of(read(capture))
    assert (facts.outcome, facts.ended_by) == ('FINISHED', 'vehicle')
    assert facts.soc == (0.5, 0.6)
    assert facts.energy == pytest.approx(400 * 100 * 9.9 / 3600, rel=0.01)
    assert facts.attenuation == pytest.approx(sum(range(8, 66)) / 58)
    assert (facts.vehicle_mac, facts.charger_mac) == (VEHICLE, CHARGER)
    assert (facts.charger, facts.protocol) == ('DE*ABC*E1', 'din')
    assert verdict(facts).startswith('A finished charge: SoC 50 % to 60 %, 0.11 kWh in 10.5 s')


def test_imported_bag_tells_what_the_capture_told(capture, bag):
    before, after = read(capture), read(bag)
    assert told(after) == told(before)
    assert [event.time for event in after.events if event.kind is not Kind.TCP] == told_at(before)
    assert [s.name for s in after.steps] == [s.name for s in before.steps]
    assert after.counts.row()[1:] == before.counts.row()[1:]
    assert verdict(facts_of(after)) == verdict(facts_of(before))


@pytest.mark.parametrize('side', ['vehicle', 'charger'])
def test_either_side_may_be_imported(capture, tmp_path, side):
    assert import_.main(['-o', str(tmp_path / side), '--side', side, str(capture)]) == 0
    recording = read(tmp_path / side / 'charge', Side(side))
    assert told(recording) == told(read(capture))


def test_view_of_a_side_that_is_not_there_is_one_sentence(bag):
    with pytest.raises(Unreadable, match='nothing of the charger is in it'):
        read(bag, Side.CHARGER)


def test_keys_do_not_come_into_a_bag(bag):
    octets = b''.join(file.read_bytes() for file in bag.iterdir())
    assert NMK not in octets
    assert NID not in octets


def test_import_does_not_write_over_a_bag(capture, bag, capsys):
    assert import_.main(['-o', str(bag.parent), str(capture)]) == 2
    assert 'exists already' in capsys.readouterr().err


def test_a_time_that_no_stamp_of_ros_holds_is_said_and_the_frames_are_imported(tmp_path, capsys):
    path = tmp_path / 'late.pcapng'
    pcapng.write(path, [Frame(2.0**31, bytes(60)), *whole_charge().frames])
    assert import_.main(['-o', str(tmp_path), str(path)]) == 1
    assert 'cut short or damaged' in capsys.readouterr().err
    assert read(tmp_path / 'late').messages


@each_of(
    FILES,
    SECRETS_ARE_DAMAGE
    | {
        'dspace_josev_iso2-dc_several': '22.4: frames with a VLAN tag are not read',
        'dspace_josev_iso20-ac': '22.3: messages of ISO 15118-20 do not come into a bag',
    },
)
def test_real_session_survives_the_way_through_a_bag(file, tmp_path):
    status = PARTLY if file in CUT else READ
    assert import_.main(['-o', str(tmp_path), str(file)]) == status
    before, after = read(file), read(tmp_path / file.stem)
    assert told(after) == told(before)
    assert [e.time for e in after.events if e.kind is not Kind.TCP] == told_at(before)
    assert after.counts.row()[1:] == before.counts.row()[1:]


def test_neighbours_slac_does_not_end_a_stage(recorded):
    charge = whole_charge()
    neighbour = Charge()
    neighbour.slac()
    late = [frame.__class__(frame.time + 14.0, frame.octets) for frame in neighbour.frames]
    charge.frames = sorted([*charge.frames, *late], key=lambda frame: frame.time)
    names = [step.name for step in read(recorded(charge)).steps]
    assert names.count('SLAC') == 1


def verb_of(name, path, folder):
    """A verb's arguments; import takes the file alone."""
    output = {'report': ['-o', folder], 'export': ['-o', folder], 'import': ['-o', folder]}
    return [name, *map(str, output.get(name, [])), str(path)]


@pytest.mark.parametrize('verb', VERBS)
@pytest.mark.parametrize('octets', [b'', b'nonsense', bytes(3000), b'\x89MCAP0\r\n' + bytes(99)])
@pytest.mark.parametrize('name', ['x.mcap', 'x.pcapng'])
def test_nonsense_is_one_sentence_in_every_verb(tmp_path, capsys, verb, octets, name):
    path = tmp_path / name
    path.write_bytes(octets)
    assert cli.main(verb_of(verb, path, tmp_path / 'out')) in (1, 2)
    error = capsys.readouterr().err
    assert 1 <= len(error.splitlines()) <= 2
    assert 'Traceback' not in error


@pytest.mark.parametrize('verb', ['timeline', 'report', 'export', 'compare'])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1))
def test_bag_cut_anywhere_is_read_up_to_the_cut(bag, tmp_path, capsys, verb, share):
    octets = (bag / 'charge.mcap').read_bytes()
    cut = tmp_path / 'cut.mcap'
    cut.write_bytes(octets[: int(share * (len(octets) - 1))])
    assert cli.main(verb_of(verb, cut, tmp_path / 'out')) in (1, 2)
    error = capsys.readouterr().err
    assert 1 <= len(error.splitlines()) <= 2
    assert 'Traceback' not in error


@pytest.mark.parametrize('verb', ['timeline', 'report', 'export', 'compare'])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=9))
def test_damaged_bag_never_ends_in_a_traceback(bag, tmp_path, capsys, verb, damage):
    octets = bytearray((bag / 'charge.mcap').read_bytes())
    for share, octet in damage:
        octets[int(share * (len(octets) - 1))] = octet
    damaged = tmp_path / 'damaged.mcap'
    damaged.write_bytes(octets)
    assert cli.main(verb_of(verb, damaged, tmp_path / 'out')) in (0, 1, 2)
    assert 'Traceback' not in capsys.readouterr().err
