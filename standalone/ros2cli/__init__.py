# SPDX-License-Identifier: Apache-2.0
"""The slice of the command `ros2` that the package registries lack (README.md)."""
