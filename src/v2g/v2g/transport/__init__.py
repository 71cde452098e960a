# SPDX-License-Identifier: Apache-2.0
"""The sockets of SDP and TCP."""
