# SPDX-License-Identifier: Apache-2.0
"""Everything that charging/state tells, field by field."""

from dataclasses import dataclass
from math import nan

from v2g.session.stage import Stage


@dataclass(slots=True)
class SessionState:
    """plc_msgs/ChargingState without its stamp; same names, same units."""

    role: str
    stage: Stage = Stage.IDLE
    checkpoint: int = 0
    protocol: str = ''
    session_id: bytes = b''
    evcc_id: str = ''
    evse_id: str = ''
    attempt: int = 0
    active: bool = False
    soc: float = nan
    present_voltage: float = nan
    present_current: float = nan
    target_voltage: float = nan
    target_current: float = nan
    energy: float = 0.0
    remaining_time: float = nan
    vehicle_max_voltage: float = nan
    vehicle_max_current: float = nan
    vehicle_max_power: float = nan
    charger_max_voltage: float = nan
    charger_min_voltage: float = nan
    charger_max_current: float = nan
    charger_min_current: float = nan
    charger_max_power: float = nan
    charger_status: str = ''
    charger_notification: str = ''
    isolation: str = ''
    response_code: str = ''
    vehicle_error: str = ''
    error: str = ''
    reason: str = ''

    def rest(self) -> None:
        """Nothing flows and nothing is asked for any more: what was so only then is not known."""
        self.present_voltage = self.present_current = self.remaining_time = nan
        self.target_voltage = self.target_current = nan
