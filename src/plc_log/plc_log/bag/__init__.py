# SPDX-License-Identifier: Apache-2.0
"""rosbag2 folders in MCAP: written so that a kill costs a second at most, read even then."""
