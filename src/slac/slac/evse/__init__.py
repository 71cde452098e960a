# SPDX-License-Identifier: Apache-2.0
"""The charger's side of matching."""
