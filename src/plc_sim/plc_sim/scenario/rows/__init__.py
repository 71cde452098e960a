# SPDX-License-Identifier: Apache-2.0
"""The table of scenarios. What a row expects comes from docs/rules.md, never from what happens."""
