# SPDX-License-Identifier: Apache-2.0
"""The graph records itself: every session a bag, also behind a killed recorder, without keys."""

import os
from pathlib import Path
import re
import signal
import subprocess
import time

import pytest
from sourced import needs_bag_command

from plc_kit.journal_teller import JournalTeller
from plc_kit.live import is_live
from plc_kit.qos import NEWEST, STATES, STREAM
from plc_log.bag.decoded import Bag
from plc_log.bag.folder import bags
from plc_log.bag.reader import contents, found
from plc_log.replay import main as replay
from plc_msgs.msg import (
    ChargingState,
    MmeFrame,
    SetKey,
    SupplyCommand,
    SupplyStatus,
    TransportStatus,
    V2gtpMessage,
    VehicleCommand,
    VehicleStatus,
)
from slac.journal import RECIPES as SLAC
from slac.skipped import Skipped

NAME = r'\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_[0-9a-f]{12}'
JOURNALS = {
    f'/{side}/{node}/journal'
    for side in ('pev', 'evse')
    for node in ('session', 'slac', 'transport', 'modem')
}
LAST_SECOND = 1.0


@pytest.fixture
def folder(tmp_path, monkeypatch, domain):
    """Where bags go when nobody says otherwise."""
    monkeypatch.setenv('CCS_BAGS', str(tmp_path / 'bags'))
    monkeypatch.delenv('CCS_RECORD')
    return tmp_path / 'bags'


def sim(network, *arguments):
    command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}')
    return (*command, 'speed:=60', *arguments)


def journals(output):
    """Return what replay has said of each topic."""
    return {line.split()[1]: line.rpartition('  ')[2] for line in output.splitlines()}


def test_a_simulation_records_a_bag_that_is_replayed_without_a_difference_or_a_key(
    start, watch, network, folder, capsys
):
    keys = [watch.follow(f'/{side}/modem/set_key', SetKey, STREAM) for side in ('pev', 'evse')]
    launch = start(*sim(network, 'exit_when_done:=true'))
    watch.wait(lambda: launch.process.poll() is not None, 90)
    assert launch.end() == 0, launch.output
    assert 'Traceback' not in launch.output
    assert f'each session is recorded into {folder}' in launch.output

    [bag] = bags(folder)
    assert re.fullmatch(NAME, bag.name), bag
    told = contents(str(bag))
    logs = {f'/pev/{name}_log' for name in ('v2g', 'mme', 'sdp')}
    assert {'/pev/charging/state', *logs, *JOURNALS} <= set(told.counts)
    assert not {topic for topic in told.counts if topic.endswith(('mme_rx', 'mme_tx', 'set_key'))}
    octets = b''.join(one.cdr for one in found(bag).messages())
    secrets = {bytes(one.nmk) for each in keys for one in each}
    assert secrets
    assert not [key for key in secrets if key in octets or key.hex().encode() in octets]

    assert replay([str(bag)]) == 0
    assert journals(capsys.readouterr().out) == dict.fromkeys(JOURNALS, 'identical')


def test_a_killed_recorder_loses_the_last_second_at_most_and_is_started_anew(
    start, watch, network, folder
):
    states = watch.follow('/pev/charging/state')
    launch = start(*sim(network))
    watch.wait(lambda: states and states[-1].stage == ChargingState.CHARGE_LOOP, 60)
    watch.wait(lambda: bags(folder), 10)
    recorder = next(pid for pid, words in launch.members().items() if '/plc_log/record' in words)
    os.kill(recorder, signal.SIGKILL)
    killed = time.time()
    [bag] = bags(folder)
    left = found(bag)
    last = max(one.received for one in left.messages()) * 1e-9
    assert left.cut and killed - last < LAST_SECOND
    watch.wait(lambda: any((one / 'metadata.yaml').exists() for one in bags(folder)), 30)
    watch.wait(lambda: len(bags(folder)) == 2, 30)
    assert states[-1].stage == ChargingState.CHARGE_LOOP


def test_a_recorder_that_stands_still_for_a_while_misses_no_entry_of_a_journal(
    start, watch, tmp_path, capsys
):
    teller = JournalTeller(watch.node, '/pev/slac/journal', SLAC)
    machine = teller.told(Skipped())
    bag = tmp_path / 'bag'
    recorder = start('ros2', 'run', 'plc_log', 'record', '-o', str(bag), '/pev/slac/journal')
    watch.wait(lambda: journal_of(bag))  # it is told the whole machine
    [pid] = (pid for pid, words in recorder.members().items() if '/plc_log/record ' in words)
    os.kill(pid, signal.SIGSTOP)
    for number in range(900):  # more than its socket holds
        machine.tick(float(number))
        teller.tell()
    os.kill(pid, signal.SIGCONT)
    watch.wait(lambda: journal_of(bag)[-1] >= 901)
    os.kill(pid, signal.SIGINT)
    assert recorder.end() == 0, recorder.output
    assert replay([str(bag)]) == 0
    assert 'Skipped  900 inputs  identical' in capsys.readouterr().out


def journal_of(bag):
    """Return the numbers of the entries that a bag has so far."""
    return [one.message.sequence for one in Bag(bag).messages('/journal')] if bag.exists() else []


def outputs(status):
    return status.contactor_plus, status.contactor_minus, status.lock, status.pilot.state


@needs_bag_command
def test_a_bag_that_is_played_back_moves_nothing(start, watch, network, folder, tmp_path):
    done = start(*sim(network, 'exit_when_done:=true'))
    watch.wait(lambda: done.process.poll() is not None, 90)
    [bag] = bags(folder)

    states = watch.follow('/pev/charging/state')
    vehicle = watch.follow('/pev/vehicle/status', VehicleStatus, NEWEST)
    supply = watch.follow('/evse/supply/status', SupplyStatus, NEWEST)
    quiet = tmp_path / 'unplugged.yaml'
    quiet.write_text('/pev/vehicle: {ros__parameters: {plugged: false}}\n')
    launch = start(*sim(network, 'record:=false', f'params_file:={quiet}'))
    watch.wait(lambda: states and vehicle and supply and states[-1].stage_name == 'IDLE', 60)
    sent = [
        watch.follow(f'/{side}/{topic}', kind, STREAM)
        for side in ('pev', 'evse')
        for topic, kind in (('mme_tx', MmeFrame), ('v2g_tx', V2gtpMessage))
    ]
    keys = watch.follow('/pev/modem/set_key', SetKey, STREAM)
    links = []

    def told(msg, info):
        if is_live(msg, info):
            links.append(msg)

    for side in ('pev', 'evse'):
        topic = f'/{side}/transport/status'
        watch.node.create_subscription(TransportStatus, topic, told, STATES)
    commands = watch.follow('/pev/vehicle/command', VehicleCommand, NEWEST)
    orders = watch.follow('/evse/supply/command', SupplyCommand, NEWEST)
    referee_before = launch.output.count('referee')
    player = start('ros2', 'bag', 'play', '--rate', '3', str(bag))
    vehicle_node = launch.pid_of('vehicle', '/pev')
    watch.wait(lambda: player.process.poll() is not None, 120)

    assert player.end() == 0
    assert any(one.contactor_plus for one in commands), 'the bag held no command to close'
    assert any(one.contactors for one in orders)
    own = [one for one in vehicle if not one.proximity]  # played-back ones were plugged
    assert len(own) > 50
    assert {outputs(one)[:2] for one in own} == {(VehicleStatus.OPEN, VehicleStatus.OPEN)}
    assert not any(sent) and not keys
    assert {one.state for one in links} == {TransportStatus.DOWN}, 'a link was looked for'
    assert launch.output.count('referee') == referee_before
    assert vehicle_node in launch.members()


@pytest.mark.parametrize('arguments', [('--keep', '0'), ('--limit', 'much'), ()])
def test_wrong_words_end_the_recorder_with_a_sentence(arguments):
    command = ('ros2', 'run', 'plc_log', 'record', *arguments, '/pev/charging/state')
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and 'Traceback' not in done.stderr


def test_a_folder_that_cannot_be_written_is_a_sentence(domain, tmp_path):
    (tmp_path / 'file').write_text('')
    command = ('ros2', 'run', 'plc_log', 'record', '--bags', str(tmp_path / 'file'), '/a')
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 78 and 'no bag can be written' in done.stderr
    assert 'Traceback' not in done.stderr
    assert Path(tmp_path / 'file').read_text() == ''
