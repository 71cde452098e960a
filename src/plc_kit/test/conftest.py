# SPDX-License-Identifier: Apache-2.0
"""A simulated network of this test run's own, for tests that need real interfaces."""

import os

import pytest

from plc_kit.network import Network, NetworkUnavailable

PEV_MAC, EVSE_MAC = '02:70:65:76:00:01', '02:65:76:73:65:01'


@pytest.fixture
def network():
    """A network with the outlets pev and evse; its name is not to be met elsewhere."""
    try:
        made = Network(f'test-{os.getpid()}', [('pev', PEV_MAC), ('evse', EVSE_MAC)])
    except NetworkUnavailable as error:
        pytest.skip(str(error))
    with made:
        yield made
