# SPDX-License-Identifier: Apache-2.0
"""A page without a graph, for a whole module of tests."""

from pathlib import Path
import sys

import pytest

sys.path.append(str(Path(__file__).parents[3] / 'test'))

from page_process import DOMAIN, Page


@pytest.fixture(scope='module')
def page(tmp_path_factory):
    """A page that nobody has asked for anything yet; its password is set."""
    one = Page(tmp_path_factory.mktemp('page'), ROS_DOMAIN_ID=DOMAIN)
    one.set_password()
    yield one
    assert one.end() == 0, one.printed
    assert 'Traceback' not in one.printed
