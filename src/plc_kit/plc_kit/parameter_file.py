# SPDX-License-Identifier: Apache-2.0
"""Parameter files as ROS writes them: which node, or pattern of nodes, gets what."""

from collections.abc import Iterator
import re
from typing import Any

import yaml

from plc_kit.regular import is_no_file

Values = dict[str, Any]  # a value may be a dict of values: a.b is written {a: {b: …}}
_WILD = {'**': '(/[^/]+)*', '*': '/[^/]+'}


class _Loader(yaml.SafeLoader):
    """Takes no alias, as rcl does not: one may contain itself, and unfold without end."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            where = self.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, 'ROS takes no alias', where)
        return super().compose_node(parent, index)


class BadParameterFile(ValueError):
    """A file that holds no parameters; the text is a sentence that begins with its path."""


def parameters_of(path: str) -> dict[str, Values]:
    """Return {pattern: {name: value}} of a file, nested or not; raises BadParameterFile.

    A node that is named without its namespace is meant in any: ROS would look for it in none.
    """
    nodes: dict[str, Values] = {}
    for node, values in sections_of(path):
        nodes.setdefault(f'/**{node}' if is_bare(node) else node, {}).update(values)
    return nodes


def sections_of(path: str) -> Iterator[tuple[str, Values]]:
    """Return each pattern of a file, as it is written but for its nesting; raises the same."""
    return _nodes(path, '', _content(path))


def is_bare(node: str) -> bool:
    """Tell whether a node is named without its namespace."""
    return node.strip('/') != '' and '/' not in node.strip('/') and '*' not in node


def matches(pattern: str, node: str) -> bool:
    """Tell whether a node is one of those that a pattern, as /**/session, stands for."""
    words = [_WILD.get(word, '/' + re.escape(word)) for word in pattern.split('/')[1:]]
    return re.fullmatch(''.join(words), node) is not None


def names_of(values: Values, before: str = '') -> Iterator[str]:
    """Return the whole names of parameters, which may be nested."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from names_of(value, f'{before}{name}.')
        else:
            yield f'{before}{name}'


def _nodes(path: str, name: str, content: Any) -> Iterator[tuple[str, Values]]:
    """Go down through namespaces to each node and its parameters."""
    if not isinstance(content, dict):
        raise BadParameterFile(f'{path}: {name} leads to no ros__parameters')
    for key, value in content.items():
        if key == 'ros__parameters':
            yield name, _values(path, name, value)
        else:
            yield from _nodes(path, f'{name}/{str(key).strip("/")}', value)


def _values(path: str, name: str, values: Any) -> Values:
    if not isinstance(values, dict | None):
        raise BadParameterFile(f'{path}: ros__parameters of {name} are no names with values')
    return values or {}


def _content(path: str) -> dict[Any, Any]:
    if is_no_file(path):  # it is read more than once
        raise BadParameterFile(f'{path} is no file')
    try:
        with open(path, encoding='utf-8') as file:
            content = yaml.load(file, _Loader)
    except OSError as error:
        raise BadParameterFile(f'{path} cannot be read: {error.strerror}') from None
    except (yaml.YAMLError, ValueError) as error:
        raise BadParameterFile(f'{path} is no YAML: {_reason(error)}') from None
    except RecursionError:
        raise BadParameterFile(f'{path} is no YAML: it is nested without end') from None
    if not isinstance(content, dict):
        raise BadParameterFile(f'{path} has no parameters; NODE: {{ros__parameters: {{…}}}}')
    return content


def _reason(error: Exception) -> str:
    """Say in which line, and what is wrong there."""
    mark = getattr(error, 'problem_mark', None)
    if mark is None:
        return ' '.join(str(error).split())
    return f'line {mark.line + 1}, column {mark.column + 1}: {getattr(error, "problem", "")}'
