# SPDX-License-Identifier: Apache-2.0
"""Nodes, and what is set for the nodes of a scope."""

from __future__ import annotations

from typing import Any

from launch.action import Action
from launch.substitutions import normalize, perform

from launch_ros.actions.node import Node, absolute, prefixed
from launch_ros.parameters import evaluate

__all__ = ['LifecycleNode', 'Node', 'PushRosNamespace', 'SetParameter', 'SetRemap']


class LifecycleNode(Node):
    """A node with a life cycle; it starts unconfigured."""

    def __init__(self, *, name: Any, namespace: Any, **kwargs: Any) -> None:
        super().__init__(name=name, namespace=namespace, **kwargs)


class PushRosNamespace(Action):
    """Puts what follows in the scope below a namespace."""

    def __init__(self, namespace: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.namespace = normalize(namespace)

    def execute(self, context: Any) -> None:
        base = context.launch_configurations.get('ros_namespace')
        pushed = absolute(prefixed(base, perform(context, self.namespace)))
        context.launch_configurations['ros_namespace'] = pushed


class SetParameter(Action):
    """Gives each node that follows a parameter.

    The list is shared with the outer scope once that has one, as the genuine one is.
    """

    def __init__(self, name: Any, value: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parameters = {name if isinstance(name, str) else tuple(name): value}

    def execute(self, context: Any) -> None:
        known = context.launch_configurations.setdefault('global_params', [])
        known.extend(evaluate(context, self.parameters).items())


class SetRemap(Action):
    """Gives each node that follows a remapping."""

    def __init__(self, src: Any, dst: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.src, self.dst = normalize(src), normalize(dst)

    def execute(self, context: Any) -> None:
        known = context.launch_configurations.setdefault('ros_remaps', [])
        known.append((perform(context, self.src), perform(context, self.dst)))
