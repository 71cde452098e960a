# SPDX-License-Identifier: Apache-2.0
"""What the launch files of ros2_ccs share."""
