# SPDX-License-Identifier: Apache-2.0
"""The namespace in which a side is once a launch file was included under others."""


def whole(context, space):
    """Return the whole namespace, as launch_ros makes it; '' is the root.

    space: in text or as a substitution.
    """
    text = space if isinstance(space, str) else context.perform_substitution(space)
    pushed = context.launch_configurations.get('ros_namespace', '')
    parts = [text] if text.startswith('/') else [pushed, text]
    return ''.join(f'/{part.strip("/")}' for part in parts if part.strip('/'))
