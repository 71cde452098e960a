# SPDX-License-Identifier: Apache-2.0
"""The parameter file that the page writes and the launch reads; the one before is kept."""

import os
from pathlib import Path
from typing import Any

import yaml

from plc_web.parameter import Value

_HEAD = '# Written by the management page; the one before it is beside it, as .previous.\n'

Nodes = dict[str, dict[str, Value]]  # values by node, as /pev/session, and name


class Unusable(RuntimeError):
    """The file is none of ours; the text is a sentence."""


class _Quoting(yaml.SafeDumper):
    """Quotes every text: rcl takes 012345, 1e5 and y for what PyYAML does not."""


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar('tag:yaml.org,2002:str', text, style="'")


_Quoting.add_representer(str, _quoted)


class ParameterFile:
    """A YAML file keyed by full node names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.previous = path.with_suffix('.previous')

    def read(self) -> Nodes:
        """Return what is set; raises Unusable."""
        try:
            content = yaml.safe_load(self.path.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise Unusable(
                f'{self.path.name} cannot be read: {" ".join(str(error).split())}'
            ) from None
        if content is None:
            return {}  # comments alone
        if not isinstance(content, dict):
            raise Unusable(f'{self.path.name} holds no parameters')
        return {str(node): _values(node, below) for node, below in content.items()}

    def change(self, changes: Nodes) -> None:
        """Set values beside those that are set; None takes one back to its default."""
        nodes = self.read()
        for node, values in changes.items():
            nodes[node] = {**nodes.get(node, {}), **values}
            nodes[node] = {name: one for name, one in nodes[node].items() if one is not None}
        self._write({node: values for node, values in nodes.items() if values})

    def restore(self) -> bool:
        """Change places with the previous one; tell whether there is one."""
        if not self.previous.exists():
            return False
        aside = self.path.with_suffix('.aside')
        self.path.replace(aside)
        self.previous.replace(self.path)
        aside.replace(self.previous)
        return True

    def _write(self, nodes: Nodes) -> None:
        content = {node: {'ros__parameters': values} for node, values in sorted(nodes.items())}
        draft = self.path.with_suffix('.draft')
        with draft.open('w') as out:
            out.write(_HEAD)
            yaml.dump(content, out, _Quoting, sort_keys=True, allow_unicode=True)
            out.flush()
            os.fsync(out.fileno())
        if self.path.exists():
            self.previous.unlink(missing_ok=True)
            os.link(self.path, self.previous)  # at no moment is there no file
        else:
            self.previous.write_text(_HEAD)
        draft.replace(self.path)


def _values(node: Any, below: Any) -> dict[str, Value]:
    values = below.get('ros__parameters') if isinstance(below, dict) else None
    if not isinstance(values, dict):
        raise Unusable(f'{node} in the parameter file has no ros__parameters')
    return dict(values)
