# SPDX-License-Identifier: Apache-2.0
"""Each lesson and abuse case of the power line has a test that carries its number."""

import importlib.util
from pathlib import Path

import pytest

_FILE = Path(__file__).resolve().parents[1] / 'tools' / 'numbered_tests.py'
_SPEC = importlib.util.spec_from_file_location('numbered_tests', _FILE)
numbered = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(numbered)


@pytest.mark.parametrize(('kind', 'last'), [('lesson', 22), ('abuse', 15)])
def test_each_row_of_the_power_line_has_a_test_of_its_number(kind, last):
    found = numbered.tests(kind)
    assert [number for number in range(1, last + 1) if number not in found] == []


@pytest.mark.parametrize(
    ('name', 'kind', 'carried'),
    [
        ('test_lesson_03_a_request', 'lesson', {3}),
        ('test_lessons_01_and_02_the_run_id', 'lesson', {1, 2}),
        ('test_lesson_12_and_abuse_07_the_loudest', 'lesson', {12}),
        ('test_lesson_12_and_abuse_07_the_loudest', 'abuse', {7}),
        ('test_lesson_15_15_s_for_the_avln', 'lesson', {15}),
        ('test_r19_the_charger', 'rule', {19}),
        ('test_safety_4_the_car_goes_on', 'safety', {4}),
        ('test_desk_2_and_line_13_of_the_bench', 'desk', {2}),
        ('test_desk_2_and_line_13_of_the_bench', 'line', {13}),
        ('test_after_1_2_s', 'lesson', set()),
    ],
)
def test_a_name_tells_its_numbers(name, kind, carried):
    assert numbered.numbers(name, kind) == carried
