#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# pyslac, the charger's side of SLAC in Python, as pip installs it today.
#
# One would guess: `pip install pyslac` gives something that can be imported, since pip has resolved what it needs.
# So it is: pyslac 0.8.3 wants environs 9, which names marshmallow without an upper bound and asks it for a name that
# marshmallow 4 has no more. So `import pyslac.session` ends with AttributeError until marshmallow is held below 4.
# Seen on 2026-11-30, with marshmallow 4.4.0 and then 3:
#   as pip resolves it: AttributeError: module 'marshmallow' has no attribute '__version_info__'
#   marshmallow<4: imported
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
try() {
    "$folder/venv/bin/python" -c 'import pyslac.session' >"$folder/said" 2>&1 && echo imported || tail -n 1 "$folder/said"
}
"$folder/venv/bin/pip" install -q pyslac==0.8.3 marshmallow==4.4.0
echo "as pip resolves it: $(try)" >"$folder/seen"
"$folder/venv/bin/pip" install -q 'marshmallow<4'
echo "marshmallow<4: $(try)" >>"$folder/seen"
cat "$folder/seen"
diff "$folder/seen" - <<'SEEN'
as pip resolves it: AttributeError: module 'marshmallow' has no attribute '__version_info__'
marshmallow<4: imported
SEEN
