# SPDX-License-Identifier: Apache-2.0
from setuptools import find_packages, setup

setup(
    name='plc_web',
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={'plc_web': ['py.typed', 'pages/*', 'service/*']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/plc_web']),
        ('share/plc_web', ['package.xml']),
    ],
    zip_safe=False,
    maintainer='ros2_ccs developers',
    maintainer_email='ros2_ccs@example.org',
    description='The management page: live view, parameters, log, sessions, update.',
    license='Apache-2.0',
    extras_require={'test': ['pytest']},
    entry_points={
        'console_scripts': [
            'serve = plc_kit.entry:main',
            'password = plc_web.password_cli:main',
            'update = plc_web.update_cli:main',
            'bundle = plc_web.bundle_cli:main',
            'self_test = plc_web.self_test:main',
            'keep = plc_web.keeper:main',
        ],
    },
)
