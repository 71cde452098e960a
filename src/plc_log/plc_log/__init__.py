# SPDX-License-Identifier: Apache-2.0
"""Offline analysis of charging sessions: bags, captures, timelines."""
