# SPDX-License-Identifier: Apache-2.0
"""Ways to a modem: each sends octets, and tells octets that came, in a thread of its own."""
