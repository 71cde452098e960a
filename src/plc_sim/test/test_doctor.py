# SPDX-License-Identifier: Apache-2.0
"""The doctor at a simulated line, and with whatever may be missing."""

import os
import subprocess
import sys

import pytest

from plc_kit.interface import Interface
from plc_kit.network import open_tap
from plc_modem.finding import Verdict, all_well, report
from plc_modem.homeplug.keys import DEFAULT_NMK, nid_of
from plc_modem.pib import Role
from plc_modem.ports import checkup
from plc_modem.ports.checkup import Wanted, look
from plc_modem.ports.spi_bus import SpiSettings
from plc_modem.qca7005.registers import BUFFER, SIGNATURE
from plc_sim import line as lines
from plc_sim.line import Outlet

MODEM, OTHER = '02:70:65:76:00:02', '02:65:76:73:65:02'


@pytest.fixture
def wires(line_at_wires):
    with line_at_wires('doc', [Outlet('pev', MODEM, False), Outlet('evse', OTHER, True)]) as made:
        yield made


def found(wanted):
    """All findings, by what they are about."""
    return {one.about: one for one in look(wanted)}


def test_all_is_well_and_each_thing_is_told_in_a_sentence(wires):
    _, network = wires
    findings = list(look(Wanted(f'pev@{network}', role='pev')))
    assert all_well(findings), report(findings)
    about = [one.about for one in findings]
    assert about == [
        'interface', 'IPv4', 'IPv6', 'raw socket', 'modem', 'firmware', 'role', 'key', 'partner',
    ]  # fmt: skip
    text = report(findings)
    assert MODEM in text and lines.FIRMWARE.decode() in text
    assert "a vehicle's modem (octet F4 is 1, octet 1653 is 1)" in text


def test_the_command_tells_it_and_its_status_too(wires):
    _, network = wires
    words = ('ros2', 'run', 'plc_modem', 'doctor', '--interface', f'pev@{network}')
    well = subprocess.run((*words, '--role', 'pev'), capture_output=True, text=True, timeout=60)
    assert well.returncode == 0, well.stdout + well.stderr
    assert well.stdout.endswith('Nothing is wrong; a charge can begin.\n')
    ill = subprocess.run((*words, '--role', 'evse'), capture_output=True, text=True, timeout=60)
    assert ill.returncode == 1
    assert '/evse/modem/write_pib' in ill.stdout and 'Traceback' not in ill.stderr
    odd = subprocess.run((*words, '--role', 'robot'), capture_output=True, text=True, timeout=60)
    assert odd.returncode == 2 and 'invalid choice' in odd.stderr


@pytest.mark.parametrize(
    ('interface', 'why'),
    [
        ('nobody0', 'there is no interface nobody0'),
        ('a b', 'is no interface'),
        ('pev@nowhere', 'no simulated network'),
    ],
)
def test_an_interface_that_is_not_there(interface, why):
    findings = found(Wanted(interface))
    assert list(findings) == ['interface']
    assert findings['interface'].verdict is Verdict.WRONG
    assert why in findings['interface'].sentence


def test_an_interface_that_goes_away_while_it_is_looked_at(wires, monkeypatch):
    def gone(_):
        raise OSError(19, 'No such device')

    monkeypatch.setattr(Interface, 'link_local', gone)
    last = list(look(Wanted(f'pev@{wires[1]}')))[-1]
    assert last.verdict is Verdict.WRONG and 'No such device' in last.sentence


def test_without_any_wired_interface_auto_says_so(monkeypatch):
    from plc_modem.ports import finding

    monkeypatch.setattr(finding, 'ethernet_interfaces', list)
    findings = found(Wanted())
    assert 'no wired interface' in findings['interface'].sentence


@pytest.mark.parametrize(
    ('question', 'answer', 'about', 'why'),
    [
        ('up', False, 'interface', 'is there, but down'),
        ('carrier', False, 'interface', 'nothing is at its other end'),
        ('has_ipv4', True, 'IPv4', 'has an IPv4 address'),
        ('link_local', None, 'IPv6', 'has no link-local address'),
    ],
)
def test_an_interface_that_is_not_ready(wires, monkeypatch, question, answer, about, why):
    monkeypatch.setattr(Interface, question, lambda _: answer)
    findings = list(look(Wanted(f'pev@{wires[1]}')))
    [one] = [one for one in findings if why in one.sentence]
    assert (one.about, one.verdict) == (about, Verdict.WRONG)
    assert one.remedy and not all_well(findings)


def test_an_ipv4_address_that_is_allowed_is_a_note(wires, monkeypatch):
    monkeypatch.setattr(Interface, 'has_ipv4', lambda _: True)
    findings = found(Wanted(f'pev@{wires[1]}', allow_ipv4=True))
    assert findings['IPv4'].verdict is Verdict.NOTE
    assert all_well(findings.values())


def test_desk_8_no_advice_cuts_what_this_computer_needs(wires, monkeypatch):
    told = [one.remedy for one in look(Wanted('lo')) if one.about != 'raw socket']
    assert any('this computer talks to itself through it' in remedy for remedy in told)
    monkeypatch.setattr(Interface, 'has_ipv4', lambda _: True)
    monkeypatch.setattr(Interface, 'link_local', lambda _: None)
    monkeypatch.setattr(Interface, 'loud', lambda _: ['net.ipv6.conf.pev.accept_ra=0'])
    there = f'pev@{wires[1]}'
    assert len([one for one in look(Wanted(there)) if 'sudo' in one.remedy]) == 3
    monkeypatch.setattr(Interface, 'needed_for', lambda _: 'the default route goes through it')
    told += [one.remedy for one in look(Wanted(there))]
    assert [remedy for remedy in told if 'sudo' in remedy] == []


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can give its rights away')
def test_without_the_capability_it_says_which_one_lacks():
    drop = ['setpriv', '--bounding-set', '-net_raw', '--inh-caps', '-net_raw']
    words = [*drop, sys.executable, '-c', 'from plc_modem.cli import main; main()']
    done = subprocess.run(
        [*words, '--interface', 'lo', '--allow-ipv4'], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert 'CAP_NET_RAW' in done.stdout and '-> get a shell that has it: sudo' in done.stdout
    assert 'Traceback' not in done.stderr


def test_a_modem_that_is_silent(wires):
    line, network = wires
    line.outlets['pev'].back_at = 1e12
    findings = found(Wanted(f'pev@{network}'))
    assert findings['modem'].verdict is Verdict.WRONG
    assert 'no HomePlug modem answers' in findings['modem'].sentence
    assert list(findings)[-1] == 'modem'


def test_an_adapter_as_it_was_sold_and_one_that_is_half_set_up(wires):
    line, network = wires
    memory = line.outlets['pev'].memory
    memory.forget()
    memory.start()
    role = found(Wanted(f'pev@{network}'))['role']
    assert role.verdict is Verdict.WRONG and 'as sold' in role.sentence
    assert 'write_pib' in role.remedy
    pib = bytearray(memory.flash.of_role(Role.PEV).pib)
    pib[0xF4] = 2
    memory.memory = memory.flash.of_pib(bytes(pib))
    assert 'coordinator 2 and SLAC 1 disagree' in found(Wanted(f'pev@{network}'))['role'].sentence


def test_a_pib_that_is_not_known_is_a_note_and_nothing_more(wires):
    line, network = wires
    odd = {'octets': bytes(3000), 'pib': bytes(3000), 'role': Role.NONE}
    line.outlets['pev'].memory.memory = type('Odd', (), odd)
    role = found(Wanted(f'pev@{network}'))['role']
    assert role.verdict is Verdict.NOTE and 'layout that is not known' in role.sentence


def test_lesson_23_a_bad_firmware_is_wrong(wires, monkeypatch):
    monkeypatch.setattr(lines, 'FIRMWARE', b'MAC-QCA7420-1.1.0.844-02-20120919-FINAL')
    firmware = found(Wanted(f'pev@{wires[1]}'))['firmware']
    assert firmware.verdict is Verdict.WRONG
    assert firmware.remedy == 'take another adapter'


def test_the_key_that_all_are_sold_with_and_a_partner_in_the_same_network(wires):
    line, network = wires
    for outlet in line.outlets.values():
        outlet.memory.take_key(DEFAULT_NMK, nid_of(DEFAULT_NMK))
    line._find_routes()
    findings = found(Wanted(f'pev@{network}'))
    assert 'sold with' in findings['key'].sentence
    assert OTHER in findings['partner'].sentence


def test_r27_no_key_is_shown(wires):
    line, network = wires
    outlet = line.outlets['pev']
    text = report(look(Wanted(f'pev@{network}')))
    assert not any(secret.hex() in text.lower() for secret in outlet.network)


class Bus:
    """An SPI device on which registers read as given, one value after the other."""

    def __init__(self, *signatures, space=BUFFER):
        self.signatures, self.space = list(signatures), space

    def xfer2(self, values):
        address = (values[0] << 8 | values[1]) & 0x3FFF
        word = self.signatures.pop(0) if address == 0x1A00 and self.signatures else 0
        return [0, 0, *(self.space if address == 0x0200 else word).to_bytes(2)]

    def close(self):
        self.signatures.clear()


class Broken(Bus):
    """An SPI device whose transfers fail."""

    def xfer2(self, values):
        raise OSError(5, 'Input/output error')


@pytest.mark.parametrize(
    ('bus', 'verdict', 'why'),
    [
        (Bus(0xFFFF, 0xFFFF), Verdict.WRONG, 'the signature reads FFFF'),
        (Bus(0x5A5A, 0x5A5A), Verdict.WRONG, 'the signature reads 5A5A'),
        (Broken(), Verdict.WRONG, 'the signature reads FFFF'),
        (Bus(0x552A, SIGNATURE), Verdict.NOTE, 'one of two signatures was read wrong'),
        (Bus(SIGNATURE, SIGNATURE, space=0xFFFF), Verdict.NOTE, 'write space reads 65535'),
    ],
)
def test_what_the_signature_of_a_qca7005_says(monkeypatch, bus, verdict, why):
    monkeypatch.setattr(checkup, 'open_spi', lambda *_: bus)
    spi = found(Wanted(modem='qca7005'))['SPI']
    assert spi.verdict is verdict and why in spi.sentence and spi.remedy


def test_an_spi_device_that_is_not_there():
    spi = found(Wanted(modem='qca7005', spi=SpiSettings(spi='/dev/spidev9.9')))['SPI']
    assert spi.verdict is Verdict.WRONG
    assert '/dev/spidev9.9 is not there' in spi.sentence


@pytest.mark.parametrize(
    ('error', 'why'),
    [
        (FileNotFoundError(2, ''), 'there is no'),
        (PermissionError(13, ''), 'is not open to this user'),
        (OSError(19, 'No such device'), 'cannot be opened: No such device'),
    ],
)
def test_without_a_tap_device_it_says_what_to_type(monkeypatch, error, why):
    class Tun:
        def open(self, *_, **__):
            raise error

    monkeypatch.setattr(checkup, '_TUN', Tun())
    tap = found(Wanted(modem='qca7005', spi=SpiSettings(spi='/dev/spidev9.9')))['TAP']
    assert tap.verdict is Verdict.WRONG and why in tap.sentence and 'sudo' in tap.remedy


def test_a_software_qca7005_is_found_with_its_role_key_and_partner(wires):
    _, network = wires
    try:
        tap = open_tap(network, 'pev')
    except (PermissionError, FileNotFoundError) as error:
        pytest.skip(f'no TAP interface can be made here (/dev/net/tun): {error}')
    try:
        wanted = Wanted(f'pev@{network}', 'qca7005', 'pev', spi=SpiSettings(spi='sim'))
        findings = list(look(wanted))
        assert all_well(findings), report(findings)
        about = [one.about for one in findings]
        assert about == ['TAP', 'SPI', 'modem', 'firmware', 'role', 'key', 'partner']
        assert 'the signature is AA55, 3163 octets of write space' in report(findings)
    finally:
        os.close(tap)
