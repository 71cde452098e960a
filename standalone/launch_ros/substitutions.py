# SPDX-License-Identifier: Apache-2.0
"""Where packages are."""

import os
from typing import Any

from ament_index_python.packages import get_package_prefix, get_package_share_directory
from launch.substitution import Some, SubstitutionFailure, perform, substitution


@substitution('FindPackageShare(pkg={})')
def FindPackageShare(context: Any, package: Some) -> str:
    return get_package_share_directory(perform(context, package))


@substitution()
def ExecutableInPackage(context: Any, executable: Some, package: Some) -> str:
    package, name = perform(context, package), perform(context, executable)
    folder = os.path.join(get_package_prefix(package), 'lib', package)
    path = os.path.join(folder, name)
    if not os.access(path, os.X_OK):
        place = f"not found on the libexec directory '{folder}' "
        raise SubstitutionFailure(f"executable '{name}' {place}")
    return path
