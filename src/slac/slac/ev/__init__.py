# SPDX-License-Identifier: Apache-2.0
"""The vehicle's side of matching."""
