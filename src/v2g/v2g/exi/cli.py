# SPDX-License-Identifier: Apache-2.0
"""`ros2 run v2g exi decode|encode`: EXI for people and tests, JSON Lines in, JSON Lines out."""

import argparse
from collections.abc import Callable
import importlib
import json
import sys
from types import ModuleType
from typing import Any, cast

from v2g.exi.codec import MESSAGE_LIMIT, document_fields, from_fields
from v2g.exi.engines import Engine, default_engine, engine_named
from v2g.exi.grammar import Schema

SCHEMAS = ('sap', 'din', 'iso2', 'xmldsig', 'iso20_common')
EPILOG = """\
decode reads lines {"schema": "din", "exi": "<hex>"} and writes lines
{"schema": "din", "message": {...}}; encode does the reverse. A fragment's line
has "fragment": true, and "ns", the namespace of its root.
Octets after the end are counted in "spare". What cannot be done is a line {"error": "..."}.
"""


def main(arguments: list[str] | None = None) -> int:
    """Convert stdin to stdout, line by line; errors of a line are lines too."""
    options = _parser().parse_args(arguments)
    try:
        engine = engine_named(options.engine) if options.engine else default_engine()
    except ImportError as error:
        print(f'exi: the engine in C is not built: {error}', file=sys.stderr)
        return 2
    convert = _decoded if options.direction == 'decode' else _encoded
    try:
        _lines(lambda line: convert(line, engine, options.limit))
    except (BrokenPipeError, KeyboardInterrupt):
        sys.stderr.close()  # the reader went away: nothing is left to be said
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='exi',
        description='EXI to JSON and back, of supportedAppProtocol, DIN 70121 and ISO 15118-2.',
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('direction', choices=('decode', 'encode'))
    parser.add_argument('--engine', choices=('c', 'python'), help='default: c where it is built')
    parser.add_argument(
        '--limit',
        type=int,
        default=MESSAGE_LIMIT,
        help='octets of the longest stream (%(default)s)',
    )
    return parser


def _lines(convert: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        try:
            answer = convert(_parsed(line))
        except RecursionError:
            answer = {'error': 'the line is nested too deep'}
        except ValueError as error:
            answer = {'error': str(error)}
        print(json.dumps(answer), flush=True)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise ValueError(f'the line is no UTF-8: {error.reason}') from error
    except ValueError as error:
        raise ValueError(f'the line is no JSON: {error}') from error
    if not isinstance(parsed, dict):
        raise ValueError('the line is no JSON object')
    return parsed


def _schema(line: dict[str, Any]) -> ModuleType:
    name = line.get('schema')
    if name not in SCHEMAS:
        raise ValueError(f'schema {name!r} is none of {", ".join(SCHEMAS)}')
    return importlib.import_module(f'v2g.schema.{name}')


def _decoded(line: dict[str, Any], engine: Engine, limit: int) -> dict[str, Any]:
    schema = cast(Schema[Any], _schema(line))
    fragment = line.get('fragment', False) is True
    try:
        octets = bytes.fromhex(line['exi'])
    except (KeyError, TypeError, ValueError):
        raise ValueError('"exi" is no string of hex digits') from None
    found = document_fields(schema, octets, fragment=fragment, limit=limit, engine=engine)
    answer = {'schema': line['schema'], 'message': found.fields}
    if fragment:
        answer |= {'fragment': True, 'ns': found.ns}
    return answer | ({'spare': found.spare} if found.spare else {})


def _encoded(line: dict[str, Any], engine: Engine, limit: int) -> dict[str, Any]:
    schema = cast(Schema[Any], _schema(line))
    fragment = line.get('fragment', False) is True
    if 'message' not in line:
        raise ValueError('the line has no "message"')
    octets = from_fields(
        schema, line['message'], fragment=fragment, ns=line.get('ns'), engine=engine
    )
    answer = {'schema': line['schema'], 'exi': octets.hex()}
    return answer | ({'fragment': True, 'ns': line.get('ns')} if fragment else {})


if __name__ == '__main__':
    sys.exit(main())
