# SPDX-License-Identifier: Apache-2.0
"""A simulated power line, vehicle and power supply."""
