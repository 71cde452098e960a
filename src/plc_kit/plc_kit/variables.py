# SPDX-License-Identifier: Apache-2.0
"""The environment variables that are ours; one that is misspelt would change nothing."""

from collections.abc import Mapping

from plc_kit.nearest import nearest
from plc_kit.reach import ANY_RMW, ASKED

PREFIX = 'CCS_'
LAUNCHED = 'CCS_LAUNCHED'  # set by our launch files for nodes
OURS = (
    *(ASKED, ANY_RMW, 'CCS_RECORD', 'CCS_BAGS'),  # of a user
    'CCS_SETUP',  # of the page's service (docs/service.md)
    *('CCS_REASON', LAUNCHED),
)
ALIKE = 0.75  # others have variables with these letters, too


def refuse_misspelt(env: Mapping[str, str]) -> None:
    """Raise ValueError, with a sentence, for a variable that is almost one of ours."""
    rest = {name.removeprefix(PREFIX): name for name in OURS}
    others = (name for name in sorted(env) if name.startswith(PREFIX) and name not in OURS)
    for name in others:
        if meant := nearest(name.removeprefix(PREFIX), rest, ALIKE):
            raise ValueError(f'no variable is called {name}; did you mean {rest[meant]}?')
