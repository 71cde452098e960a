# SPDX-License-Identifier: Apache-2.0
"""What a side asks for, offers and takes to secure the connection (R16)."""

from enum import StrEnum

from v2g.sdp import Security


class Policy(StrEnum):
    """What a side would take."""

    NONE = 'none'
    PREFER_TLS = 'prefer_tls'
    REQUIRE_TLS = 'require_tls'

    def asks(self) -> Security:
        """Tell what a vehicle asks for."""
        return Security.NONE if self is Policy.NONE else Security.TLS

    def takes(self, offered: Security) -> bool:
        """Tell whether a vehicle goes on with what a charger offers."""
        if self is Policy.PREFER_TLS:
            return True
        return offered is self.asks()

    def offers(self, asked: Security) -> Security:
        """Tell what a charger answers: never more than it has, nor more than was asked for."""
        if self is Policy.REQUIRE_TLS:
            return Security.TLS
        return asked if self is Policy.PREFER_TLS else Security.NONE
