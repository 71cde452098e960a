# SPDX-License-Identifier: Apache-2.0
from setuptools import find_packages, setup

setup(
    name='plc_home',
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={'plc_home': ['py.typed']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/plc_home']),
        ('share/plc_home', ['package.xml']),
    ],
    zip_safe=True,
    maintainer='ros2_ccs developers',
    maintainer_email='ros2_ccs@example.org',
    description='What of a charge goes to the house: a callback by HTTP, and MQTT.',
    license='Apache-2.0',
    extras_require={'test': ['pytest']},
    entry_points={
        'console_scripts': [
            'mqtt = plc_kit.entry:main',
            'soc_callback = plc_kit.entry:main',
        ],
    },
)
