# SPDX-License-Identifier: Apache-2.0
from setuptools import find_packages, setup

setup(
    name='plc_sim',
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={'plc_sim': ['py.typed', 'lines/*.yaml']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/plc_sim']),
        ('share/plc_sim', ['package.xml']),
    ],
    zip_safe=True,
    maintainer='ros2_ccs developers',
    maintainer_email='ros2_ccs@example.org',
    description='A simulated power line, vehicle and power supply.',
    license='Apache-2.0',
    extras_require={'test': ['pytest']},
    entry_points={
        'console_scripts': [
            'car_park = plc_sim.car_park_table:main',
            'line = plc_kit.entry:main',
            'vehicle = plc_kit.entry:main',
            'supply = plc_kit.entry:main',
            'partner = plc_kit.entry:main',
            'wallbox = plc_kit.entry:main',
            'script = plc_kit.entry:main',
            'scenarios = plc_sim.scenario.cli:main',
        ],
    },
)
