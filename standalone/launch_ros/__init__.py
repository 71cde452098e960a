# SPDX-License-Identifier: Apache-2.0
"""The slice of ROS 2's `launch_ros` that launch files here use (README.md)."""
