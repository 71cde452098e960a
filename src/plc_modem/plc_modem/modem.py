# SPDX-License-Identifier: Apache-2.0
"""The host's view of its modem: found, given a key, restarted, joined with another (R22).

It is asked for its version again and again. The local one answers under its common address, which
no other hears; to a broadcast, those of the same AVLN answer too, and that is how an AVLN is seen.
Some never answer across the line (lesson 15): the local modem is asked for its link as well.
"""

from dataclasses import dataclass, replace

from scapy.packet import Packet

from plc_kit.readable import readable
from plc_modem.homeplug import BROADCAST, LOCAL_MODEM, Mme
from plc_modem.homeplug.keys import pseudonym
from plc_modem.homeplug.station import (
    CM_GET_KEY_CNF,
    CM_GET_KEY_REQ,
    CM_NW_INFO_CNF,
    CM_NW_INFO_REQ,
    CM_SET_KEY_CNF,
    CM_SET_KEY_REQ,
    NMK_KEY_TYPE,
    NONCE,
    PROTOCOL_HLE,
    VS_FAC_DEFAULTS_REQ,
    VS_LNK_STATUS_CNF,
    VS_LNK_STATUS_REQ,
    VS_RS_DEV_REQ,
    VS_SW_VER_CNF,
    VS_SW_VER_REQ,
)
from plc_modem.state import Modem, ModemState

SEARCH_INTERVAL = 0.5  # s between questions while no modem answers
WATCH_INTERVAL = 1.0  # s between questions while all is well
JOIN_INTERVAL = 0.05  # s between questions while the modem restarts and while the AVLN forms
JOIN_TIME = 20.0  # s after a restart in which the AVLN may form; a charger's took 7 (lesson 15)
VANISHED_AFTER = 5.0  # s without an answer: the modem is gone
LEFT_AFTER = 10.0  # s without an answer of the other modem: the AVLN is gone
KEY_ANSWER_TIME = 0.5  # s to wait for an answer about a key
RESTART_SETTLE = 0.25  # s after a key was taken in which an old AVLN may still answer
RESTART_TIME = 15.0  # s in which a restarted modem must be back
SET_KEY_TRIES = 5
SLEEPS_AFTER = 'it may sleep, as modems do about 30 s after the last coordinator was heard'
_SOMEBODY = ''  # in place of a MAC: the local modem sees its AVLN, whoever is in it
_STATION = 0  # role in an AVLN: another one is its coordinator
_QUESTIONS = (VS_LNK_STATUS_REQ, CM_NW_INFO_REQ, CM_GET_KEY_REQ)  # one each second
_KEYED = (ModemState.RESTARTING, ModemState.READY, ModemState.LINKED)


@dataclass(frozen=True)
class Send:
    """Put this frame on the wire to the modem."""

    mme: Mme


@dataclass(frozen=True)
class Changed:
    """Others should know."""

    modem: Modem


Event = Send | Changed


class ModemMachine:
    """Knows neither clock nor socket: `deadline` says when tick() is due."""

    def __init__(self, host: str, now: float, *, factory_defaults: bool = False) -> None:
        """`host`: MAC address of the interface the modem is at, lower-case hex with colons.

        `factory_defaults`: what may follow where a reset did not help; they take the PIB's role.
        """
        self._factory_defaults = factory_defaults
        self._failures = 0  # keys in a row that it did not take, five tries each
        self._questions = 0  # that were asked to look around
        # Before `modem`: the pseudonym of its network follows from theirs (journal).
        self._key: tuple[bytes, bytes] | None = None  # NMK and NID that are to be set
        self._taken: tuple[bytes, bytes] | None = None  # the last one that was set
        self.modem = Modem()
        self.deadline: float | None = now
        self._host = host
        self._tries = 0
        self._reading_back = False
        self._heard = now  # when the local modem last answered
        self._since = now  # when this state began
        self._worked_on = False  # somebody writes its flash, or has it start anew
        self._others: dict[str, float] = {}  # when each other modem last answered

    def set_key(self, nmk: bytes, nid: bytes, now: float) -> list[Event]:
        """Give the modem a key as soon as it is there; a newer one takes the place of an older.

        The one that it has is not set again, only who is in its AVLN is found out anew (R21).
        """
        in_use = self.modem.state in (ModemState.READY, ModemState.LINKED)
        if in_use and self._key is None and self._taken == (nmk, nid):
            return self._join_anew(self.modem, now)
        self._key, self._tries, self._reading_back = (nmk, nid), 0, False
        if self.modem.state in (ModemState.SEARCHING, ModemState.RESTARTING):
            return []  # as while it is worked on
        return self._ask_to_take_key(now)

    def restarted(self, now: float) -> list[Event]:
        """Take note that the modem has restarted by itself: the key it had may be gone."""
        if self._taken is None or self.modem.state not in _KEYED or self._worked_on:
            return []
        if self._key is None:
            self._key, self._tries = self._taken, 0
        return [] if self.modem.state is ModemState.RESTARTING else self._doubt_key(now)

    def work(self, now: float) -> list[Event]:
        """Leave the modem to somebody who writes its flash or has it start anew.

        Until work_ended() it is for nobody else, and nothing is asked of it: a key or a reset on a
        write into flash costs the modem, and its silence then is no sign of its end.
        """
        self._worked_on = True
        self._key = self._key or self._taken
        self._tries, self._reading_back = 0, False
        self._others.clear()
        away = replace(self.modem, state=ModemState.RESTARTING, network='', remote_macs=())
        events = self._change(replace(away, reason='the modem is being worked on'), now)
        self.deadline = None
        return events

    def work_ended(self, now: float) -> list[Event]:
        """See what the modem is now: it may have started anew, and its key may be gone."""
        if not self._worked_on:
            return []
        self._worked_on, self._heard = False, now
        return self._found(self.modem, now)

    def receive(self, mme: Mme, now: float) -> list[Event]:
        """Take a frame from the wire; what is not for this host is not looked at."""
        if mme.destination != self._host or self._worked_on:
            return []
        if mme.source == self.modem.mac:
            self._heard = now
        match mme.message:
            case VS_SW_VER_CNF(Version=version):
                return self._version(mme.source, version, now)
            case CM_SET_KEY_CNF(Result=result) if mme.source == self.modem.mac:
                return self._key_answered(result, now)
            case CM_GET_KEY_CNF(NetworkID=nid):
                return self._network_told(mme.source, nid, now)
            case VS_LNK_STATUS_CNF(Status=0, LinkStatus=1) if mme.source == self.modem.mac:
                return self._other_heard(_SOMEBODY, now)
            case CM_NW_INFO_CNF() if mme.source == self.modem.mac:
                return self._networks_told(mme.message, now)
        return []

    def tick(self, now: float) -> list[Event]:
        """Do what is due."""
        if self.deadline is None or now < self.deadline:
            return []
        match self.modem.state:
            case ModemState.SEARCHING:
                return [self._ask(VS_SW_VER_REQ(), now, SEARCH_INTERVAL)]
            case ModemState.SETTING_KEY:
                return self._no_answer_about_key(now)
            case ModemState.RESTARTING:
                return self._wait_for_restart(now)
        return self._watch(now)

    def _version(self, source: str, version: bytes, now: float) -> list[Event]:
        if source != (self.modem.mac or source):
            return self._other_heard(source, now)
        self._heard = now  # of one that was not known either
        firmware = readable(version)
        found = replace(self.modem, mac=source, firmware=firmware)
        match self.modem.state:
            case ModemState.SEARCHING:
                return self._found(found, now)
            case ModemState.RESTARTING if self._settled(now):
                return self._restarted(found, now)
            case ModemState.FAILED if self._settled(now):
                return self._change(replace(found, state=ModemState.FOUND), now)
        return self._change(found, now) if found != self.modem else []

    def _found(self, found: Modem, now: float) -> list[Event]:
        events = self._change(replace(found, state=ModemState.FOUND, reason=''), now)
        if self._key is None:
            return events
        again = self._key == self._taken
        return events + (self._doubt_key(now) if again else self._ask_to_take_key(now))

    def _restarted(self, found: Modem, now: float) -> list[Event]:
        if self._key is not None or self._taken is None:
            return self._found(found, now)  # another key came, it restarted again, or had none
        return self._join_anew(found, now)

    def _join_anew(self, modem: Modem, now: float) -> list[Event]:
        """It has its key; whoever answers from now on is in its AVLN."""
        self._others.clear()
        ready = replace(modem, state=ModemState.READY, remote_macs=(), reason='')
        return [*self._change(ready, now), *self._watch(now)]

    def _settled(self, now: float) -> bool:
        return now - self._since >= RESTART_SETTLE

    def _other_heard(self, source: str, now: float) -> list[Event]:
        if self.modem.state not in (ModemState.READY, ModemState.LINKED):
            return []
        self._others[source] = now
        return self._count_others(now)

    def _count_others(self, now: float) -> list[Event]:
        self._others = {m: t for m, t in self._others.items() if now - t < LEFT_AFTER}
        macs = tuple(sorted(self._others.keys() - {_SOMEBODY}))
        state = ModemState.LINKED if self._others else ModemState.READY
        counted = replace(self.modem, state=state, remote_macs=macs)
        if self.modem.state is ModemState.LINKED and not self._others:
            counted = replace(counted, reason='the other modem has left')
        return self._change(counted, now) if counted != self.modem else []

    def _ask_to_take_key(self, now: float) -> list[Event]:
        assert self._key is not None
        nmk, nid = self._key
        self._tries, self._reading_back = self._tries + 1, False
        request = CM_SET_KEY_REQ(
            KeyType=NMK_KEY_TYPE,
            MyNonce=NONCE,
            PID=PROTOCOL_HLE,
            NetworkID=nid,
            NewEncKeySelect=1,
            NewKey=nmk,
        )
        setting = replace(self.modem, state=ModemState.SETTING_KEY, network='', remote_macs=())
        events = self._change(setting, now) if setting != self.modem else []
        return [*events, self._ask(request, now, KEY_ANSWER_TIME)]

    def _key_answered(self, result: int, now: float) -> list[Event]:
        if self.modem.state is not ModemState.SETTING_KEY:
            return []
        if result == 1:  # HomePlug says rejected, every modem of the field means done (lesson 17)
            return self._key_set(now)
        return [] if self._reading_back else self._read_back(now)

    def _key_set(self, now: float) -> list[Event]:
        assert self._key is not None
        self._taken, self._key, self._failures = self._key, None, 0
        network = pseudonym(self._taken[0])
        events = self._change(
            replace(self.modem, state=ModemState.RESTARTING, network=network, reason=''), now
        )
        self.deadline = now + RESTART_SETTLE
        return events

    def _no_answer_about_key(self, now: float) -> list[Event]:
        if not self._reading_back:
            return self._read_back(now)
        if self._tries < SET_KEY_TRIES:
            return self._ask_to_take_key(now)
        return self._give_up_key(now)

    def _read_back(self, now: float) -> list[Event]:
        """Ask for the NID: only if it is ours the key was taken, whatever the answer said."""
        assert self._key is not None
        self._reading_back = True
        return [self._ask(CM_GET_KEY_REQ(NetworkID=self._key[1]), now, KEY_ANSWER_TIME)]

    def _doubt_key(self, now: float) -> list[Event]:
        """See whether the modem still has its key, before it would be restarted to take it."""
        doubted = replace(
            self.modem,
            state=ModemState.SETTING_KEY,
            network='',
            remote_macs=(),
            reason='the modem has restarted by itself',
        )
        self._others.clear()
        return [*self._change(doubted, now), *self._read_back(now)]

    def _network_told(self, source: str, nid: bytes, now: float) -> list[Event]:
        if source != self.modem.mac:
            return self._other_heard(source, now)
        if self.modem.state is not ModemState.SETTING_KEY or not self._reading_back:
            return []
        if self._key is not None and nid == self._key[1]:
            return self._key_set(now)
        return self._no_answer_about_key(now)

    def _networks_told(self, message: CM_NW_INFO_CNF, now: float) -> list[Event]:
        """A station's coordinator is in its AVLN; a coordinator is not told of its stations."""
        events: list[Event] = []
        for one in message.networks():
            ours = self._taken is not None and one.nid == self._taken[1]
            if ours and one.role == _STATION and any(one.coordinator):
                events += self._other_heard(one.coordinator.hex(':'), now)
        return events

    def _give_up_key(self, now: float) -> list[Event]:
        """Reset the modem; the second time, where that is allowed, to its factory defaults."""
        self._failures += 1
        last = self._factory_defaults and self._failures > 1
        what = 'reset to its factory defaults' if last else 'reset'
        reason = f'the modem did not take the key in {SET_KEY_TRIES} tries; it was {what}'
        self._key, self._taken, self._reading_back = None, None, False
        request = VS_FAC_DEFAULTS_REQ() if last else VS_RS_DEV_REQ()
        reset = Send(Mme(LOCAL_MODEM, self._host, request))
        failed = replace(self.modem, state=ModemState.FAILED, reason=reason)
        return [reset, *self._change(failed, now)]

    def _wait_for_restart(self, now: float) -> list[Event]:
        if now - self._since < RESTART_TIME:
            return [self._ask(VS_SW_VER_REQ(), now, JOIN_INTERVAL)]
        return self._vanish('the modem did not come back from its restart', now)

    def _watch(self, now: float) -> list[Event]:
        if now - self._heard >= VANISHED_AFTER:
            return self._lose(now)
        events = self._count_others(now) if self.modem.state is ModemState.LINKED else []
        forming = self.modem.state is ModemState.READY and now - self._since < JOIN_TIME
        interval = JOIN_INTERVAL if forming else WATCH_INTERVAL
        to = self._whom()
        events.append(
            self._ask(VS_SW_VER_REQ(), now, interval, to=to)
        )  # first: it names the other
        if to == BROADCAST and self._taken is not None:
            events.append(self._look_around(self._taken[1]))
        return events

    def _look_around(self, nid: bytes) -> Send:
        """Look for another modem in the AVLN by something else than versions."""
        question: type[Packet] = _QUESTIONS[self._questions % len(_QUESTIONS)]
        self._questions += 1
        if question is CM_GET_KEY_REQ:  # a remote modem refuses, and so tells that it is there
            return Send(Mme(BROADCAST, self._host, CM_GET_KEY_REQ(NetworkID=nid)))
        return Send(Mme(LOCAL_MODEM, self._host, question()))

    def _lose(self, now: float) -> list[Event]:
        """Tell that it is silent, and reset it: one that hangs may still hear that.

        One in an AVLN may carry a session, whatever it answers; a reset would end that.
        """
        reason = 'the modem does not answer any more'
        if self.modem.state is ModemState.LINKED:
            return self._vanish(reason, now)
        reset = Send(Mme(LOCAL_MODEM, self._host, VS_RS_DEV_REQ()))
        return [reset, *self._vanish(f'{reason}; {SLEEPS_AFTER}', now)]

    def _whom(self) -> str:
        in_network = self.modem.state in (ModemState.READY, ModemState.LINKED)
        return BROADCAST if in_network else LOCAL_MODEM

    def _vanish(self, reason: str, now: float) -> list[Event]:
        self._key, self._taken, self._reading_back = None, None, False
        self._others.clear()
        gone = Modem(state=ModemState.SEARCHING, reason=reason)
        return [*self._change(gone, now), self._ask(VS_SW_VER_REQ(), now, SEARCH_INTERVAL)]

    def _change(self, modem: Modem, now: float) -> list[Event]:
        if modem.state is not self.modem.state:
            self._since, self.deadline = now, now + WATCH_INTERVAL
        self.modem = modem
        return [Changed(modem)]

    def _ask(self, request: Packet, now: float, patience: float, to: str = LOCAL_MODEM) -> Send:
        self.deadline = now + patience
        return Send(Mme(to, self._host, request))
