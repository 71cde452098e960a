# SPDX-License-Identifier: Apache-2.0
from glob import glob

from setuptools import setup

setup(
    name='plc_bringup',
    version='0.1.0',
    packages=['plc_bringup'],
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/plc_bringup']),
        ('share/plc_bringup', ['package.xml']),
        ('share/plc_bringup/launch', glob('*.launch.py')),
        ('share/plc_bringup/scenes', glob('scenes/*.yaml')),
    ],
    zip_safe=True,
    maintainer='ros2_ccs developers',
    maintainer_email='ros2_ccs@example.org',
    description='Launch files: a vehicle, a charger, or both on a simulated power line.',
    license='Apache-2.0',
    extras_require={'test': ['pytest']},
    entry_points={'console_scripts': ['side = plc_kit.entry:main']},
)
