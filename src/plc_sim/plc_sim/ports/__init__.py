# SPDX-License-Identifier: Apache-2.0
"""The simulated line's ends of real interfaces."""
