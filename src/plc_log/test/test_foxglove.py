# SPDX-License-Identifier: Apache-2.0
"""The layout for Foxglove asks for topics and fields that there are."""

from importlib.resources import files
import json
from pathlib import Path
import re

import pytest
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

DOCS = Path(__file__).parents[3] / 'docs'
LAYOUT = json.loads((DOCS / 'foxglove.json').read_text(encoding='utf-8'))
PATH_KEYS = ('value', 'path', 'topicPath', 'topicToRender')


def named(part, key=''):
    """Every path of a message that a part of the layout names."""
    if isinstance(part, dict):
        return [path for name, value in part.items() for path in named(value, name)]
    if isinstance(part, list):
        return [path for value in part for path in named(value, key)]
    return [part] if key in PATH_KEYS and isinstance(part, str) else []


PATHS = sorted(set(named(LAYOUT)))


def topics():
    """The type of each topic, as the table of docs/architecture.md has it."""
    table = {}
    page = (DOCS / 'architecture.md').read_text(encoding='utf-8')
    for cell, types in re.findall(r'^\| (`.*?) \| (\w+_msgs/.*?) \|', page, re.M):
        package, _, text = types.partition('/')
        names, kinds = re.findall(r'`(.*?)`', cell), re.findall(r'\b[A-Z]\w+', text)
        kinds = kinds if len(kinds) == len(names) else kinds[:1] * len(names)
        table |= {n: f'{package}/msg/{kind}' for n, kind in zip(names, kinds, strict=True)}
    return table


@pytest.fixture(scope='module')
def store():
    """Every message definition there is, ours from their files."""
    made = get_typestore(Stores.ROS2_JAZZY)
    for file in (files('plc_log') / 'definitions').iterdir():
        kind = f'plc_msgs/msg/{file.name.removesuffix(".msg")}'
        made.register(get_types_from_msg(file.read_text(encoding='utf-8'), kind))
    return made


def test_the_layout_names_paths():
    assert len(PATHS) > 10


@pytest.mark.parametrize('path', PATHS)
def test_each_path_of_the_layout_is_a_topic_with_that_field(store, path):
    topic, *fields = path.split('.')
    kind = topics()[topic.removeprefix('/pev/').removeprefix('/evse/')]
    for name in fields:
        there = dict(store.fielddefs[kind][1])
        assert name in there, f'{kind} has no {name}'
        kind = there[name][1]


def test_each_panel_of_the_layout_is_configured():
    panels = re.findall(r'"(\w+!\w+)"', json.dumps(LAYOUT['layout']))
    assert sorted(panels) == sorted(LAYOUT['configById'])
