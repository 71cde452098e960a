# SPDX-License-Identifier: Apache-2.0
"""Partners and hardware that misbehave on command, and what a session has to make of it."""
