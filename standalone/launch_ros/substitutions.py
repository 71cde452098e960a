# SPDX-License-Identifier: Apache-2.0
"""Where packages are."""

from __future__ import annotations

import os
from typing import Any

from ament_index_python.packages import get_package_prefix, get_package_share_directory
from launch.substitutions import Substitution, SubstitutionFailure, describe, normalize, perform


class FindPackageShare(Substitution):
    """The share folder of a package."""

    def __init__(self, package: Any) -> None:
        self.package = normalize(package)

    def describe(self) -> str:
        return f'{type(self).__name__}(pkg={describe(self.package)})'

    def perform(self, context: Any) -> str:
        return get_package_share_directory(perform(context, self.package))


class FindPackagePrefix(FindPackageShare):
    """The install prefix of a package."""

    def perform(self, context: Any) -> str:
        return get_package_prefix(perform(context, self.package))


class ExecutableInPackage(Substitution):
    """The path of an executable in a package's lib folder."""

    def __init__(self, executable: Any, package: Any) -> None:
        self.executable, self.package = normalize(executable), normalize(package)

    def describe(self) -> str:
        return f'ExecInPkg(pkg={describe(self.package)}, exec={describe(self.executable)})'

    def perform(self, context: Any) -> str:
        package, name = perform(context, self.package), perform(context, self.executable)
        folder = os.path.join(get_package_prefix(package), 'lib', package)
        path = os.path.join(folder, name)
        if not (os.path.isfile(path) and os.access(path, os.X_OK)):
            raise SubstitutionFailure(
                f"executable '{name}' not found on the libexec directory '{folder}' "
            )
        return path
