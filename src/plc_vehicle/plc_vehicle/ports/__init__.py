# SPDX-License-Identifier: Apache-2.0
"""Hardware: GPIO lines and a CAN bus."""
