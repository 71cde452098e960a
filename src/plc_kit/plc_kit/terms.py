# SPDX-License-Identifier: Apache-2.0
"""The lease of a command as it came (plc_msgs/Lease), for who obeys it."""

from plc_kit.clock import age
from plc_kit.lease import Terms
from plc_msgs.msg import Lease


def terms_of(lease: Lease) -> Terms:
    """Return what a command carries, its stamp as an age that counts from now."""
    return Terms(lease.session_id, lease.sequence, lease.valid_for, age(lease.stamp))
