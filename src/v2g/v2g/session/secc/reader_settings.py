# SPDX-License-Identifier: Apache-2.0
"""What a user may set where an AC wallbox reads a vehicle's state of charge (R18)."""

from dataclasses import dataclass

from plc_kit.setting import setting


@dataclass(frozen=True)
class ReaderSettings:
    """Parameters of the session node with mode soc_reader; the limits are what it tells."""

    reader_timeout: float = setting(
        60.0, 's from 5 % duty after which the vehicle charges AC without having told', 5.0, 600.0
    )
    evse_id: str = setting('ZZ00000', 'EVSEID told to the vehicle, 1 to 32 characters')
    max_voltage: float = setting(1000.0, 'V told to the vehicle', 60.0, 1500.0)
    min_voltage: float = setting(150.0, 'V told to the vehicle', 0.0, 1500.0)
    max_current: float = setting(200.0, 'A told to the vehicle', 1.0, 1000.0)
    min_current: float = setting(1.0, 'A told to the vehicle', 0.0, 1000.0)
    max_power: float = setting(30_000.0, 'W told to the vehicle', 1.0, 1e6)
