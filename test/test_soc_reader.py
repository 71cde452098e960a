# SPDX-License-Identifier: Apache-2.0
"""A car at an AC wallbox with a reader (R18): real processes, frames, TCP and HTTP.

That the AC contactor is never closed while the reader is active is the wallbox's own call, in its
log as `referee:`, which the fixture `start` looks for.
"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import threading
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from std_srvs.srv import SetBool, Trigger

from plc_kit.qos import LATCHED, NEWEST, STATES
from plc_msgs.msg import (
    CableChargerEnd,
    CallbackStatus,
    ChargingState,
    ChargingVehicle,
    SlacStatus,
    VehicleStatus,
)

IONIQ = 'energy_capacity: 28000.0, soc: 0.27, target_soc: 0.9, bulk_soc: 0.8'


class Wallbox(ThreadingHTTPServer):
    """What a wallbox answers to POST /ev_state; keeps when, and what it was told."""

    daemon_threads = True

    def __init__(self):
        self.asked, self.got = [], []  # requests that came; those that were answered
        self.status = 200
        self.answers_now = threading.Event()  # without it every request hangs
        self.answers_now.set()
        super().__init__(('127.0.0.1', 0), self.answers())
        self.url = f'http://127.0.0.1:{self.server_address[1]}/ev_state'
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def answers(wallbox):  # noqa: N805 the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                split = urlsplit(self.path)
                came = time.monotonic(), split.path, dict(parse_qsl(split.query))
                wallbox.asked.append(came)
                wallbox.answers_now.wait()
                wallbox.got += [came] if wallbox.status == 200 else []
                self.send_response(wallbox.status)
                self.send_header('Content-Length', '0')
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler


@pytest.fixture
def wallbox():
    with Wallbox() as one:
        yield one
        one.answers_now.set()
        one.shutdown()


class Seen:
    """What is told of a reading, each with the moment at which it was heard."""

    def __init__(self, watch):
        self.watch = watch
        self.vehicle = self.follow('/evse/charging/vehicle', ChargingVehicle, STATES)
        self.slac = self.follow('/evse/slac/status', SlacStatus, STATES)
        self.ends = self.follow('/cable/charger_end', CableChargerEnd, NEWEST)
        self.car = self.follow('/pev/vehicle/status', VehicleStatus, NEWEST)
        self.callback = self.follow('/evse/soc_callback/status', CallbackStatus, LATCHED)

    def follow(self, topic, kind, qos):
        into = []
        self.watch.node.create_subscription(
            kind, topic, lambda msg: into.append((time.monotonic(), msg)), qos
        )
        return into

    def status(self, status):
        """When charging/vehicle came to this, and with what; None: not yet."""
        return next((one for one in self.vehicle if one[1].status == status), None)

    def joined_at(self):
        return next(when for when, msg in self.slac if msg.state == SlacStatus.MATCHED)

    def charges_ac(self):
        return bool(self.ends) and self.ends[-1][1].ac

    def went_off_and_on(self):
        """The car saw its pilot off, then AC's duty."""
        duties = [(msg.pilot.state, round(msg.pilot.duty, 2)) for _, msg in self.car]
        off = [at for at, (state, _) in enumerate(duties) if state == 6]
        return bool(off) and 0.27 in [duty for _, duty in duties[off[-1] :]]


def sim(network, tmp_path, *arguments, **parameters):
    """The command of a car at a wallbox with a reader."""
    command = ('ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}')
    if parameters:
        file = tmp_path / 'own.yaml'
        nodes = (f'{node}:\n  ros__parameters: {{{of}}}\n' for node, of in parameters.items())
        file.write_text(''.join(nodes))
        arguments = (*arguments, f'params_file:={file}')
    return (*command, 'mode:=soc_reader', *arguments)


def test_plugged_in_read_told_by_one_post_and_charging_ac(
    start, watch, network, tmp_path, wallbox
):
    seen = Seen(watch)
    given = {'/pev/vehicle': IONIQ}
    launch = start(*sim(network, tmp_path, f'soc_callback:={wallbox.url}', **given))
    watch.wait(lambda: wallbox.got, 60)
    [(told_at, path, query)] = wallbox.got
    assert path == '/ev_state'
    assert (query['current_soc'], query['full_soc']) == ('27', '90')
    assert (query['energy_capacity'], query['energy_request']) == ('28000', '17640')
    assert len(query['evccid']) == 12
    watch.wait(lambda: seen.status(ChargingVehicle.READ))
    print(f'{told_at - seen.joined_at():.2f} s from the AVLN to the POST')

    connected_at, connected = seen.status(ChargingVehicle.CONNECTED)
    read_at, read = seen.status(ChargingVehicle.READ)
    assert connected_at < read_at
    assert connected.mac and connected.soc != connected.soc  # NaN
    assert read.evcc_id == query['evccid']

    watch.wait(seen.charges_ac, 30)
    assert seen.went_off_and_on()
    assert len(wallbox.got) == 1
    watch.wait(lambda: seen.callback[-1][1].state == CallbackStatus.DELIVERED)
    launch.interrupt()
    launch.end()
    assert 'Traceback' not in launch.output


def test_a_car_that_tells_78_5_kwh_with_multiplier_2_is_told_right(
    start, watch, network, tmp_path, wallbox
):
    told = ('scenario:=energies_in_hundreds', f'soc_callback:={wallbox.url}')
    start(*sim(network, tmp_path, *told))
    watch.wait(lambda: wallbox.got, 60)
    _, _, query = wallbox.got[0]
    assert (query['energy_capacity'], query['energy_request']) == ('78500', '15700')
    assert (query['current_soc'], query['full_soc']) == ('50', '70')


def test_a_car_that_speaks_no_homeplug_charges_ac_after_the_timeout(
    start, watch, network, tmp_path
):
    seen = Seen(watch)
    given = {
        '/pev/vehicle': IONIQ,
        '/pev/session': 'autostart: false',  # its on-board charger is all it has
        '/evse/session': 'reader_timeout: 6.0',
    }
    launch = start(*sim(network, tmp_path, **given))
    digital = watch.wait(lambda: [at for at, msg in seen.ends if 0.04 < msg.duty < 0.06], 60)[0]
    watch.wait(seen.charges_ac, 60)
    print(f'{seen.ends[-1][0] - digital:.1f} s from 5 % to AC')
    _, told = seen.status(ChargingVehicle.NO_DATA)
    assert '6 s' in told.reason
    launch.interrupt()
    launch.end()
    assert 'Traceback' not in launch.output


def test_a_receiver_that_hangs_delays_no_reading_and_gets_the_value_when_it_answers(
    start, watch, network, tmp_path, wallbox
):
    wallbox.answers_now.clear()
    seen = Seen(watch)
    given = {'/pev/vehicle': IONIQ, '/evse/soc_callback': 'timeout: 1.0'}
    start(*sim(network, tmp_path, f'soc_callback:={wallbox.url}', **given))
    watch.wait(lambda: wallbox.asked, 60)
    watch.wait(seen.charges_ac, 30)
    assert seen.went_off_and_on() and not wallbox.got
    assert [msg for _, msg in seen.vehicle if msg.status == ChargingVehicle.NO_DATA] == []
    watch.wait(lambda: seen.callback[-1][1].state == CallbackStatus.FAILED, 30)
    assert seen.callback[-1][1].reason == 'no answer within 1 s'
    wallbox.answers_now.set()
    watch.wait(lambda: seen.callback[-1][1].state == CallbackStatus.DELIVERED, 60)
    assert wallbox.got[-1][2]['current_soc'] == '27'


class Charge:
    """A charger in a charge whose state of charge a receiver is told, as it rises."""

    def __init__(self, start, watch, network, tmp_path, wallbox):
        self.seen, self.watch, self.wallbox = Seen(watch), watch, wallbox
        self.states = watch.follow('/evse/charging/state', ChargingState)
        self.car = watch.follow('/pev/charging/state', ChargingState)
        given = {
            '/pev/vehicle': 'energy_capacity: 28000.0, soc: 0.3, target_soc: 1.0, speed: 20.0',
            '/evse/soc_callback': 'timeout: 1.0, period: 0.2',
        }
        told = ('mode:=charger', f'soc_callback:={wallbox.url}')
        self.launch = start(*sim(network, tmp_path, *told, **given))
        watch.wait(lambda: wallbox.asked, 90)
        watch.wait(lambda: self.stage == 'CHARGE_LOOP', 60)

    @property
    def stage(self):
        return self.states[-1].stage_name if self.states else ''

    @property
    def soc(self):
        """Per cent, as charging/vehicle has it."""
        return round(100 * self.seen.vehicle[-1][1].soc)

    @property
    def told(self):
        return self.seen.callback[-1][1]

    def rises(self):
        """Wait until the state of charge is another; return it."""
        before = self.soc
        self.watch.wait(lambda: self.soc > before)
        return self.soc

    def is_told(self, soc):
        self.watch.wait(
            lambda: self.wallbox.got and int(self.wallbox.got[-1][2]['current_soc']) >= soc, 60
        )

    def calls(self, kind, name, request):
        client = self.watch.node.create_client(kind, name)
        self.watch.wait(client.service_is_ready)
        asked = client.call_async(request)
        self.watch.wait(asked.done)
        assert asked.result().success, asked.result().message

    def stop_and_pull_the_plug(self):
        self.calls(Trigger, '/pev/charging/stop', Trigger.Request())
        self.watch.wait(lambda: self.stage == 'FINISHED')
        self.watch.wait(lambda: self.seen.car[-1][1].lock != VehicleStatus.CLOSED)
        self.calls(SetBool, '/pev/vehicle/plug', SetBool.Request(data=False))
        self.watch.wait(lambda: self.seen.vehicle[-1][1].status == ChargingVehicle.EMPTY)
        self.watch.wait(lambda: self.car[-1].stage_name == 'IDLE')


def test_a_charge_notices_no_receiver_that_hangs_or_answers_500_and_the_newest_arrives(
    start, watch, network, tmp_path, wallbox
):
    charge = Charge(start, watch, network, tmp_path, wallbox)
    charge.is_told(charge.rises())
    for hanging in (True, False):
        wallbox.answers_now.clear() if hanging else wallbox.answers_now.set()
        wallbox.status = 200 if hanging else 500
        failed = charge.told.failed
        watch.wait(lambda failed=failed: charge.told.failed > failed, 60)
        newest = charge.rises()
        assert not [one for one in wallbox.got if int(one[2]['current_soc']) >= newest]
        wallbox.status = 200
        wallbox.answers_now.set()
        charge.is_told(newest)
    assert charge.stage == 'CHARGE_LOOP'

    wallbox.answers_now.clear()
    count = len(wallbox.asked)
    charge.rises()
    watch.wait(lambda: len(wallbox.asked) > count)
    charge.stop_and_pull_the_plug()
    watch.wait(lambda: charge.told.state == CallbackStatus.DROPPED)
    assert charge.told.reason == 'the vehicle has left'
    count = len(wallbox.asked)
    wallbox.answers_now.set()
    charge.calls(SetBool, '/pev/vehicle/plug', SetBool.Request(data=True))
    watch.wait(lambda: len(wallbox.asked) > count, 90)  # of the next session: none before
    told = charge.seen.vehicle
    left = max(at for at, msg in told if msg.status == ChargingVehicle.EMPTY)
    back = min(at for at, msg in told if msg.status == ChargingVehicle.CONNECTED and at > left)
    assert wallbox.asked[count][0] > back  # numbers come seconds after the match: no race
