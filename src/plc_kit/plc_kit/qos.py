# SPDX-License-Identifier: Apache-2.0
"""The QoS profiles of the graph, named once (docs/architecture.md has the table)."""

from rclpy.duration import Duration
from rclpy.qos import DurabilityPolicy, LivelinessPolicy, QoSProfile, ReliabilityPolicy

LIVELINESS_LEASE = 1.0  # s after which a dead node is known; renewed every two thirds of it

# Frames and V2G messages: as they come, none lost, none kept.
STREAM = QoSProfile(depth=64)

# The same for a bag's sake: a recorder that stands still for seconds misses none.
RECORD = QoSProfile(depth=1000)

# The present state of a node and no older one, given to whoever comes later; its publisher's death
# is noticed.
LATCHED = QoSProfile(
    depth=1,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
    liveliness=LivelinessPolicy.AUTOMATIC,
    liveliness_lease_duration=Duration(seconds=LIVELINESS_LEASE),
)

# To listen to LATCHED with room for what was not read yet: no state that passes is missed.
STATES = QoSProfile(
    depth=32,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
    liveliness=LivelinessPolicy.AUTOMATIC,
    liveliness_lease_duration=Duration(seconds=LIVELINESS_LEASE),
)

# Readings and commands: only the newest counts.
NEWEST = QoSProfile(depth=1)

# To listen to readings of whoever publishes them: asks for the least, which everybody offers.
HEARD = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)

# To listen to single messages of whoever publishes them, each as well as it is offered; deep, for
# a "no" may not push out another's "yes" that was not read yet.
ALARMS = (
    QoSProfile(depth=1000, durability=DurabilityPolicy.TRANSIENT_LOCAL),
    QoSProfile(depth=1000),
    QoSProfile(depth=1000, reliability=ReliabilityPolicy.BEST_EFFORT),
)

# What standard consumers of sensor_msgs expect.
READINGS = QoSProfile(depth=10)
