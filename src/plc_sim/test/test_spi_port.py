# SPDX-License-Identifier: Apache-2.0
"""The SPI port between the kernel's own network and a software QCA7005, over a simulated wire."""

import itertools
import os
import queue
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from plc_kit.interface import Interface
from plc_kit.network import Network, NetworkUnavailable
from plc_modem.homeplug import BROADCAST, Mme, build
from plc_modem.homeplug.station import VS_SW_VER_REQ
from plc_modem.ports import spi
from plc_modem.ports.ethernet import NoAccess
from plc_modem.ports.spi import SpiPort
from plc_modem.ports.spi_bus import SpiSettings, open_interrupt, open_spi
from plc_modem.ports.tap import Tap, mac_of
from plc_modem.qca7005.host import Started, Stopped
from plc_sim.ports.forwarding import open_end
from plc_sim.ports.spi import BadFault, Due, SimulatedSpi, read_faults
from plc_sim.qca7005 import Fault

MAC = '02:70:65:76:00:01'
FRAME = build(Mme(BROADCAST, MAC, VS_SW_VER_REQ()))
_NAMES = itertools.count()


class Bench:
    """A port at the end `pev`, and the other end of its wire."""

    def __init__(self, network, spi, **about):
        self.heard, self.noticed = queue.Queue(), queue.Queue()
        self.pev = Interface('pev', network.name)
        self.port = SpiPort(
            self.pev, SpiSettings(spi=spi, **about), self.heard.put, self.noticed.put
        )
        assert self.noticed.get(timeout=5) == Started()
        self.line = open_end(Interface('pev-modem', network.name))
        self.line.settimeout(5)

    def from_line(self, wanted):
        """Return the next frame at the line that is wanted; the kernel announces itself too."""
        while not wanted(frame := self.line.recv(2000)):
            pass
        return frame

    def close(self):
        self.line.close()
        self.port.close()


@pytest.fixture
def bench():
    """Make a bench with an SPI device of that name."""
    opened = []

    def make(spi='sim', **about):
        name = f'spi-{os.getpid()}-{next(_NAMES)}'
        try:
            opened.append(Network(name, [('pev', MAC)]))
            opened.append(Bench(opened[-1], spi, **about))
        except NetworkUnavailable as error:
            pytest.skip(str(error))
        except NoAccess as error:
            pytest.skip(str(error))
        return opened[-1]

    yield make
    for one in reversed(opened):
        one.close()


def test_homeplug_frames_go_between_the_port_and_the_line(bench):
    one = bench()
    assert one.port.send(FRAME)
    assert one.from_line(lambda frame: frame[12:14] == b'\x88\xe1') == FRAME
    one.line.send(FRAME)
    assert one.heard.get(timeout=5) == FRAME


def test_the_kernel_speaks_ipv6_through_the_tap_and_homeplug_stays_out_of_it(bench):
    one = bench()
    with one.pev.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
        udp.settimeout(5)
        udp.bind(('::', 15118, 0, one.pev.index))
        udp.sendto(b'to the line', ('ff02::1', 15118, 0, one.pev.index))
        sent = one.from_line(lambda frame: frame.endswith(b'to the line'))
        assert sent[6:12].hex(':') == MAC  # the address that SLAC uses (R25)
        one.line.send(FRAME)
        one.line.send(from_a_partner(sent))
        assert udp.recv(100) == b'to the line'
    assert one.heard.get(timeout=5) == FRAME
    assert one.heard.empty()


def from_a_partner(sent):
    """The same datagram from another MAC and address, its checksum kept right."""
    other = bytearray(sent)
    other[11] ^= 0x03
    other[37] ^= 0x03  # last octet of the source address
    checksum = int.from_bytes(other[60:62]) + int.from_bytes(sent[36:38])
    checksum += 0xFFFF - int.from_bytes(other[36:38])
    while checksum > 0xFFFF:
        checksum = (checksum & 0xFFFF) + (checksum >> 16)
    other[60:62] = checksum.to_bytes(2)
    return bytes(other)


def test_a_reset_in_the_middle_is_told_and_frames_pass_again(bench):
    one = bench('sim,reset@5')
    sent = 0
    while one.noticed.empty() and sent < 500:
        sent += one.port.send(FRAME)
        time.sleep(0.005)
    told = [one.noticed.get(timeout=5) for _ in range(2)]
    assert [type(notice) for notice in told] == [Stopped, Started]
    one.line.send(FRAME)
    assert one.heard.get(timeout=5) == FRAME


def test_frames_of_full_length_pass_in_both_directions_in_order(bench):
    one = bench(spi_poll=0.002)
    frames = [FRAME[:14] + bytes([n]) + bytes(1499) for n in range(40)]
    for frame in frames:
        assert one.port.send(frame)
        assert one.from_line(lambda got: got[12:14] == b'\x88\xe1') == frame
        one.line.send(frame)
        assert one.heard.get(timeout=5) == frame
    assert one.port.counts['frames lost'] == 0
    assert one.port.counts['octets of garbage'] == 0


def test_faults_are_read_from_the_name_of_the_device():
    assert read_faults('sim') == []
    assert read_faults('sim,reset@ip120,garbage@40,cpu-on') == [
        Due(0, Fault.CPU_ON),
        Due(40, Fault.GARBAGE),
        Due(120, Fault.RESET, ip=True),
    ]
    with pytest.raises(BadFault, match=r"'melt@3' is no FAULT@FRAME.*short.*reset"):
        read_faults('sim,melt@3')


def test_the_software_modem_has_the_face_of_spidev():
    spidev = pytest.importorskip('spidev')
    for name in ('xfer2', 'xfer3', 'close'):
        assert callable(getattr(SimulatedSpi, name))
        assert callable(getattr(spidev.SpiDev, name))


def test_an_spi_device_that_is_not_there_is_told_in_a_sentence():
    with pytest.raises(NoAccess, match=r'/dev/spidev9\.9 is not there.*spi:=PATH'):
        open_spi(SpiSettings(spi='/dev/spidev9.9'), Interface('ccs0'))


def test_a_lasting_mac_is_local_and_differs_between_machines_and_interfaces():
    macs = {mac_of(machine, name) for machine in ('one', 'two') for name in ('ccs0', 'ccs1')}
    assert len(macs) == 4
    assert all(mac.startswith('02:') and len(mac) == 17 for mac in macs)
    assert mac_of('one', 'ccs0') == mac_of('one', 'ccs0')


TAKE_TAP = """
from plc_kit.interface import Interface
from plc_modem.ports.tap import Tap
try:
    tap = Tap(Interface('ccs0'))
    print(tap.interface.mac.hex(':'))
except PermissionError as error:
    print(error)
"""
UNPRIVILEGED = 'setpriv --bounding-set=-net_admin --inh-caps=-net_admin'


@pytest.mark.skipif(os.geteuid() != 0, reason='makes a network namespace and drops capabilities')
def test_a_tap_that_was_made_for_the_user_needs_no_capability_and_another_says_so():
    if not os.path.exists('/dev/net/tun'):
        pytest.skip('there is no /dev/net/tun')
    take = f'{UNPRIVILEGED} {sys.executable} -c "$TAKE_TAP"'
    made = (
        'ip tuntap add dev ccs0 mode tap user 0 && ip link set ccs0 address 02:00:00:00:00:77 up'
    )
    told = subprocess.run(
        ['unshare', '-n', 'sh', '-c', f'{take}; {made} && {take}'],
        env={**os.environ, 'TAKE_TAP': TAKE_TAP},
        capture_output=True,
        text=True,
        timeout=60,
    )
    refused, taken = told.stdout.splitlines()
    assert 'CAP_NET_ADMIN' in refused and 'ip tuntap add dev ccs0' in refused
    assert taken == '02:00:00:00:00:77'


def test_a_port_that_cannot_open_its_bus_lets_the_interface_go(bench):
    one = bench()
    one.port.close()
    with pytest.raises(NoAccess, match='spidev9'):
        SpiPort(one.pev, SpiSettings(spi='/dev/spidev9.9'), one.heard.put, one.noticed.put)
    one.port = SpiPort(one.pev, SpiSettings(spi='sim'), one.heard.put, one.noticed.put)


class FakeInterrupt:
    """An INT line that rises when the test says so."""

    fallback = 0.1

    def __init__(self):
        self._line = os.eventfd(0)
        self.fileno = lambda: self._line
        self.rises = lambda: os.eventfd_write(self._line, 1)
        self.acknowledge = lambda: os.eventfd_read(self._line)
        self.close = lambda: os.close(self._line)


def test_with_int_wired_a_frame_is_read_at_its_edge_and_soon_without_one(bench, monkeypatch):
    interrupt = FakeInterrupt()
    monkeypatch.setattr(spi, 'open_interrupt', lambda where: interrupt)
    one = bench(spi_poll=0.001)
    polls = []
    transfer = one.port._bus.xfer2
    monkeypatch.setattr(
        one.port._bus, 'xfer2', lambda octets: polls.append(time.monotonic()) or transfer(octets)
    )
    one.line.send(FRAME)
    interrupt.rises()
    assert one.heard.get(timeout=5) == FRAME
    one.line.send(FRAME)  # an edge that is missed
    assert one.heard.get(timeout=5) == FRAME
    time.sleep(1.0)
    assert len(polls) / (polls[-1] - polls[0]) < 100  # each 0.1 s, not each millisecond


def test_an_int_line_that_is_not_there_is_told_in_a_sentence():
    with pytest.raises(NoAccess, match='/dev/gpiochip99:25 cannot be used: No such file'):
        open_interrupt('/dev/gpiochip99:25')
    with pytest.raises(NoAccess, match="'25' is no CHIP:LINE"):
        open_interrupt('25')


def test_a_tap_with_a_mac_address_that_is_none_is_refused():
    with pytest.raises(ValueError, match="'02:00' is no MAC address"):
        Tap(Interface('ccs0'), '02:00')


def test_spidev_is_opened_with_mode_and_clock_and_by_one_program_alone(monkeypatch, tmp_path):
    class SpiDev:
        def open_path(self, path):
            self.path, self._file = path, (tmp_path / 'device').open('w')

        def fileno(self):
            return self._file.fileno()

        def close(self):
            self._file.close()

    monkeypatch.setitem(sys.modules, 'spidev', SimpleNamespace(SpiDev=SpiDev))
    settings = SpiSettings(spi='/dev/spidev1.0', spi_clock=7.5)
    bus = open_spi(settings, Interface('ccs0'))
    assert (bus.path, bus.mode, bus.max_speed_hz) == ('/dev/spidev1.0', 3, 7_500_000)
    with pytest.raises(NoAccess, match=r'/dev/spidev1\.0 is in use by another program'):
        open_spi(settings, Interface('ccs0'))
    bus.close()
    open_spi(settings, Interface('ccs0')).close()
