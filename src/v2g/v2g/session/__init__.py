# SPDX-License-Identifier: Apache-2.0
"""The charging session of both sides: a common core, and DIN 70121 as its first dialect (R28)."""
