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

from plc_kit.qos import LATCHED, NEWEST, STATES
from plc_msgs.msg import (
    CableChargerEnd,
    CallbackStatus,
    ChargingVehicle,
    SlacStatus,
    VehicleStatus,
)

IONIQ = 'energy_capacity: 28000.0, soc: 0.27, target_soc: 0.9, bulk_soc: 0.8'


class Wallbox(ThreadingHTTPServer):
    """What a wallbox answers to POST /ev_state; keeps when, and what it was told."""

    def __init__(self):
        self.got = []
        super().__init__(('127.0.0.1', 0), self.answers())
        self.url = f'http://127.0.0.1:{self.server_address[1]}/ev_state'
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def answers(wallbox):  # noqa: N805 the handler has a self of its own
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                split = urlsplit(self.path)
                wallbox.got.append((time.monotonic(), split.path, dict(parse_qsl(split.query))))
                self.send_response(200)
                self.send_header('Content-Length', '0')
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler


@pytest.fixture
def wallbox():
    with Wallbox() as one:
        yield one
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
