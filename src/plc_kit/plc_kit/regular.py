# SPDX-License-Identifier: Apache-2.0
"""What a user names as a file may be something else that lies there."""

import os


def is_no_file(path: str | os.PathLike[str]) -> bool:
    """Tell whether a folder, a pipe or a device lies there: to open one could wait for its writer.

    What is not there, or cannot be seen, is left to open().
    """
    return os.path.exists(path) and not os.path.isfile(path)
