# SPDX-License-Identifier: Apache-2.0
from setuptools import find_packages, setup

setup(
    name='plc_vehicle',
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={'plc_vehicle': ['py.typed']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/plc_vehicle']),
        ('share/plc_vehicle', ['package.xml']),
        ('share/plc_vehicle/dbc', ['dbc/ros2_ccs.dbc']),
    ],
    zip_safe=True,
    maintainer='ros2_ccs developers',
    maintainer_email='ros2_ccs@example.org',
    description='Ready-made vehicles: outputs by GPIO, a battery by topic or CAN, a bench load.',
    license='Apache-2.0',
    extras_require={'test': ['pytest']},
    entry_points={
        'console_scripts': [
            'bench_load = plc_kit.entry:main',
            'vehicle = plc_kit.entry:main',
        ],
    },
)
