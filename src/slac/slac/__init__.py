# SPDX-License-Identifier: Apache-2.0
"""SLAC of ISO 15118-3: who is plugged into whom."""
