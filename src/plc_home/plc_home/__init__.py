# SPDX-License-Identifier: Apache-2.0
"""What of a charge goes to the house: a callback by HTTP, and MQTT."""
