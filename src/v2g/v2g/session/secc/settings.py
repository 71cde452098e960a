# SPDX-License-Identifier: Apache-2.0
"""What a user may set on the charger's side."""

from dataclasses import dataclass

from plc_kit.setting import setting


@dataclass(frozen=True)
class SeccSettings:
    """Parameters of the session node with role evse."""

    timers: str = setting(
        'field', 'set of timer values (R26): field or standard', choices=('field', 'standard')
    )
    session_retries: int = setting(
        2, 'further attempts offered after a failure before current flowed (R5)', 0, 10
    )
    unplug_time: float = setting(
        2.0,
        's the plug must be seen out before a plug-in counts as a new one (R5); less than a'
        " vehicle's 3",
        0.0,
        60.0,
    )
    evse_id: str = setting('ZZ00000', 'EVSEID told to the vehicle, 1 to 32 characters')
    schedule_power: float = setting(
        0.0, 'W of the schedule told to the vehicle; 0: what the supply has', 0.0, 1e6
    )
    authorization: str = setting(
        'free',
        'who may charge (R17): free, service (charging/authorize says so), or EVCCIDs and MACs'
        ' of 12 hex digits between commas',
    )
    stop_patience: float = setting(
        5.0, 's that a vehicle has to stop after it was asked to', 0.5, 60.0
    )
