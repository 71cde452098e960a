# SPDX-License-Identifier: Apache-2.0
"""HomePlug Green PHY modems: their frames, their ports, their node."""
