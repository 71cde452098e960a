# SPDX-License-Identifier: Apache-2.0
"""Nodes, and what is set for the nodes of a scope; the genuine package tells what each does."""

from collections import Counter
from collections.abc import Iterable, Mapping
import os
import re
from typing import Any

from launch.actions import ExecuteProcess
from launch.entities import action
from launch.output import say
from launch.substitutions import perform

from launch_ros.parameters import evaluate, write_file
from launch_ros.substitutions import ExecutableInPackage

NAMES: Counter[str] = Counter()


@action
def PushRosNamespace(context: Any, namespace: Any) -> None:
    known, pushed = context.launch_configurations, perform(context, namespace)
    known['ros_namespace'] = _below(known.get('ros_namespace'), pushed)


@action
def SetParameter(context: Any, name: Any, value: Any) -> None:
    # the list is shared with the outer scope once that has one, as the genuine one is
    known = context.launch_configurations.setdefault('global_params', [])
    known.extend(evaluate(context, {perform(context, name): value}).items())


@action
def SetRemap(context: Any, src: Any, dst: Any) -> None:
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
        parameters: Iterable[Any] = (),
        remappings: Iterable[tuple[Any, Any]] = (),
        arguments: Iterable[Any] = (),
        **kwargs: Any,
    ) -> None:
        path = ExecutableInPackage(package, executable)
        cmd = [path, *(arguments or ()), '--ros-args']
        super().__init__(cmd=cmd, name=exec_name, **kwargs)
        self._name, self._namespace = name, namespace
        self._parameters, self._remappings = parameters or (), remappings or ()

    def execute(self, context: Any) -> None:
        known = context.launch_configurations
        name = None if self._name is None else perform(context, self._name)
        if name is not None and not re.fullmatch(r'[A-Za-z_]\w*', name, re.ASCII):
            raise ValueError(f"Invalid node name: '{name}'")
        own = None if self._namespace is None else perform(context, self._namespace)
        namespace = _below(known.get('ros_namespace'), own)
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


def _parameter(context: Any, parameter: Any, named: str) -> list[str]:
    if isinstance(parameter, Mapping):
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
