# SPDX-License-Identifier: Apache-2.0
"""A session as one HTML page that needs nothing else."""
