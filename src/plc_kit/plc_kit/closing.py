# SPDX-License-Identifier: Apache-2.0
"""A node that closes what it has opened, however far its start came."""

from contextlib import ExitStack
from typing import Any

from rclpy.node import Node


class ClosingNode(Node):
    """Has a stack of what is to be closed when it is destroyed, last opened first.

    rclpy of Kilted and later destroys the nodes of a context that is shut down, also one whose
    start was refused half-way. So each thing goes onto the stack as it is opened.
    """

    def __init__(self, *args: Any, **node_options: Any) -> None:
        self.closing = ExitStack()
        super().__init__(*args, **node_options)

    def destroy_node(self) -> None:
        """Close what is open, whatever complains, then leave the graph."""
        try:
            self.closing.close()
        finally:
            super().destroy_node()
