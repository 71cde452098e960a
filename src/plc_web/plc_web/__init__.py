# SPDX-License-Identifier: Apache-2.0
"""The management page: a service of its own beside the graph."""
