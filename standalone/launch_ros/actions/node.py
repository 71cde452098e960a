# SPDX-License-Identifier: Apache-2.0
"""Starts a node: a process with ROS arguments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
import os
import re
from typing import Any

from launch.actions import ExecuteProcess
from launch.logging import get_logger
from launch.substitutions import normalize, perform

from launch_ros.parameters import evaluate, write_file
from launch_ros.substitutions import ExecutableInPackage

_NAMES: Counter[str] = Counter()


class Node(ExecuteProcess):
    """An executable of a package, with name, namespace, parameters and remappings."""

    def __init__(
        self,
        *,
        executable: Any,
        package: Any = None,
        name: Any = None,
        namespace: Any = None,
        exec_name: Any = None,
        parameters: Iterable[Any] | None = None,
        remappings: Iterable[tuple[Any, Any]] | None = None,
        ros_arguments: Iterable[Any] | None = None,
        arguments: Iterable[Any] | None = None,
        **kwargs: Any,
    ) -> None:
        path = executable if package is None else ExecutableInPackage(executable, package)
        given = ['--ros-args', *ros_arguments] if ros_arguments else []
        cmd = [path, *(arguments or []), *given, '--ros-args']
        super().__init__(cmd=cmd, name=exec_name, **kwargs)
        if parameters is not None and not isinstance(parameters, list):
            raise TypeError(
                f"Invalid type for argument 'parameters' passed to Node: got {type(parameters)}, "
                'expected list'
            )
        self._name, self._namespace = name, namespace
        self._parameters, self._remappings = parameters or [], list(remappings or [])

    def execute(self, context: Any) -> None:
        name = None if self._name is None else _checked(perform(context, self._name))
        namespace = self._full_namespace(context)
        self.node_name = f'{namespace or ""}/{name}'.replace('//', '/')
        extra = [*_rule(name, '__node'), *_rule(namespace, '__ns')]
        for key, value in context.launch_configurations.get('global_params', []):
            extra += ['-p', f'{key}:={value}']
        for parameter in self._parameters:
            extra += self._parameter(context, parameter, name and namespace)
        for source, target in [
            *context.launch_configurations.get('ros_remaps', []),
            *((perform(context, a), perform(context, b)) for a, b in self._remappings),
        ]:
            extra += ['-r', f'{source}:={target}']
        self.cmd.extend(normalize(part) for part in extra)
        super().execute(context)
        self._warn_of_twins(name)

    def _full_namespace(self, context: Any) -> str | None:
        base = context.launch_configurations.get('ros_namespace')
        own = None if self._namespace is None else perform(context, self._namespace)
        return absolute(prefixed(base, own))

    def _parameter(self, context: Any, parameter: Any, named: str | None) -> list[str]:
        if isinstance(parameter, Mapping):
            values = evaluate(context, parameter)
            return ['--params-file', write_file(self.node_name if named else '/**', values)]
        path = perform(context, parameter)
        if not os.path.isfile(path):
            get_logger('launch_ros.actions.node').warning(
                f'Parameter file path is not a file: {path}'
            )
            return []
        return ['--params-file', path]

    def _warn_of_twins(self, name: str | None) -> None:
        _NAMES[self.node_name] += 1
        if name and self.process_details and _NAMES[self.node_name] > 1:
            get_logger(self.process_details['name']).warning(
                f'there are now at least {_NAMES[self.node_name]} nodes with the name '
                f'{self.node_name} created within this launch context'
            )


def prefixed(base: str | None, namespace: str | None) -> str | None:
    """Return a namespace below a base, unless it is absolute."""
    if not base or (namespace or '').startswith('/'):
        return namespace if namespace or not base else base
    return f'{base.rstrip("/")}/{namespace}' if namespace else base


def absolute(namespace: str | None) -> str | None:
    """Return a namespace with its leading slash and without one at the end."""
    if namespace is None:
        return None
    return '/' + namespace.strip('/')


def _rule(value: str | None, key: str) -> list[str]:
    return [] if value is None else ['-r', f'{key}:={value}']


def _checked(name: str) -> str:
    if not re.fullmatch(r'[A-Za-z_][A-Za-z0-9_]*', name):
        raise ValueError(f"Invalid node name: '{name}'")
    return name
