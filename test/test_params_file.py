# SPDX-License-Identifier: Apache-2.0
"""A params_file of one's own beside a scenario: nested or not it prevails, and nothing is left."""

import os
from pathlib import Path
from types import SimpleNamespace

from plc_bringup.given import parameters_of, with_whole_names
from plc_bringup.own_file import new_file
from plc_bringup.reason import Failed
from plc_bringup.scenario import chosen
import pytest
import yaml

NESTED = 'pev: {vehicle: {ros__parameters: {soc: 0.2}}, session: {ros__parameters: {a: 1}}}\n'
FLAT = '/pev/vehicle: {ros__parameters: {soc: 0.2}}\n/pev/session: {ros__parameters: {a: 1}}\n'


@pytest.fixture
def own(tmp_path):
    """Write a params_file, and return its path."""

    def write(text):
        (tmp_path / 'own.yaml').write_text(text)
        return str(tmp_path / 'own.yaml')

    return write


def merged(path):
    """The file that a launch of a scenario gives to its nodes."""
    given = {'scenario': 'good_case', 'params_file': path}
    context = SimpleNamespace(
        launch_configurations=given, perform_substitution=lambda text: text.perform(context)
    )
    for action in chosen(context):
        action.execute(context)
    return Path(given['params_file'])


@pytest.mark.parametrize('text', [NESTED, FLAT, FLAT.replace('/pev/', 'pev/')])
def test_a_params_file_prevails_over_the_scenario(own, text):
    nodes = yaml.safe_load(merged(own(text)).read_text())
    assert nodes['/pev/vehicle']['ros__parameters']['soc'] == 0.2
    assert nodes['/pev/vehicle']['ros__parameters']['speed'] == 500.0  # of the scenario
    assert nodes['/pev/session']['ros__parameters'] == {'a': 1}


@pytest.mark.parametrize('key', ['vehicle', '/vehicle', '/**/vehicle', '/*/vehicle', '/**'])
def test_a_name_for_many_prevails_as_well(own, key):
    nodes = yaml.safe_load(merged(own(f'{key}: {{ros__parameters: {{soc: 0.2}}}}')).read_text())
    assert nodes['/pev/vehicle']['ros__parameters']['soc'] == 0.2
    assert nodes['/pev/vehicle']['ros__parameters']['speed'] == 500.0  # of the scenario


def test_a_node_without_its_namespace_is_meant_in_any(own):
    assert parameters_of(own('session: {ros__parameters: {a: 1}}')) == {'/**/session': {'a': 1}}


@pytest.mark.parametrize('key', ['session', '/session'])
def test_it_is_told_so_with_each_value_as_it_is_written(own, key):
    values = '{mac: 10:11:22:33:44:55, a: 1e3, b: "5", c: [1, 2]}'
    more = '/pev/slac: {ros__parameters: {d: 1}}'
    whole = Path(with_whole_names(own(f'{key}: {{ros__parameters: {values}}}\n{more}\n')))
    told = yaml.load(whole.read_text(), yaml.BaseLoader)
    assert told['/**/session']['ros__parameters']['mac'] == '10:11:22:33:44:55'
    assert 'a: 1e3' in whole.read_text() and 'b: "5"' in whole.read_text()
    assert told['/pev/slac']['ros__parameters'] == {'d': '1'}


def test_desk_8_what_is_no_file_or_no_text_is_a_sentence(own, tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    Path(own('')).write_bytes(b'a: \xff')
    for name, words in (('pipe', 'no file'), ('', 'no file'), ('own.yaml', 'no YAML')):
        with pytest.raises(Failed, match=rf'params_file:={tmp_path / name} is {words}'):
            parameters_of(str(tmp_path / name))


@pytest.mark.parametrize('text', [NESTED, FLAT, '/**: {ros__parameters: {a: 1}}'])
def test_a_file_of_whole_names_is_given_as_it_is(own, text):
    path = own(text)
    assert with_whole_names(path) == path


def test_a_wildcard_stays_one(own):
    assert parameters_of(own('/**: {ros__parameters: {a: 1}}')) == {'/**': {'a': 1}}
    assert parameters_of(own('/**: {session: {ros__parameters: }}')) == {'/**/session': {}}


@pytest.mark.parametrize(
    'text', ['/pev/vehicle:\n', '/pev/vehicle: {a: 1}\n', 'a: {ros__parameters: 3}\n']
)
def test_a_file_without_parameters_is_a_sentence(own, text):
    with pytest.raises(Failed, match='ros__parameters'):
        parameters_of(own(text))


def test_what_a_launch_writes_goes_with_it(own):
    with new_file() as other:
        assert merged(own(FLAT)).parent == Path(other.name).parent
