# SPDX-License-Identifier: Apache-2.0
from setuptools import find_packages, setup

setup(
    name='plc_kit',
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={'plc_kit': ['py.typed', '*.xml']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/plc_kit']),
        ('share/plc_kit', ['package.xml']),
    ],
    zip_safe=True,
    maintainer='ros2_ccs developers',
    maintainer_email='ros2_ccs@example.org',
    description='What every node of ros2_ccs adds to rclpy.',
    license='Apache-2.0',
    extras_require={'test': ['pytest']},
    entry_points={
        'console_scripts': [],
    },
)
