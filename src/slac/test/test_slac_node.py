# SPDX-License-Identifier: Apache-2.0
"""What the slac node reads out of what others tell."""

import pytest

from plc_msgs.msg import TransportStatus
from slac.slac_node import approached


@pytest.mark.parametrize(
    ('told', 'has'),
    [
        ({'state': TransportStatus.SDP}, False),
        ({'state': TransportStatus.SDP, 'security_asked': 'none'}, True),
        ({'state': TransportStatus.SDP, 'security_asked': 'tls'}, True),
        ({'state': TransportStatus.CONNECTING}, True),
        ({'state': TransportStatus.CONNECTED, 'security_asked': 'none'}, True),
        ({'state': TransportStatus.DOWN}, False),
    ],
)
def test_line_11_a_vehicle_has_approached_by_sdp_or_tcp_of_this_very_link(told, has):
    assert approached(TransportStatus(link_id=3, **told), 3) is has
    assert approached(TransportStatus(link_id=2, **told), 3) is False  # of the link before
