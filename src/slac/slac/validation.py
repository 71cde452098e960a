# SPDX-License-Identifier: Apache-2.0
"""What the result of a CM_VALIDATE message means (ISO 15118-3, table A.5)."""

from enum import IntEnum


class Result(IntEnum):
    """The same octet in request and answer."""

    NOT_READY = 0
    READY = 1
    SUCCESS = 2
    FAILURE = 3
    NOT_REQUIRED = 4
