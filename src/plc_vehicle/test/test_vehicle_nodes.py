# SPDX-License-Identifier: Apache-2.0
"""The nodes themselves, commanded as a session would: GPIO in memory, CAN on a virtual bus."""

from math import isnan
import os
import time

from builtin_interfaces.msg import Time
import can
import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import BatteryState
from std_msgs.msg import Bool, Float32

from plc_kit.clock import stamp
from plc_kit.qos import LATCHED, NEWEST
from plc_msgs.msg import ChargingState, ControlPilot, Lease, VehicleCommand, VehicleStatus
from plc_vehicle.bench_load_node import BenchLoadNode
from plc_vehicle.vehicle_node import VehicleNode

DOMAIN = 100 + os.getpid() % 100  # the domains of other tests on this machine stay apart
LIMITS = {'max_voltage': 403.0, 'max_current': 100.0, 'max_power': 40000.0}
BUS = f'plc_vehicle-{os.getpid()}'
ON_BUS = {'vehicle': 'can', 'can_interface': 'virtual', 'can_channel': BUS, 'max_power': 40000.0}
SAFE = VehicleCommand(pilot_state=ControlPilot.B)
CLOSE = VehicleCommand(
    contactor_plus=True, contactor_minus=True, lock=True, pilot_state=ControlPilot.C
)


class Session(Node):
    """Commands every 0.1 s what it is told to, and has a battery that tells."""

    def __init__(self, **options):
        super().__init__('session', **options)
        self.status = []
        self.command, self.battery = None, None
        self.create_subscription(VehicleStatus, 'vehicle/status', self.status.append, NEWEST)
        self._command = self.create_publisher(VehicleCommand, 'vehicle/command', NEWEST)
        self._battery = None
        self.state = self.create_publisher(ChargingState, 'charging/state', LATCHED)
        self._sequence = 0
        self.create_timer(0.1, self._tell)

    def _tell(self):
        if self.battery is not None:
            if self._battery is None:
                self._battery = self.create_publisher(BatteryState, 'battery_state', 10)
            self._battery.publish(self.battery)
        if self.command is not None:
            self._sequence += 1
            self.command.lease = Lease(
                stamp=stamp(), session_id=5, sequence=self._sequence, valid_for=0.5
            )
            self._command.publish(self.command)


class Graph:
    def __init__(self, executor, session, vehicle):
        self.executor, self.session, self.vehicle = executor, session, vehicle

    def until(self, holds, patience=10.0):
        """Spin until something holds; return how long that took."""
        start = time.monotonic()
        while not holds():
            assert time.monotonic() - start < patience, f'it never came: {self.session.status[-1]}'
            self.executor.spin_once(0.01)
        return time.monotonic() - start

    @property
    def told(self):
        return self.session.status[-1] if self.session.status else VehicleStatus()


@pytest.fixture
def graph():
    context = rclpy.Context()
    context.init(domain_id=DOMAIN)
    executor = SingleThreadedExecutor(context=context)
    nodes = [Session(context=context)]

    def made(open_lines=None, kind=VehicleNode, **parameters):
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        lines = {'open_lines': open_lines} if open_lines else {}
        nodes.append(kind(**lines, context=context, parameter_overrides=overrides))
        for node in nodes:
            executor.add_node(node)
        return Graph(executor, *nodes)

    yield made
    executor.shutdown()
    for node in nodes:
        node.destroy_node()
    context.try_shutdown()


def test_gpio_obeys_a_lease_and_goes_safe_when_it_lapses(graph, memory_lines, named_lines):
    opened = []

    def open_lines(wishes):
        opened.append(memory_lines(wishes))
        return opened[0]

    bench = graph(open_lines, **LIMITS, **named_lines)
    lines, session = opened[0], bench.session
    assert lines.names == set(named_lines.values())
    bench.until(lambda: bench.told.pilot.state == ControlPilot.B)
    assert bench.told.pilot.duty == pytest.approx(0.05)
    assert 'battery_state' in bench.told.fault and bench.told.max_current == 0.0

    session.battery = BatteryState(voltage=355.0, current=1.0, percentage=0.5)
    bench.until(lambda: not bench.told.fault and bench.told.pack_voltage == 355.0)
    assert (bench.told.max_current, bench.told.soc) == (100.0, 0.5)
    session.command = SAFE
    bench.until(lambda: not bench.told.lease_lapsed)
    session.command = CLOSE
    closed = VehicleStatus.CLOSED
    bench.until(lambda: bench.told.contactor_plus == bench.told.contactor_minus == closed)
    bench.until(lambda: bench.told.lock == closed)
    assert lines.active['pilot_c'] and not lines.active['lock_close']

    session.command = None
    waited = bench.until(lambda: not lines.active['contactor_plus'])
    assert waited < 0.5 + 0.1 + 0.3  # lease, the command before, and a busy machine
    bench.until(lambda: bench.told.lease_lapsed)
    assert lines.locked and not lines.active['pilot_c']

    session.command = SAFE
    bench.until(lambda: not bench.told.lease_lapsed and not lines.locked)
    session.command = CLOSE
    bench.until(lambda: lines.active['contactor_plus'])
    bench.vehicle.destroy_node()
    assert lines.closed and not any(lines.active.values())


def test_a_lock_that_a_former_process_left_closed_is_opened_by_command(
    graph, memory_lines, named_lines
):
    lines = memory_lines()
    lines.locked = True
    bench = graph(lambda _: lines, **LIMITS, **named_lines)
    bench.until(lambda: bench.told.lock == VehicleStatus.CLOSED)
    bench.session.command = SAFE
    bench.until(lambda: bench.told.lock == VehicleStatus.OPEN)


def test_one_sample_of_the_inlet_keeps_its_stamp_however_often_it_is_told(
    graph, memory_lines, named_lines
):
    bench = graph(memory_lines, inlet_topic='inlet', **LIMITS, **named_lines)
    volts = bench.session.create_publisher(Float32, 'inlet', 10)
    bench.until(lambda: volts.get_subscription_count() and bench.session.status)
    stamps = []
    for sample in (351.0, 352.0):
        bench.until(lambda: isnan(bench.told.inlet_voltage))
        bench.session.status.clear()
        volts.publish(Float32(data=sample))
        bench.until(lambda: len([s for s in bench.session.status if s.inlet_voltage > 0]) >= 5)
        measured = [s.stamp for s in bench.session.status if s.inlet_voltage == sample]
        nanoseconds = [one.sec * 10**9 + one.nanosec for one in measured]
        assert max(nanoseconds) - min(nanoseconds) < 0.02e9
        stamps.append(nanoseconds[0])
    assert stamps[1] - stamps[0] > 0.1e9


def test_safety_9_battery_and_inlet_are_heard_by_best_effort(graph, memory_lines, named_lines):
    bench = graph(memory_lines, inlet_topic='inlet', **LIMITS, **named_lines)
    session, offered = bench.session, qos_profile_sensor_data
    volts = session.create_publisher(Float32, 'inlet', offered)
    pack = session.create_publisher(BatteryState, 'battery_state', offered)
    session.create_timer(0.05, lambda: volts.publish(Float32(data=351.0)))
    told = BatteryState(voltage=355.0, percentage=0.5)
    session.create_timer(0.05, lambda: pack.publish(told))
    bench.until(lambda: bench.told.pack_voltage == 355.0 and bench.told.inlet_voltage == 351.0)
    assert not bench.told.fault


def looping():
    return ChargingState(stamp=stamp(), stage=ChargingState.CHARGE_LOOP)


def test_a_bench_load_is_held_back_while_the_session_waits_for_nothing(
    graph, memory_lines, named_lines
):
    lines = memory_lines()
    bench = graph(lambda _: lines, BenchLoadNode, **named_lines)
    session = bench.session
    bench.until(lambda: bench.told.pilot.state == ControlPilot.B and not bench.told.fault)
    assert (bench.told.pack_voltage, bench.told.max_voltage) == (230.0, 230.0)
    assert bench.told.contactor_plus == VehicleStatus.UNKNOWN
    session.command = SAFE
    bench.until(lambda: not bench.told.lease_lapsed)
    session.command = CLOSE
    bench.until(lambda: lines.active['pilot_c'] and lines.locked)
    bench.until(lambda: bench.told.lock == VehicleStatus.CLOSED)
    assert bench.told.contactor_plus == VehicleStatus.UNKNOWN
    assert not lines.active['contactor_plus']

    began = time.monotonic()
    telling = session.create_timer(0.1, lambda: session.state.publish(looping()))
    bench.until(lambda: bench.told.contactor_plus == VehicleStatus.CLOSED)
    assert time.monotonic() - began >= 2.0 and lines.active['contactor_minus']

    telling.cancel()
    session.state.publish(ChargingState(stamp=stamp(), stage=ChargingState.STOP))
    session.command = SAFE
    bench.until(lambda: bench.told.contactor_plus == VehicleStatus.OPEN)
    assert not lines.active['contactor_plus']

    session.battery = BatteryState(voltage=355.0, percentage=0.5)
    bench.until(lambda: 'a bench load takes no pack' in bench.told.fault)


def in_battery(seconds):
    told = BatteryState(voltage=355.0, current=1.0, percentage=0.5)
    told.header.stamp = Time(sec=seconds)
    return told


def test_robot_6_a_simulator_s_battery_is_stamped_by_its_clock(graph, memory_lines, named_lines):
    bench = graph(memory_lines, **LIMITS, **named_lines, battery_stamps='clock')
    session = bench.session
    session.battery = in_battery(100)
    bench.until(lambda: 'nothing is heard on /clock' in bench.told.fault)
    clock = session.create_publisher(Clock, '/clock', 1)
    session.create_timer(0.1, lambda: clock.publish(Clock(clock=Time(sec=100, nanosec=500))))
    bench.until(lambda: not bench.told.fault and bench.told.pack_voltage == 355.0)
    session.battery = in_battery(98)
    bench.until(lambda: 'its stamp is 2.0 s old' in bench.told.fault)


def test_robot_6_stamps_that_nobody_judges(graph, memory_lines, named_lines):
    bench = graph(memory_lines, **LIMITS, **named_lines, battery_stamps='none')
    bench.session.battery = in_battery(100)
    bench.until(lambda: not bench.told.fault and bench.told.pack_voltage == 355.0)


def test_robot_1_leave_to_charge_is_a_lease(graph, memory_lines, named_lines):
    topic = {'charge_allowed_topic': 'standing'}
    bench = graph(memory_lines, **LIMITS, **named_lines, **topic)
    session = bench.session
    session.battery = BatteryState(voltage=355.0, current=1.0, percentage=0.5)
    bench.until(lambda: bench.told.pack_voltage == 355.0)
    assert not bench.told.charge_wanted
    allowed, said = session.create_publisher(Bool, 'standing', 10), Bool(data=True)
    telling = session.create_timer(0.1, lambda: allowed.publish(said))
    bench.until(lambda: bench.told.charge_wanted)
    said.data = False
    bench.until(lambda: not bench.told.charge_wanted)
    said.data = True
    bench.until(lambda: bench.told.charge_wanted)
    telling.cancel()
    assert bench.until(lambda: not bench.told.charge_wanted) > 0.2


class Bms:
    """The other node on the bus: clara's two messages every 50 ms, and what it hears."""

    def __init__(self):
        self.bus = can.Bus(interface='virtual', channel=BUS)
        self.heard = {}
        self._tasks = []

    def speak(self):
        for frame_id, octets in ((0x100, '6301000000000000'), (0x102, '0093017800016e00')):
            message = can.Message(
                arbitration_id=frame_id, data=bytes.fromhex(octets), is_extended_id=False
            )
            self._tasks.append(self.bus.send_periodic(message, 0.05))

    def silence(self):
        for task in self._tasks:
            task.stop()

    def hears(self, frame_id, octets):
        while (message := self.bus.recv(0)) is not None:
            self.heard[message.arbitration_id] = bytes(message.data).hex()
        return self.heard.get(frame_id) == octets


@pytest.fixture
def bms():
    bms = Bms()
    yield bms
    bms.silence()
    bms.bus.shutdown()


def test_can_carries_a_pack_and_a_second_of_silence_ends_it(graph, bms):
    bench = graph(outputs='none', **ON_BUS)
    bench.until(lambda: 'CAN is silent' in bench.told.fault)
    bms.speak()
    bench.until(lambda: not bench.told.fault)
    told = bench.told
    assert (told.pack_voltage, told.max_voltage, told.max_current) == (355.0, 403.0, 120.0)
    assert told.soc == pytest.approx(0.55) and told.charge_wanted and told.max_power == 40000.0

    bench.session.state.publish(
        ChargingState(
            stamp=stamp(),
            stage=ChargingState.CHARGE_LOOP,
            charger_max_voltage=500.0,
            charger_max_current=200.0,
            present_voltage=371.0,
            present_current=119.0,
        )
    )
    bench.until(lambda: bms.hears(0x109, '0073017705000000'))
    assert bms.heard[0x108] == '00f401c800000000'

    bms.silence()
    waited = bench.until(lambda: bench.told.fault)
    assert 0.8 < waited < 1.0 + 0.5  # the frame before, and a busy machine
    assert bench.told.max_current == 0.0 and 'CAN is silent' in bench.told.fault


def test_the_cape_is_told_where_the_battery_is_a_topic(graph, bms):
    bench = graph(outputs='none', can_map='foccci', **{**ON_BUS, **LIMITS})
    bench.session.battery = BatteryState(voltage=355.0, percentage=0.5)
    bench.until(lambda: bench.told.pack_voltage == 355.0)
    state = ChargingState(
        stamp=stamp(), stage=ChargingState.PRECHARGE, soc=0.5, evcc_id='020406080a0c'
    )
    bench.session.state.publish(state)
    bench.until(lambda: bms.hears(0x678, '0a32000000000000'))
    bench.until(lambda: bms.hears(0x67A, '020406080a0c0000'))
