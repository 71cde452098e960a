# SPDX-License-Identifier: Apache-2.0
"""Which release this is."""

from importlib.metadata import version as version_of
import json
from pathlib import Path


def version() -> str:
    """Return the version of the bundle that this was installed from, or of the package."""
    for folder in Path(__file__).resolve().parents:
        manifest = folder / 'manifest.json'
        if manifest.exists() and (folder / 'env.sh').exists():
            return str(json.loads(manifest.read_text())['version'])
    return version_of('plc_web')
