# SPDX-License-Identifier: Apache-2.0
from setuptools import find_packages, setup

setup(
    name='plc_modem',
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={'plc_modem': ['py.typed']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/plc_modem']),
        ('share/plc_modem', ['package.xml']),
    ],
    zip_safe=True,
    maintainer='ros2_ccs developers',
    maintainer_email='ros2_ccs@example.org',
    description='HomePlug Green PHY modems: their frames, their ports, their node.',
    license='Apache-2.0',
    extras_require={'test': ['pytest']},
    entry_points={
        'console_scripts': [
            'doctor = plc_modem.cli:main',
            'modem = plc_kit.entry:main',
        ],
    },
)
