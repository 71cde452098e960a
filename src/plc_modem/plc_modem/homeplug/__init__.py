# SPDX-License-Identifier: Apache-2.0
"""HomePlug AV and Green PHY management messages (MME), as layers of scapy.

Importing this binds them all, so that scapy's own `rdpcap()` dissects a capture to the end.
"""

from plc_modem.homeplug.frame import (
    BROADCAST,
    HOMEPLUG,
    LOCAL_MODEM,
    MalformedMme,
    Mme,
    build,
    dissect,
    is_homeplug,
    is_of_slac,
)

__all__ = [
    'BROADCAST',
    'HOMEPLUG',
    'LOCAL_MODEM',
    'MalformedMme',
    'Mme',
    'build',
    'dissect',
    'is_homeplug',
    'is_of_slac',
]
