# SPDX-License-Identifier: Apache-2.0
"""How colcon (setup.py, cffi_modules) compiles engine.c into the extension module _v2g_exi.

Run with a folder, it builds there: `make sanitize` does.
"""

import os
from pathlib import Path
import sys

from cffi import FFI

HERE = Path(__file__).parent if __name__ != '__main__' else Path(__file__).resolve().parent
WARNINGS = ['-std=c11', '-Wall', '-Wextra', '-Werror']
EXTRA = os.environ.get('V2G_EXI_CFLAGS', '-O3').split()

ffibuilder = FFI()
ffibuilder.cdef(
    '\n'.join(
        line for line in (HERE / 'engine.h').read_text().splitlines() if not line.startswith('#')
    )
)
ffibuilder.set_source(
    '_v2g_exi',
    """
    #pragma GCC diagnostic ignored "-Wunused-parameter"  /* of cffi's glue */
    #include "engine.h"
    """,
    sources=[str(HERE / 'engine.c')],
    include_dirs=[str(HERE)],
    extra_compile_args=WARNINGS + EXTRA,
    extra_link_args=[flag for flag in EXTRA if flag.startswith('-fsanitize')],
    optional=True,  # without a compiler the twin serves
)

if __name__ == '__main__':
    ffibuilder.compile(tmpdir=sys.argv[1])
