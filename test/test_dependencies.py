# SPDX-License-Identifier: Apache-2.0
"""package.xml names what a package uses, by keys that rosdep has; requirements/ have the rest."""

import ast
from importlib.metadata import requires
from pathlib import Path
import re
import sys
from xml.etree import ElementTree

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGES = {
    ElementTree.parse(file).findtext('name'): file.parent
    for file in (*REPOSITORY.glob('src/*/package.xml'), REPOSITORY / 'launch/package.xml')
}
KEYS = {
    'can': 'python3-can', 'paho': 'python3-paho-mqtt', 'spidev': 'python3-spidev-pip',
    **{name: f'python3-{name}' for name in (
        'aiohttp', 'cffi', 'cryptography', 'fastapi', 'hypothesis', 'numpy', 'packaging',
        'pydantic', 'pytest', 'requests', 'rich', 'scapy', 'selenium', 'serial', 'uvicorn',
        'websockets', 'yaml',
    )},
}  # fmt: skip
NO_KEY = {
    'cantools': 'cantools', 'duckdb': 'duckdb', 'gpiod': 'gpiod', 'mcap': 'mcap',
    'mcap_ros2': 'mcap-ros2-support', 'pyarrow': 'pyarrow', 'rosbags': 'rosbags',
}  # fmt: skip
BROUGHT = {'h11', 'starlette', 'lz4', 'zstandard', 'setuptools'}  # by our other ones
OWN = {
    '_v2g_exi', 'captured', 'charge_frames', 'conftest', 'page_process', 'rosbag2_forms',
    'sessions',
}  # fmt: skip
TESTED_BY = {'plc_bringup': {'python3-pytest'}}  # its tests stand in test/ (launch/setup.cfg)
# What is used by other ways than an import: commands, nodes that are launched, an engine, a file.
USED = {
    'plc_bringup': {'plc_home', 'plc_log', 'plc_vehicle', 'ros2launch'},
    'plc_kit': {'iproute2', 'util-linux'},
    'plc_web': {'iproute2', 'plc_bringup', 'plc_log', 'python3-websockets'},
}


def imported(folder, of_tests):
    """The names of all top-level modules that the files of a package import."""
    found = set()
    for file in folder.rglob('*.py'):
        if ('test' in file.relative_to(folder).parts) is not of_tests or file.name == 'setup.py':
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding='utf-8'))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split('.')[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split('.')[0])
    return found - sys.stdlib_module_names - OWN - BROUGHT


def declared(folder, *kinds):
    return {
        one.text for kind in kinds for one in ElementTree.parse(folder / 'package.xml').iter(kind)
    }


def pins(name):
    text = (REPOSITORY / 'requirements' / name).read_text()
    return dict(re.findall(r'^([A-Za-z0-9_.-]+)==([^\s;#]+)', text, re.MULTILINE))


@pytest.mark.parametrize('name', PACKAGES)
def test_package_names_what_it_uses_and_nothing_else(name):
    folder = PACKAGES[name]
    used = {KEYS.get(one, one) for one in imported(folder, of_tests=False) if one not in NO_KEY}
    used = (used | USED.get(name, set())) - {name}
    if name != 'plc_msgs':
        assert declared(folder, 'exec_depend') == used
    tests = {KEYS.get(one, one) for one in imported(folder, of_tests=True) if one not in NO_KEY}
    tests |= TESTED_BY.get(name, set())
    assert declared(folder, 'test_depend') == tests - used - {name}


def test_what_no_key_brings_is_in_one_file_with_the_versions_that_were_tried():
    needed = {
        NO_KEY[one]
        for folder in PACKAGES.values()
        for one in imported(folder, False)
        if one in NO_KEY
    }
    workspace, tried = pins('workspace.txt'), pins('constraints.txt')
    assert needed <= set(workspace)
    assert {name: tried[name] for name in workspace} == workspace


@pytest.mark.parametrize('name', sorted(set(PACKAGES) - {'plc_msgs'}))
def test_colcon_is_told_that_the_tests_are_of_pytest(name):
    """It looks for that among the requirements of the extra `test`, and runs unittest without."""
    [needed] = requires(name)
    assert re.fullmatch(r'pytest; extra == .test.', needed)
