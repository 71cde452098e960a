# SPDX-License-Identifier: Apache-2.0
"""Times of recordings as dates, where they are such."""

from datetime import UTC, datetime

# A recorder without a calendar counts from its start; what a damaged file says may be anything.
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC).timestamp()
LATEST = float(2**31)  # in January 2038: a stamp of ROS holds no later one


def utc(time: float) -> datetime | None:
    """Return the date of a time in s since 1970; None where it can be none."""
    return datetime.fromtimestamp(time, UTC) if EARLIEST <= time < LATEST else None
