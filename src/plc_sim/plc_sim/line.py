# SPDX-License-Identifier: Apache-2.0
"""A power line with a modem at each outlet, in virtual time: what each host hears of the others.

The modems do what AR7420 and QCA7005 do in the field (lessons 5, 15, 17): they answer their own
host, pass SLAC between stations that share no key, measure sounds at a charger's end, restart when
they are given a key, and carry anything else only between modems that have the same one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
import heapq

from scapy.packet import Packet

from plc_modem.homeplug import BROADCAST, LOCAL_MODEM, MalformedMme, Mme, build, dissect
from plc_modem.homeplug.attributes import (
    LOCAL_KEY,
    VS_NW_INFO_REQ,
    VS_OP_ATTRIBUTES_REQ,
    VS_SET_KEY_CNF,
    VS_SET_KEY_REQ,
)
from plc_modem.homeplug.keys import nid_of
from plc_modem.homeplug.matching import (
    CM_AMP_MAP_CNF,
    CM_AMP_MAP_REQ,
    CM_ATTEN_CHAR_IND,
    CM_ATTEN_CHAR_RSP,
    CM_ATTEN_PROFILE_IND,
    CM_MNBC_SOUND_IND,
    CM_SLAC_MATCH_CNF,
    CM_SLAC_MATCH_REQ,
    CM_SLAC_PARM_CNF,
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
    CM_VALIDATE_CNF,
    CM_VALIDATE_REQ,
)
from plc_modem.homeplug.module import VS_MODULE_OPERATION_REQ
from plc_modem.homeplug.station import (
    CM_GET_KEY_CNF,
    CM_GET_KEY_REQ,
    CM_NW_INFO_CNF,
    CM_NW_INFO_REQ,
    CM_SET_KEY_CNF,
    CM_SET_KEY_REQ,
    VS_FAC_DEFAULTS_CNF,
    VS_FAC_DEFAULTS_REQ,
    VS_LNK_STATUS_CNF,
    VS_LNK_STATUS_REQ,
    VS_RS_DEV_CNF,
    VS_RS_DEV_REQ,
    VS_SW_VER_CNF,
    VS_SW_VER_REQ,
)
from plc_modem.pib import Role
from plc_sim import told
from plc_sim.channel import Channel, Settings
from plc_sim.parameters import ModemMemory
from plc_sim.power import SIM_RESTARTED_IND

read = lru_cache(maxsize=512)(dissect)  # hosts ask their modems the same again and again

_INVALID_PKS = 0x11  # status of VS_SET_KEY.CNF
_VERSION_ROOM = 274  # octets behind the length of a firmware's name, as a QCA7420 answers
FIRMWARE = b'MAC-QCA7420-1.4.0.20-00-20171027-CS (simulated)'

# A vehicle's modem gives its host only what chargers say, and the other way round.
_FOR_VEHICLES = (CM_SLAC_PARM_CNF, CM_ATTEN_CHAR_IND, CM_VALIDATE_CNF, CM_SLAC_MATCH_CNF)
_FOR_CHARGERS = (
    CM_SLAC_PARM_REQ,
    CM_START_ATTEN_CHAR_IND,
    CM_MNBC_SOUND_IND,
    CM_ATTEN_CHAR_RSP,
    CM_VALIDATE_REQ,
    CM_SLAC_MATCH_REQ,
)
_FOR_BOTH = (CM_AMP_MAP_REQ, CM_AMP_MAP_CNF)
_PASSED: dict[Role, tuple[type[Packet], ...]] = {
    Role.PEV: _FOR_VEHICLES,
    Role.EVSE: _FOR_CHARGERS,
    Role.NONE: (),  # as sold, a modem keeps SLAC to itself
    Role.MIXED: (),
}


@dataclass(frozen=True)
class Deliver:
    """Hand this frame to the host at this outlet."""

    outlet: str
    octets: bytes


@dataclass(eq=False)
class Outlet:
    """One end of the line and the modem at it; addresses as lower-case hex with colons."""

    name: str
    mac: str  # of the modem
    charger: bool  # the role that its PIB is given first
    place: int = 0  # where in the row of parking spaces; a cable joins those of one place
    host: str = ''  # learned from the frames it sends
    back_at: float | None = None  # restarting until then
    memory: ModemMemory = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.memory = ModemMemory(self.mac, Role.EVSE if self.charger else Role.PEV)

    @property
    def role(self) -> Role:
        """What its PIB makes of it: one in an AVLN must be a charger's, the coordinator."""
        return self.memory.role

    @property
    def network(self) -> tuple[bytes, bytes]:
        """The NMK and NID that its PIB holds."""
        return self.memory.nmk, self.memory.nid

    @property
    def station(self) -> told.Station:
        """As others in its AVLN see it."""
        return told.Station(self.mac, self.host, self.role is Role.EVSE)

    @property
    def up(self) -> bool:
        return self.back_at is None


class Line:
    """Knows neither clock nor socket; `routes` tells between which outlets IP may pass now."""

    def __init__(
        self,
        outlets: Iterable[Outlet],
        settings: Settings,
        entropy: Callable[[int], bytes],
    ) -> None:
        """`entropy(n)` returns n random octets: first keys, and what the line loses."""
        self.settings = settings
        self.outlets = {outlet.name: outlet for outlet in outlets}
        self.routes: dict[str, tuple[str, ...]] = {}
        self._entropy = entropy
        self._channel = Channel(settings, entropy)
        self._coming: list[tuple[float, int, Deliver]] = []  # what the line has delayed
        self._delayed = 0
        for outlet in self.outlets.values():
            self._give_key(outlet, entropy(16))
        self._find_routes()

    @property
    def deadline(self) -> float | None:
        """When tick() is due: a modem comes back, or a delayed frame arrives."""
        times = [o.back_at for o in self.outlets.values() if o.back_at is not None]
        times += [self._coming[0][0]] if self._coming else []
        return min(times, default=None)

    def tick(self, now: float) -> list[Deliver]:
        """Let modems come back from their restart, and delayed frames arrive."""
        self._wake(now)
        arrived = []
        while self._coming and self._coming[0][0] <= now:
            arrived.append(heapq.heappop(self._coming)[2])
        return arrived

    def _wake(self, now: float) -> None:
        for outlet in self.outlets.values():
            if outlet.back_at is not None and now >= outlet.back_at:
                outlet.back_at = None
                self._find_routes()

    def receive(self, name: str, octets: bytes, now: float) -> list[Deliver]:
        """Take a HomePlug frame from the host at an outlet; nonsense goes nowhere."""
        outlet = self.outlets[name]
        try:
            mme = read(octets)
        except MalformedMme:
            return []
        self._wake(now)
        if not outlet.up:
            return []
        outlet.host = mme.source
        delivered = self._to_modems(outlet, mme, now)
        if isinstance(mme.message, (*_FOR_VEHICLES, *_FOR_CHARGERS, *_FOR_BOTH)):
            delivered += self._to_others(outlet, mme, octets, now)
        return delivered

    def lost(self) -> bool:
        """Draw whether the line loses a frame."""
        return self._channel.lost()

    def _to_modems(self, outlet: Outlet, mme: Mme, now: float) -> list[Deliver]:
        """Ask the local modem, and with a broadcast those of its AVLN."""
        asked = []
        if mme.destination in (LOCAL_MODEM, outlet.mac, BROADCAST):
            asked.append(outlet)
        asked += [
            self.outlets[other]
            for other in self.routes[outlet.name]
            if mme.destination in (BROADCAST, self.outlets[other].mac)
        ]
        answers = ((modem, self._answer(modem, outlet, mme.message, now)) for modem in asked)
        return [
            Deliver(outlet.name, build(Mme(mme.source, modem.mac, answer)))
            for modem, answer in answers
            if answer is not None
        ]

    def _answer(self, modem: Outlet, asking: Outlet, message: Packet, now: float) -> Packet | None:
        local = modem is asking
        match message:
            case VS_SW_VER_REQ():
                version = FIRMWARE + b'\0'
                rest = bytes(_VERSION_ROOM - len(version))
                return VS_SW_VER_CNF(DeviceID=0x20, Version=version, Rest=rest)
            case CM_GET_KEY_REQ(NetworkID=nid):
                return _key_told(modem, local and nid == modem.memory.nid)
            case CM_SET_KEY_REQ(NetworkID=nid, NewKey=nmk) if local:
                self._give_key(modem, nmk, nid)
                self._restart(modem, now)
                return CM_SET_KEY_CNF(Result=1, YourNonce=message.MyNonce, PID=4)
            case VS_SET_KEY_REQ() if local:
                return self._set_key(modem, message, now)
            case VS_OP_ATTRIBUTES_REQ() if local:
                return told.attributes(message, FIRMWARE)
            case VS_NW_INFO_REQ() if local:
                others = (self.outlets[other].station for other in self.routes[modem.name])
                return told.networks(modem.memory.nid, modem.station, others)
            case VS_LNK_STATUS_REQ() if local:
                return VS_LNK_STATUS_CNF(LinkStatus=int(bool(self.routes[modem.name])))
            case CM_NW_INFO_REQ() if local:
                return CM_NW_INFO_CNF(Networks=self._networks(modem))
            case VS_MODULE_OPERATION_REQ() if local:
                return modem.memory.answer(message)
            case VS_RS_DEV_REQ() if local:
                self._restart(modem, now)
                return VS_RS_DEV_CNF()
            case SIM_RESTARTED_IND() if local:
                self._give_key(modem, self._entropy(16))
                self._restart(modem, now)
            case VS_FAC_DEFAULTS_REQ() if local:
                modem.memory.forget()
                self._give_key(modem, self._entropy(16))
                self._restart(modem, now)
                return VS_FAC_DEFAULTS_CNF()
        return None

    def _to_others(self, outlet: Outlet, mme: Mme, octets: bytes, now: float) -> list[Deliver]:
        delivered = []
        for other in self.outlets.values():
            wanted = mme.destination in (BROADCAST, other.host)
            if other is outlet or not other.up or not wanted:
                continue
            for delay in self._channel.arrivals(abs(outlet.place - other.place)):
                heard = self._heard(outlet, other, mme, octets)
                delivered += self._now_or_later(heard, delay, now)
        return delivered

    def _heard(self, sender: Outlet, listener: Outlet, mme: Mme, octets: bytes) -> list[Deliver]:
        """What a listener's host gets of a frame: the frame, and how weak its modem heard it."""
        heard = []
        passed = _PASSED[listener.role] + _FOR_BOTH
        if isinstance(mme.message, passed):
            heard.append(Deliver(listener.name, octets))
        if isinstance(mme.message, CM_MNBC_SOUND_IND) and listener.role is Role.EVSE:
            heard.append(self._measure(sender, listener, mme.source))
        return heard

    def _now_or_later(self, heard: list[Deliver], delay: float, now: float) -> list[Deliver]:
        if not delay:
            return heard
        for one in heard:
            self._delayed += 1
            heapq.heappush(self._coming, (now + delay, self._delayed, one))
        return []

    def _measure(self, sender: Outlet, listener: Outlet, vehicle: str) -> Deliver:
        groups = self._channel.profile(abs(sender.place - listener.place))
        message = CM_ATTEN_PROFILE_IND(PEVMAC=vehicle, Groups=groups)
        return Deliver(listener.name, build(Mme(BROADCAST, listener.mac, message)))

    def _give_key(self, modem: Outlet, nmk: bytes, nid: bytes = b'') -> None:
        modem.memory.take_key(nmk, nid or nid_of(nmk))

    def _set_key(self, modem: Outlet, asked: VS_SET_KEY_REQ, now: float) -> VS_SET_KEY_CNF:
        """The vendor's own way to a key; for another modem by its DAK it is refused here."""
        if asked.PayloadEncKeySelect != LOCAL_KEY:
            return VS_SET_KEY_CNF(Status=_INVALID_PKS)
        self._give_key(modem, asked.NMK)
        self._restart(modem, now)
        return VS_SET_KEY_CNF()

    def _networks(self, modem: Outlet) -> bytes:
        """What CM_NW_INFO.CNF says of the AVLN that a modem is in; alone, of none."""
        coordinators = [self.outlets[o] for o in self.routes[modem.name]] + [modem]
        at = next((one for one in coordinators if one.role is Role.EVSE), None)
        if at is None or not self.routes[modem.name]:
            return b''
        role = 2 if at is modem else 0
        tei, mac = 1 + (at is not modem), bytes.fromhex(at.mac.replace(':', ''))
        return modem.memory.nid + bytes([0, tei, role]) + mac + bytes(2)

    def _restart(self, modem: Outlet, now: float) -> None:
        modem.memory.start()
        modem.back_at = now + self.settings.restart_time
        self._find_routes()

    def _find_routes(self) -> None:
        self.routes = {
            outlet.name: tuple(o.name for o in self.outlets.values() if _joined(outlet, o))
            for outlet in self.outlets.values()
        }


def _joined(one: Outlet, other: Outlet) -> bool:
    same = one.network == other.network
    coordinated = Role.EVSE in (one.role, other.role)
    return one is not other and one.up and other.up and same and coordinated


def _key_told(modem: Outlet, own: bool) -> Packet:
    """Only the modem's own host learns the key, if it knows the network."""
    key = modem.memory.nmk if own else bytes(16)
    return CM_GET_KEY_CNF(Result=int(not own), NetworkID=modem.memory.nid, Key=key)
