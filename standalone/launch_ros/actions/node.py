# SPDX-License-Identifier: Apache-2.0
"""Starts a node: a process with ROS arguments."""

from collections import Counter
from collections.abc import Iterable, Mapping
import os
import re
from typing import Any

from launch.actions import ExecuteProcess
from launch.output import say
from launch.substitutions import perform

from launch_ros.parameters import evaluate, write_file
from launch_ros.substitutions import ExecutableInPackage

NAMES: Counter[str] = Counter()


class Node(ExecuteProcess):
    """An executable of a package, with name, namespace, parameters and remappings."""

    def __init__(
        self,
        *,
        package: Any,
        executable: Any,
        name: Any = None,
        namespace: Any = None,
        parameters: list[Any] | None = None,
        remappings: Iterable[tuple[Any, Any]] = (),
        arguments: Iterable[Any] = (),
        **kwargs: Any,
    ) -> None:
        path = ExecutableInPackage(package, executable)
        super().__init__(cmd=[path, *(arguments or ()), '--ros-args'], **kwargs)
        self._name, self._namespace = name, namespace
        self._parameters, self._remappings = parameters or [], list(remappings or ())

    def execute(self, context: Any) -> None:
        known = context.launch_configurations
        name = None if self._name is None else perform(context, self._name)
        if name is not None and not re.fullmatch(r'[A-Za-z_]\w*', name, re.ASCII):
            raise ValueError(f"Invalid node name: '{name}'")
        namespace = self._full_namespace(context)
        self.node_name = f'{namespace or ""}/{name}'.replace('//', '/')
        for key, value in (('__node', name), ('__ns', namespace)):
            self.cmd += [] if value is None else ['-r', f'{key}:={value}']
        for key, value in known.get('global_params', []):
            self.cmd += ['-p', f'{key}:={value}']
        for parameter in self._parameters:
            named = self.node_name if name and namespace else '/**'
            self.cmd += self._parameter(context, parameter, named)
        own = [(perform(context, a), perform(context, b)) for a, b in self._remappings]
        for source, target in [*known.get('ros_remaps', []), *own]:
            self.cmd += ['-r', f'{source}:={target}']
        super().execute(context)
        NAMES[self.node_name] += 1
        if name and namespace and NAMES[self.node_name] > 1:
            many = f'{NAMES[self.node_name]} nodes with the name {self.node_name}'
            text = f'there are now at least {many} created within this launch context'
            say(self.process_name, text, 'WARNING')

    def _full_namespace(self, context: Any) -> str | None:
        own = None if self._namespace is None else perform(context, self._namespace)
        return below(context.launch_configurations.get('ros_namespace'), own)

    @staticmethod
    def _parameter(context: Any, parameter: Any, named: str) -> list[str]:
        if isinstance(parameter, Mapping):
            return ['--params-file', write_file(named, evaluate(context, parameter))]
        path = perform(context, parameter)
        if os.path.isfile(path):
            return ['--params-file', path]
        text = f'Parameter file path is not a file: {path}'
        say('launch_ros.actions.node', text, 'WARNING')
        return []


def below(base: str | None, namespace: str | None) -> str | None:
    """Return a namespace, below a base unless it is absolute, with its leading slash."""
    if base is None and namespace is None:
        return None
    parts = [namespace] if (namespace or '').startswith('/') else [base, namespace]
    return '/' + '/'.join(part.strip('/') for part in parts if part and part.strip('/'))
