# SPDX-License-Identifier: Apache-2.0
"""Where packages are."""

from dataclasses import dataclass
import os
from typing import Any

from ament_index_python.packages import get_package_prefix, get_package_share_directory
from launch.substitutions import Substitution, SubstitutionFailure, perform


@dataclass
class FindPackageShare(Substitution):
    """The share folder of a package."""

    package: Any
    label = 'FindPackageShare(pkg={})'

    def perform(self, context: Any) -> str:
        return get_package_share_directory(perform(context, self.package))


@dataclass
class ExecutableInPackage(Substitution):
    """The path of an executable in a package's lib folder."""

    package: Any
    executable: Any

    def perform(self, context: Any) -> str:
        package, name = perform(context, self.package), perform(context, self.executable)
        folder = os.path.join(get_package_prefix(package), 'lib', package)
        path = os.path.join(folder, name)
        if not os.access(path, os.X_OK):
            place = f"not found on the libexec directory '{folder}' "
            raise SubstitutionFailure(f"executable '{name}' {place}")
        return path
