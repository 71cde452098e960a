# SPDX-License-Identifier: Apache-2.0
"""Nodes, and what is set for the nodes of a scope; the genuine package tells what each does."""

from collections import Counter
from collections.abc import Iterable
import os
import re
from typing import Any

from launch.actions import ExecuteProcess
from launch.entities import Action, action
from launch.output import say
from launch.substitution import Some, Substitution, normalize, one_of, perform

from launch_ros.parameters import evaluate, normalized, of_dict, write_file
from launch_ros.substitutions import ExecutableInPackage

NAMES: Counter[str] = Counter()


@action
def PushRosNamespace(context: Any, namespace: Some) -> None:
    known, pushed = context.launch_configurations, perform(context, namespace)
    known['ros_namespace'] = _below(known.get('ros_namespace'), pushed)


PushROSNamespace = PushRosNamespace


class SetParameter(Action):
    """Sets a parameter of the nodes that come after it in its scope."""

    def __init__(self, name: Any, value: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._parameter = of_dict({tuple(normalize(name)): value})

    def execute(self, context: Any) -> None:
        # the list is shared with the outer scope once that has one, as the genuine one is
        known = context.launch_configurations.setdefault('global_params', [])
        known.extend(evaluate(context, self._parameter).items())


@action
def SetRemap(context: Any, src: Some, dst: Some) -> None:
    known = context.launch_configurations.setdefault('ros_remaps', [])
    known.append((perform(context, src), perform(context, dst)))


class Node(ExecuteProcess):
    """An executable of a package, with name, namespace, parameters and remappings."""

    def __init__(
        self,
        *,
        package: Any,
        executable: Any,
        name: Any = None,
        namespace: Any = None,
        exec_name: Any = None,
        parameters: list[Any] | None = None,
        remappings: Iterable[tuple[Any, Any]] | None = None,
        ros_arguments: list[Any] | None = None,
        arguments: Iterable[Any] | None = None,
        **kwargs: Any,
    ) -> None:
        cmd = [ExecutableInPackage(package=package, executable=executable)]
        cmd += [] if arguments is None else arguments
        cmd += [] if ros_arguments is None else ['--ros-args'] + ros_arguments  # noqa: RUF005
        self._parameters = [] if parameters is None else normalized(parameters)
        super().__init__(cmd=[*cmd, '--ros-args'], name=exec_name, **kwargs)
        self._name, self._namespace = name, namespace
        self._remappings = [_remapping(rule) for rule in remappings or ()]

    def execute(self, context: Any) -> None:
        known = context.launch_configurations
        name = None if self._name is None else perform(context, self._name)
        own = None if self._namespace is None else perform(context, self._namespace)
        namespace = _below(known.get('ros_namespace'), own)
        _look_at_names(name, namespace)
        self.node_name = f'{namespace or ""}/{name}'.replace('//', '/')
        named = self.node_name if name and namespace else '/**'
        for key, value in (('__node', name), ('__ns', namespace)):
            self.cmd += [] if value is None else ['-r', f'{key}:={value}']
        for key, value in known.get('global_params', []):
            self.cmd += ['-p', f'{key}:={value}']
        for parameter in self._parameters:
            self.cmd += _parameter(context, parameter, named)
        own = [(perform(context, a), perform(context, b)) for a, b in self._remappings]
        for source, target in [*known.get('ros_remaps', []), *own]:
            self.cmd += ['-r', f'{source}:={target}']
        super().execute(context)
        NAMES[named] += 1
        if named != '/**' and NAMES[named] > 1:
            many = f'{NAMES[named]} nodes with the name {named}'
            text = f'there are now at least {many} created within this launch context'
            say(self.process_name, text, 'WARNING')


class LifecycleNode(Node):
    """A node with a life cycle; it starts unconfigured."""

    def __init__(self, *, name: Any, namespace: Any, **kwargs: Any) -> None:
        super().__init__(name=name, namespace=namespace, **kwargs)


def _look_at_names(name: str | None, namespace: str | None) -> None:
    """Refuse names that cannot be, as rclpy words it; it costs 0.13 s to import."""
    if not re.fullmatch(r'[A-Za-z_]\w*', name or 'a', re.ASCII):
        from rclpy.validate_node_name import validate_node_name

        validate_node_name(name)
    if not re.fullmatch(r'/|(/[A-Za-z_]\w*)+', namespace or '/', re.ASCII):
        from rclpy.validate_namespace import validate_namespace

        validate_namespace(namespace)


def _remapping(rule: Any) -> tuple[list[Substitution], list[Substitution]]:
    one_of(rule, (tuple,), 'remap_rule')
    if len(rule) != 2:
        raise TypeError(f'remap_rule must be a tuple of length 2, got length {len(rule)}')
    return normalize(rule[0]), normalize(rule[1])


def _parameter(context: Any, parameter: Any, named: str) -> list[str]:
    if isinstance(parameter, tuple):
        return ['--params-file', write_file(named, evaluate(context, parameter))]
    path = perform(context, parameter)
    if os.path.isfile(path):
        return ['--params-file', path]
    say('launch_ros.actions.node', f'Parameter file path is not a file: {path}', 'WARNING')
    return []


def _below(base: str | None, namespace: str | None) -> str | None:
    """Return a namespace, below a base unless it is absolute, with its leading slash."""
    if base is None and namespace is None:
        return None
    parts = [namespace] if (namespace or '').startswith('/') else [base, namespace]
    return '/' + '/'.join(part.strip('/') for part in parts if part and part.strip('/'))
