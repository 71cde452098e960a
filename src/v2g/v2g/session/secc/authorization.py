# SPDX-License-Identifier: Apache-2.0
"""May this vehicle charge here? Whoever knows says so (R17)."""


class Authorization:
    """Free, or waiting for a decision that holds for one connection."""

    def __init__(self, *, free: bool) -> None:
        self.pending, self.denied = not free, False
        self.reason = ''

    def decide(self, allowed: bool, reason: str = '') -> None:
        """Take the decision; a later one counts only while none was taken."""
        if self.pending:
            self.pending, self.denied = False, not allowed
            self.reason = reason or 'the vehicle is not authorised'
