# SPDX-License-Identifier: Apache-2.0
"""A QCA7005 in software: its registers and buffers, behind transfers on an SPI bus.

What it gives to the line and hears from there are frames. Keys and SLAC are the line's business;
only a restart is not: the modem then tells the line that it has forgotten its key.
"""

from collections import deque
from enum import Enum

from plc_modem.homeplug import LOCAL_MODEM, Mme, build
from plc_modem.qca7005 import registers
from plc_modem.qca7005.bursts import Splitter, to_host
from plc_modem.qca7005.registers import BUFFER, SIGNATURE, Cause, Register
from plc_sim.power import SIM_RESTARTED_IND

REBOOT_TIME = 0.3  # s after a reset in which it does not answer
_FLOATING = b'\xff'  # what a bus reads on which nothing drives
_STUCK_SPACE = 20  # octets
_READ_ONLY = {Register.WRBUF_SPC_AVA, Register.RDBUF_BYTE_AVA, Register.SIGNATURE}


class Fault(Enum):
    """What can be made to go wrong, once each."""

    SIGNATURE = 'signature'  # the next signature is read wrong
    SHORT = 'short'  # the next burst that holds a frame breaks off in its middle
    GARBAGE = 'garbage'  # the next frame has a start that is none
    STUCK = 'stuck'  # no write space until it is reset
    RESET = 'reset'  # it restarts, and does not answer for a while
    CPU_ON = 'cpu-on'  # it has restarted without having been away for long


class SoftwareQca7005:
    """Told the time and each transfer; `to_line` holds the frames it has given to the line."""

    def __init__(self, reboot_time: float = REBOOT_TIME) -> None:
        self.to_line: deque[bytes] = deque()
        self.lost = 0  # frames from the line for which there was no room
        self._reboot_time = reboot_time
        self._host = bytes(6)  # its MAC address, learned
        self._faults: list[Fault] = []
        self._back_at = 0.0
        self._for_host: bytes = b''
        self._start()

    @property
    def interrupt(self) -> bool:
        """The level of its INT line."""
        enabled = self._registers[Register.INTR_ENABLE]
        return bool(self._registers[Register.INTR_CAUSE] & enabled)

    def inject(self, fault: Fault, now: float) -> None:
        """Let something go wrong, now or at the next occasion."""
        match fault:
            case Fault.RESET:
                self._restart(now, self._reboot_time)
            case Fault.CPU_ON:
                self._restart(now, 0.0)
            case _:
                self._faults.append(fault)

    def hear(self, frame: bytes, now: float) -> None:
        """Take a frame of at most 1518 octets from the line for the host."""
        octets = to_host(frame)
        if now < self._back_at or len(self._for_host) + len(octets) > BUFFER:
            self.lost += 1
            return
        if self._due(Fault.GARBAGE):
            octets = octets[:4] + b'\xde\xad\xbe\xef' + octets[8:]
        self._for_host += octets
        self._raise(Cause.PKT_AVLBL)

    def transfer(self, octets: bytes, now: float) -> bytes:
        """Do one transfer; returns as many octets as it takes, whatever they are."""
        if now < self._back_at:
            return _FLOATING * len(octets)
        if len(octets) < registers.WORD:
            return bytes(len(octets))
        reads, address = registers.command(octets)
        if address is None:
            return self._burst(reads, octets, now)
        if address not in set(Register):
            self._raise(Cause.ADDR_ERR)
            return bytes(len(octets))
        return self._access(reads, Register(address), octets, now)

    def _burst(self, reads: bool, octets: bytes, now: float) -> bytes:
        length = len(octets) - registers.WORD
        announced, self._registers[Register.BFR_SIZE] = self._registers[Register.BFR_SIZE], 0
        if length != announced:
            self._raise(Cause.RDBUF_ERR if reads else Cause.WRBUF_ERR)
        elif reads:
            return bytes(registers.WORD) + self._read_out(length)
        else:
            self._take(octets[registers.WORD :])
        return bytes(len(octets))

    def _read_out(self, length: int) -> bytes:
        burst, self._for_host = self._for_host[:length], self._for_host[length:]
        if burst and self._due(Fault.SHORT):
            burst = burst[: len(burst) // 2]
        return burst.ljust(length, b'\0')

    def _take(self, burst: bytes) -> None:
        for frame in self._from_host.feed(burst):
            self._host = frame[6:12]
            self.to_line.append(frame)

    def _access(self, reads: bool, register: Register, octets: bytes, now: float) -> bytes:
        if reads:
            return registers.answer(octets, self._read(register))
        word = registers.word_after_command(octets)
        match register:
            case Register.SPI_CONFIG if word & registers.RESET:
                self._restart(now, self._reboot_time)
            case Register.INTR_CAUSE:
                self._registers[register] &= ~word
            case _ if register not in _READ_ONLY:
                self._registers[register] = word
        return bytes(len(octets))

    def _read(self, register: Register) -> int:
        match register:
            case Register.SIGNATURE:
                return SIGNATURE >> 1 if self._due(Fault.SIGNATURE) else SIGNATURE
            case Register.RDBUF_BYTE_AVA:
                return len(self._for_host)
            case Register.WRBUF_SPC_AVA:
                return _STUCK_SPACE if Fault.STUCK in self._faults else BUFFER
        return self._registers[register]

    def _start(self) -> None:
        self._registers = dict.fromkeys(Register, 0)
        self._for_host = b''
        self._from_host = Splitter(lead=0)
        self._raise(Cause.CPU_ON)

    def _restart(self, now: float, away: float) -> None:
        self._back_at = now + away
        self._faults = [fault for fault in self._faults if fault is not Fault.STUCK]
        self._start()
        told = Mme(LOCAL_MODEM, self._host.hex(':'), SIM_RESTARTED_IND())
        self.to_line.append(build(told))

    def _raise(self, cause: Cause) -> None:
        self._registers[Register.INTR_CAUSE] |= cause

    def _due(self, fault: Fault) -> bool:
        due = fault in self._faults
        if due:
            self._faults.remove(fault)
        return due
