# SPDX-License-Identifier: Apache-2.0
"""The ROS domain that the environment names; standard library alone, for launch files too."""

import os
import re


def domain() -> str:
    """Return its number as rcl reads it, by C's strtoul: 07 is 7, 010 is 8, 0x10 is 16.

    A text that is no number is returned as it is: no node starts with it.
    """
    text = (os.environ.get('ROS_DOMAIN_ID') or '0').strip()
    try:
        return str(int(text, 8 if re.fullmatch('0[0-7]+', text) else 0))
    except ValueError:
        return text
