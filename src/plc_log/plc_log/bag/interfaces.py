# SPDX-License-Identifier: Apache-2.0
"""The .msg and .srv files of installed packages."""

import os
import re

from ament_index_python.packages import get_package_share_directory

NESTED = re.compile(r'\s*((?P<package>\w+)/(?:msg/)?)?(?P<name>[A-Z]\w*)(\[[<=\d]*\])?\s+\w+\b')


def path(identifier: str) -> str:
    """Return the file of an interface such as `std_msgs/msg/String`."""
    parts = identifier.split('/')
    if len(parts) != 3:
        raise ValueError(f"Invalid name '{identifier}'. Expected three parts separated by '/'")
    package, kind, name = parts
    try:
        found = os.path.join(get_package_share_directory(package), kind, f'{name}.{kind}')
    except LookupError:
        raise RuntimeError(f"Unknown package '{package}'") from None
    if not os.path.exists(found):
        raise RuntimeError(f"Could not find the interface '{found}'")
    return found


def lines(identifier: str) -> list[tuple[str, str | None]]:
    """Return each line of an interface, with the message type of its field if it has one."""
    package = identifier.split('/')[0]
    with open(path(identifier), encoding='utf-8') as file:
        texts = [line.rstrip() for line in file]
    matches = [None if '=' in line.split('#')[0] else NESTED.match(line) for line in texts]
    types = [m and f'{m["package"] or package}/msg/{m["name"]}' for m in matches]
    return list(zip(texts, types, strict=True))


def definition(identifier: str) -> str:
    """Return a message's text with that of every type in it, as MCAP's `ros2msg` wants it."""
    seen = [identifier]
    parts: list[str] = []
    for name in seen:
        body = lines(name)
        seen += [
            inner for inner in dict.fromkeys(t for _, t in body) if inner and inner not in seen
        ]
        head = f'{"=" * 80}\nMSG: {name.replace("/msg/", "/")}\n' if parts else ''
        parts.append(head + '\n'.join(line for line, _ in body) + '\n')
    return ''.join(parts)
