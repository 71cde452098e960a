# SPDX-License-Identifier: Apache-2.0
"""Texts of the other side, of modems and of files, as a person sees them in a terminal or a log.

Whoever is at the other end of the cable chooses them: a line end would begin a line of its own in
a log, and an escape sequence is obeyed by the terminal that shows it.
"""


def readable(text: str | bytes) -> str:
    """Return it in one line; what does not print stands there as Python writes it in a text.

    Octets are ASCII, up to a zero.
    """
    if isinstance(text, bytes):
        text = text.split(b'\0')[0].decode('ascii', 'replace')
    if text.isprintable():
        return text
    return ''.join(
        one if one.isprintable() else one.encode('unicode_escape').decode() for one in text
    )


def is_utf_8(word: str) -> bool:
    """Tell whether a word of a command line was UTF-8: ROS has no other texts."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
