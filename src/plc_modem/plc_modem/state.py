# SPDX-License-Identifier: Apache-2.0
"""What others know of a modem: its state and its addresses, as values."""

from dataclasses import dataclass
from enum import IntEnum

from plc_modem import firmware


class ModemState(IntEnum):
    """As plc_msgs/ModemStatus numbers them; a number that is none of them: FAILED."""

    NONE = 0
    SEARCHING = 1
    FOUND = 2
    SETTING_KEY = 3
    RESTARTING = 4
    READY = 5
    LINKED = 6
    FAILED = 7
    INACTIVE = 8

    @classmethod
    def _missing_(cls, value: object) -> 'ModemState':
        return cls.FAILED


@dataclass(frozen=True)
class Modem:
    """One look at a modem; addresses as lower-case hex with colons, empty: unknown."""

    state: ModemState = ModemState.SEARCHING
    mac: str = ''
    firmware: str = ''
    remote_macs: tuple[str, ...] = ()  # of the other modems in its AVLN
    network: str = ''  # pseudonym of the key that is set
    reason: str = ''

    @property
    def warning(self) -> str:
        """What is known to be bad about its firmware (lesson 23)."""
        return firmware.warning(self.firmware)

    @property
    def answers(self) -> bool:
        """Whether the modem takes frames now."""
        return self.state in (ModemState.FOUND, ModemState.READY, ModemState.LINKED)
