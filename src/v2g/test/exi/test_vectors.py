# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from v2g.exi import from_fields, to_fields
import v2g.schema.din
import v2g.schema.iso2
import v2g.schema.sap
import v2g.schema.xmldsig

SCHEMAS = {
    'sap': v2g.schema.sap,
    'din': v2g.schema.din,
    'iso2': v2g.schema.iso2,
    'xmldsig': v2g.schema.xmldsig,
}


@pytest.mark.parametrize('name', ['sap', 'din', 'iso2', 'fragments'])
def test_every_vector_decodes_to_its_fields_and_encodes_to_its_octets(shared, name):
    for line in (shared / 'vectors' / f'{name}.jsonl').read_text().splitlines():
        one = json.loads(line)
        schema, fragment = SCHEMAS[one['protocol']], 'element' in one
        octets = bytes.fromhex(one['hex'])
        assert to_fields(schema, octets, fragment=fragment) == one['fields']
        again = from_fields(schema, one['fields'], fragment=fragment, ns=one.get('ns'))
        assert again == octets
