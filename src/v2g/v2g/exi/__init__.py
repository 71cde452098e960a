# SPDX-License-Identifier: Apache-2.0
"""EXI as DIN 70121 and ISO 15118-2 use it: octets to typed messages, or to JSON, and back."""

from v2g.exi.codec import (
    MESSAGE_LIMIT,
    Document,
    Fields,
    decode,
    decode_document,
    document_fields,
    encode,
    from_fields,
    to_fields,
)
from v2g.exi.malformed import MalformedExi

__all__ = [
    'MESSAGE_LIMIT',
    'Document',
    'Fields',
    'MalformedExi',
    'decode',
    'decode_document',
    'document_fields',
    'encode',
    'from_fields',
    'to_fields',
]
