# SPDX-License-Identifier: Apache-2.0
"""The ways out: HTTP and MQTT, each in a thread of its own."""
