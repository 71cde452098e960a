# SPDX-License-Identifier: Apache-2.0
"""The REST API against its own OpenAPI document, by schemathesis: whatever is sent, no 500."""

from hypothesis import HealthCheck, Phase, given, settings
from page_process import DOMAIN, Page
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
LEAVE_ALONE = '/api/password'  # it ends the sessions of all others
BROKEN = '#!/bin/sh\necho "no $1 here" >&2\nexit 1\n'


@pytest.fixture(scope='module')
def page(tmp_path_factory):
    """A page that could reboot nothing, were it to try."""
    folder = tmp_path_factory.mktemp('page')
    bin_ = folder / 'bin'
    bin_.mkdir()
    for name in ('busctl', 'nmcli', 'ros2'):
        (bin_ / name).write_text(BROKEN)
        (bin_ / name).chmod(0o755)
    one = Page(folder / 'state', path=str(bin_), ROS_DOMAIN_ID=DOMAIN)
    yield one
    one.end()
    assert 'Traceback' not in one.printed


@pytest.fixture(scope='module')
def document(page):
    return schemathesis.openapi.from_dict(page.told('/api/openapi.json'))


def ask(page, operation):
    """Send what fits an operation's description, and what just does not."""
    token = (page.state / 'token').read_text()

    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case):
        headers = {'Authorization': f'Bearer {token}'}
        answer = case.call(base_url=page.url, headers=headers, timeout=60)
        case.validate_response(answer, checks=CHECKS)

    send()


def test_whatever_is_sent_the_answer_is_one_of_those_described(page, document):
    asked = []
    for found in document.get_all_operations():
        operation = found.ok()
        if operation.path != LEAVE_ALONE:
            ask(page, operation)
            asked.append(operation.path)
    assert len(asked) > 20
    assert page.healthy()
