# SPDX-License-Identifier: Apache-2.0
"""The parameter services of a node."""

from __future__ import annotations

from typing import Any

from rclpy.node import Node

from ros2cli.graph import node, node_names, spin, until


def absolute(name: str) -> str:
    """Return a node's name with its leading slash."""
    return name if name.startswith('/') else f'/{name}'


def ask(name: str, kind: Any, service: str, request: Any) -> Any:
    """Return what a node's parameter service answers."""
    with node() as own:
        if not until(lambda: absolute(name) in node_names(own, with_hidden=True)):
            raise RuntimeError('Node not found')
        response = call(own, absolute(name), kind, service, request)
    if response is None:
        raise RuntimeError('Exception while calling service: no answer')
    return response


def call(own: Node, name: str, kind: Any, service: str, request: Any) -> Any:
    """Call one service of a node; None where it has none."""
    client = own.create_client(kind, f'{name}/{service}')
    if not client.wait_for_service(1.0):
        return None
    future = client.call_async(request)
    spin(own, lambda: not future.done())
    return future.result()
