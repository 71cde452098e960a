# SPDX-License-Identifier: Apache-2.0
"""SDP, V2GTP, EXI and the charging session of DIN 70121."""
