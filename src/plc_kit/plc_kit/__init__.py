# SPDX-License-Identifier: Apache-2.0
"""What every node of ros2_ccs adds to rclpy."""
