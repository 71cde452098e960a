# SPDX-License-Identifier: Apache-2.0
"""What is known to be bad about a modem's firmware."""

_BAD = {
    'QCA7420-1.1.0.844': 'it loses the link at random (lesson 23); take another adapter',
    'QCA7500': 'this chip never sends a SLAC request, so it is unusable for a vehicle',
    'INT6000': 'its settings cannot be read or changed; take an adapter with an AR7420',
}


def warning(version: str) -> str:
    """Return a sentence on a firmware that is known to be bad; empty: nothing is known."""
    for part, why in _BAD.items():
        if part in version:
            return f'the firmware {version} is known to be bad: {why}'
    return ''
