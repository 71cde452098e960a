# SPDX-License-Identifier: Apache-2.0
"""A look at interface, modem, firmware, role, key and partner, before a charge is tried.

It reads and asks; it changes nothing. Each check needs the one before it: where one is wrong, the
rest would only say the same in other words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plc_kit.interface import Interface, NoSuchInterface, ethernet_interfaces
from plc_kit.network import NetworkUnavailable
from plc_kit.readable import readable
from plc_modem import firmware, jobs
from plc_modem.finding import Finding, Verdict, fine, note, wrong
from plc_modem.homeplug import Mme
from plc_modem.homeplug.keys import known_to_all, pseudonym
from plc_modem.homeplug.station import (
    CM_GET_KEY_CNF,
    CM_GET_KEY_REQ,
    CM_NW_INFO_CNF,
    CM_NW_INFO_REQ,
    VS_LNK_STATUS_CNF,
    VS_LNK_STATUS_REQ,
    VS_SW_VER_CNF,
    VS_SW_VER_REQ,
)
from plc_modem.pib import Parameters, Role, UncertainLayout
from plc_modem.ports.ethernet import NoAccess
from plc_modem.ports.finding import NotFound, find_modem
from plc_modem.ports.spi_bus import SpiSettings, open_interrupt, open_spi
from plc_modem.ports.talk import EthernetWire, SpiWire, Talk
from plc_modem.qca7005.registers import BUFFER, SIGNATURE, Register

_PATIENCE = 0.4  # s for an answer
_QUESTIONS = 4  # a modem that has just restarted misses some
_SEARCH = '02:00:00:00:00:d0'  # address to ask from where no interface lends one
_TUN = Path('/dev/net/tun')


@dataclass(frozen=True)
class Wanted:
    """What the doctor is to look at."""

    interface: str = 'auto'
    modem: str = 'ar7420'
    role: str = ''  # pev or evse; empty: either
    allow_ipv4: bool = False
    spi: SpiSettings = SpiSettings()  # noqa: RUF009 frozen


def look(wanted: Wanted) -> Iterator[Finding]:
    """Look at everything, one finding after the other, up to the first that is in the way."""
    try:
        yield from _by_spi(wanted) if wanted.modem == 'qca7005' else _by_ethernet(wanted)
    except (NoSuchInterface, NetworkUnavailable, OSError) as error:
        yield wrong('interface', str(error), 'it went away meanwhile, or is none: look again')


def _by_ethernet(wanted: Wanted) -> Iterator[Finding]:
    try:
        interface = _choose(wanted.interface)
        _ = interface.index
    except (NotFound, NoSuchInterface, NetworkUnavailable, NoAccess) as error:
        names = ', '.join(ethernet_interfaces()) or 'none'
        remedy = f'choose with --interface NAME; wired ones here: {names}'
        yield wrong('interface', str(error), remedy)
        return
    yield from _interface(interface, wanted)
    if not interface.carrier():
        return
    try:
        wire = EthernetWire(interface)
    except NoAccess as error:
        what, _, remedy = str(error).partition('; ')
        yield wrong('raw socket', what, remedy)
        return
    try:
        yield fine('raw socket', 'this user may send and hear frames of ethertype 0x88E1')
        yield from _modem(Talk(wire, interface.mac.hex(':')), wanted, str(interface))
    finally:
        wire.close()


def _choose(name: str) -> Interface:
    return find_modem() if name == 'auto' else Interface.parse(name)


def _interface(interface: Interface, wanted: Wanted) -> Iterator[Finding]:
    name = interface.name
    if not interface.up():
        yield wrong('interface', f'{interface} is there, but down', f'sudo ip link set {name} up')
        return
    if not interface.carrier():
        remedy = 'plug in the Ethernet cable; power the modem'
        yield wrong('interface', f'{interface} is up, but nothing is at its other end', remedy)
        return
    yield fine('interface', f'{interface} is up, and something is at its other end')
    yield _ipv4(interface, wanted)
    yield _ipv6(interface)
    if loud := interface.loud():
        sentence, remedy = f'{interface} says more than a charge', f'sudo sysctl {" ".join(loud)}'
        yield note('quiet', sentence, interface.advised(remedy))


def _ipv4(interface: Interface, wanted: Wanted) -> Finding:
    if not interface.has_ipv4():
        return fine('IPv4', f'{interface} has no IPv4 address, as it should be (R25)')
    sentence = f'{interface} has an IPv4 address, so it carries more than a charge (R25)'
    remedy = f'sudo ip -4 addr flush dev {interface.name}; see docs/hardware.md for good'
    verdict = note if wanted.allow_ipv4 else wrong
    return verdict('IPv4', sentence, interface.advised(remedy))


def _ipv6(interface: Interface) -> Finding:
    if address := interface.link_local():
        return fine('IPv6', f'{interface} has the link-local address {address}')
    remedy = f'sudo sysctl net.ipv6.conf.{interface.name}.disable_ipv6=0'
    sentence = f'{interface} has no link-local address; SDP and TCP need one'
    return wrong('IPv6', sentence, interface.advised(remedy))


def _by_spi(wanted: Wanted) -> Iterator[Finding]:
    interface = Interface.parse('ccs0' if wanted.interface == 'auto' else wanted.interface)
    yield _tun()
    try:
        open_interrupt(wanted.spi.spi_interrupt).close()
        bus = open_spi(wanted.spi, interface)
    except (NoAccess, ValueError) as error:
        what, _, remedy = str(error).partition('; ')
        yield wrong('SPI', what, remedy)
        return
    wire = SpiWire(bus)
    try:
        seen = _signature(wire, wanted)
        yield seen
        if seen.verdict is not Verdict.WRONG:
            yield from _modem(Talk(wire, _SEARCH), wanted, wanted.spi.spi)
    finally:
        wire.close()


def _tun() -> Finding:
    try:
        _TUN.open('r+b', buffering=0).close()
    except FileNotFoundError:
        return wrong('TAP', f'there is no {_TUN}, which IPv6 needs', 'sudo modprobe tun')
    except PermissionError:
        return wrong('TAP', f'{_TUN} is not open to this user', f'sudo chmod 0666 {_TUN}')
    except OSError as error:
        return wrong('TAP', f'{_TUN} cannot be opened: {error.strerror}', 'sudo modprobe tun')
    return fine('TAP', f'{_TUN} is open to this user, so that the kernel can do IPv6')


def _signature(wire: SpiWire, wanted: Wanted) -> Finding:
    first, second = (wire.read(Register.SIGNATURE) for _ in range(2))
    told = f'{wanted.spi.spi} in mode {wanted.spi.spi_mode} at {wanted.spi.spi_clock} MHz'
    if SIGNATURE not in (first, second):
        return wrong('SPI', f'{told}: the signature reads {second:04X}, not AA55', _why(second))
    if second != first:
        remedy = 'usual once after power-up; else 10 ohm in each line, or a lower --spi-clock'
        return note('SPI', f'{told}: one of two signatures was read wrong', remedy)
    space = wire.read(Register.WRBUF_SPC_AVA)
    if space > BUFFER:
        return note('SPI', f'{told}: write space reads {space}', 'a lower --spi-clock')
    return fine('SPI', f'{told}: the signature is AA55, {space} octets of write space')


def _why(signature: int) -> str:
    if signature in (0x0000, 0xFFFF):
        return 'is the chip powered, CS and MISO wired, and the device the right one?'
    return '10 ohm in each line, shorter wires, a lower --spi-clock; or --spi-mode 0'


def _modem(talk: Talk, wanted: Wanted, where: str) -> Iterator[Finding]:
    asked = (talk.ask(VS_SW_VER_REQ(), VS_SW_VER_CNF, _PATIENCE) for _ in range(_QUESTIONS))
    if (answer := next(filter(None, asked), None)) is None:
        remedy = (
            'power it; without a coordinator on the line it sleeps after 30 s (lesson 22), so try '
            'again right after power-up'
        )
        yield wrong('modem', f'no HomePlug modem answers at {where}', remedy)
        return
    mac, version = answer.source, _text(answer)
    yield fine('modem', f'a modem answers at {where}; its address is {mac}')
    yield _firmware(version)
    yield _role(talk, wanted, mac, version)
    yield _key(talk, mac)
    yield _partner(talk, mac)


def _firmware(version: str) -> Finding:
    if bad := firmware.warning(version):
        sentence, _, remedy = bad.partition('; ')
        return wrong('firmware', sentence, remedy or 'take another adapter')
    return fine('firmware', version)


def _role(talk: Talk, wanted: Wanted, mac: str, version: str) -> Finding:
    done = talk.do(jobs.read(), mac)
    try:
        if not isinstance(done.result, Parameters):
            raise UncertainLayout(done.reason)
        done.result.belongs_to(mac, version)
    except UncertainLayout as error:
        return note('role', f'it could not be read: {error}', 'see docs/hardware.md, PIB')
    parameters = done.result
    wish = [Role(wanted.role)] if wanted.role else [Role.PEV, Role.EVSE]
    octets = f'octet F4 is {parameters.coordinator}, octet 1653 is {parameters.slac}'
    if parameters.role in wish:
        return fine('role', f'{parameters} ({octets})')
    side = wanted.role or 'pev'
    call = f"ros2 service call /{side}/modem/write_pib plc_msgs/srv/WritePib '{{role: {side}}}'"
    return wrong('role', f'{parameters} ({octets})', f'with the modem node running: {call}')


def _key(talk: Talk, mac: str) -> Finding:
    nid = talk.ask(CM_GET_KEY_REQ(), CM_GET_KEY_CNF, _PATIENCE, mac)
    if nid is None:
        return note('key', 'the modem does not tell which network it is in')
    network = nid.message.NetworkID
    told = talk.ask(CM_GET_KEY_REQ(NetworkID=network), CM_GET_KEY_CNF, _PATIENCE, mac)
    if told is None or told.message.Result:
        return fine('key', f'set; its network is {pseudonym(network)} (a pseudonym)')
    if known_to_all(told.message.Key):
        return note('key', 'the one that every modem is sold with; SLAC sets another')
    return fine('key', f'set; its pseudonym is {pseudonym(told.message.Key)}')


def _partner(talk: Talk, mac: str) -> Finding:
    heard = talk.ask_all(VS_SW_VER_REQ(), VS_SW_VER_CNF, _PATIENCE)
    others = {mme.source: _text(mme) for mme in heard if mme.source != mac}
    if others:
        told = ', '.join(f'{other} ({version})' for other, version in others.items())
        return fine('partner', f'in the same network: {told}')
    link = talk.ask(VS_LNK_STATUS_REQ(), VS_LNK_STATUS_CNF, _PATIENCE, mac)
    if link is not None and link.message.LinkStatus == 1:
        return fine('partner', 'the modem has a link, though the other one does not answer')
    info = talk.ask(CM_NW_INFO_REQ(), CM_NW_INFO_CNF, _PATIENCE, mac)
    for one in info.message.networks() if info is not None else ():
        if one.role == 0 and any(one.coordinator):
            return fine('partner', f'its coordinator is {one.coordinator.hex(":")}')
    return note('partner', 'none, as long as no plug is in and SLAC has not matched')


def _text(version: Mme) -> str:
    return readable(bytes(version.message.Version))
