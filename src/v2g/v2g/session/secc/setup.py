# SPDX-License-Identifier: Apache-2.0
"""The beginning of a session, the same for a charge and for a reading."""

from v2g.session.exchange import Answer, Ask, Code
from v2g.session.secc.replies import Replies
from v2g.session.story import Story

NO_EVSE_ID = b'\x00'  # as chargers say it that have none (lesson 89)


def set_up(ask: Ask, replies: Replies, story: Story, evse_id: str) -> Answer:
    """Answer SessionSetup with a new SessionID."""
    state = story.state
    state.session_id = replies.found()
    state.evcc_id = ask.evcc_id.hex()
    state.evse_id = evse_id
    return Answer(
        step=ask.step,
        code=Code.NEW_SESSION.value,
        evse_id=evse_id.encode('ascii', 'replace')[:32] or NO_EVSE_ID,
    )
