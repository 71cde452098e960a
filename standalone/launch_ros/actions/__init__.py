# SPDX-License-Identifier: Apache-2.0
"""Nodes, and what is set for the nodes of a scope."""

from dataclasses import dataclass
from typing import Any

from launch.description import Action
from launch.substitutions import perform

from launch_ros.actions.node import Node, below
from launch_ros.parameters import evaluate

__all__ = ['LifecycleNode', 'Node', 'PushRosNamespace', 'SetParameter', 'SetRemap']


class LifecycleNode(Node):
    """A node with a life cycle; it starts unconfigured."""

    def __init__(self, *, name: Any, namespace: Any, **kwargs: Any) -> None:
        super().__init__(name=name, namespace=namespace, **kwargs)


@dataclass(eq=False)
class PushRosNamespace(Action):
    """Puts what follows in the scope below a namespace."""

    namespace: Any

    def execute(self, context: Any) -> None:
        known = context.launch_configurations
        base, pushed = known.get('ros_namespace'), perform(context, self.namespace)
        known['ros_namespace'] = below(base, pushed)


@dataclass(eq=False)
class SetParameter(Action):
    """Gives each node that follows a parameter.

    The list is shared with the outer scope once that has one, as the genuine one is.
    """

    name: Any
    value: Any

    def execute(self, context: Any) -> None:
        known = context.launch_configurations.setdefault('global_params', [])
        known.extend(evaluate(context, {perform(context, self.name): self.value}).items())


@dataclass(eq=False)
class SetRemap(Action):
    """Gives each node that follows a remapping."""

    src: Any
    dst: Any

    def execute(self, context: Any) -> None:
        known = context.launch_configurations.setdefault('ros_remaps', [])
        known.append((perform(context, self.src), perform(context, self.dst)))
