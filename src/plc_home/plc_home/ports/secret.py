# SPDX-License-Identifier: Apache-2.0
"""A password or a token that stands in a file, so that no parameter shows it."""

from plc_kit.regular import is_no_file

_LONGEST = 4096  # octets


class NoSecret(ValueError):
    """A file holds none; the text is a sentence for the user, with nothing of what it holds."""


def secret_of(file: str) -> str:
    """Return the first line of a file; empty where none is named; raises NoSecret."""
    if not file:
        return ''
    if is_no_file(file):
        raise NoSecret(f'{file} is no file')
    try:
        with open(file, 'rb') as octets:
            line = octets.read(_LONGEST).decode('utf-8-sig').strip().split('\n')[0].strip()
    except OSError as error:
        raise NoSecret(f'{file} cannot be read: {error.strerror}') from None
    except UnicodeDecodeError:
        raise NoSecret(f'{file} is no text in UTF-8') from None
    if not line:
        raise NoSecret(f'{file} is empty; its first line is what is wanted')
    if not line.isprintable():
        raise NoSecret(f'the first line of {file} has a control character')
    return line
