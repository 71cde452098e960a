# SPDX-License-Identifier: Apache-2.0
from setuptools import find_packages, setup

setup(
    name='slac',
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={'slac': ['py.typed']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/slac']),
        ('share/slac', ['package.xml']),
    ],
    zip_safe=True,
    maintainer='ros2_ccs developers',
    maintainer_email='ros2_ccs@example.org',
    description='SLAC of ISO 15118-3: who is plugged into whom.',
    license='Apache-2.0',
    extras_require={'test': ['pytest']},
    entry_points={
        'console_scripts': [
            'slac = plc_kit.entry:main',
        ],
    },
)
