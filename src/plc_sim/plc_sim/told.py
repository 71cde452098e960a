# SPDX-License-Identifier: Apache-2.0
"""What a simulated modem tells the tools of others of itself and of its AVLN."""

from collections.abc import Iterable
from dataclasses import dataclass
import struct

from plc_modem.homeplug.attributes import (
    VS_NW_INFO_CNF,
    VS_OP_ATTRIBUTES_CNF,
    VS_OP_ATTRIBUTES_REQ,
)

# Family, type, version (major, minor, composite, sustaining, build), date, release, kinds of
# memory and mains, MB of memory; the counters and gains behind them are 0 here.
_ATTRIBUTES = struct.Struct('<16s16s5I8s12s3xI35x')
_NETWORK = struct.Struct('<7s2xBB4xB6sB3xB5x')  # NID, SNID, TEI, role, coordinator, its TEI, count
_STATION = struct.Struct('<6sB3x6sHBxH2x')  # MAC, TEI, host behind it, rate out, coupling, rate in
_MEMORY = 16  # MB
_PHY_RATE = 10  # Mbit/s, of Green PHY
_NOBODY = 'ff:ff:ff:ff:ff:ff'


@dataclass(frozen=True)
class Station:
    """A modem in an AVLN; addresses as lower-case hex with colons, `host` empty: not learned."""

    mac: str
    host: str
    coordinates: bool


def attributes(asked: VS_OP_ATTRIBUTES_REQ, firmware: bytes) -> VS_OP_ATTRIBUTES_CNF:
    """Say what the modem is; `firmware` is named MAC-QCA7420-1.4.0.20-00-20171027-CS or alike."""
    kind, family, version, sustaining, date, release = firmware.split()[0].split(b'-')
    major, minor, composite, build = map(int, version.split(b'.'))
    numbers = (major, minor, composite, int(sustaining), build)
    told = _ATTRIBUTES.pack(family, kind, *numbers, date, release, _MEMORY)
    return VS_OP_ATTRIBUTES_CNF(Cookie=asked.Cookie, ReportType=asked.ReportType, Attributes=told)


def networks(nid: bytes, own: Station, others: Iterable[Station]) -> VS_NW_INFO_CNF:
    """Say who else is in the modem's AVLN; without anybody it is in none."""
    stations = list(others)
    at = next((one for one in (own, *stations) if one.coordinates), None)
    if at is None or not stations:
        return VS_NW_INFO_CNF(Networks=bytes(2))
    role = 2 if at is own else 0
    head = _NETWORK.pack(nid, 0, _tei(own), role, _octets(at.mac), _tei(at), len(stations))
    return VS_NW_INFO_CNF(Networks=bytes([0, 1]) + head + b''.join(map(_station, stations)))


def _station(one: Station) -> bytes:
    host = _octets(one.host or _NOBODY)
    return _STATION.pack(_octets(one.mac), _tei(one), host, _PHY_RATE, 0, _PHY_RATE)


def _tei(one: Station) -> int:
    """Return the number that an AVLN of two gives a modem: its coordinator is 1."""
    return 1 if one.coordinates else 2


def _octets(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(':', ''))
