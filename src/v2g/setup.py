# SPDX-License-Identifier: Apache-2.0
from setuptools import find_packages, setup

setup(
    name='v2g',
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={'v2g': ['py.typed', 'exi/engine.c', 'exi/engine.h']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/v2g']),
        ('share/v2g', ['package.xml']),
    ],
    cffi_modules=['v2g/exi/engine_build.py:ffibuilder'],
    zip_safe=False,
    maintainer='ros2_ccs developers',
    maintainer_email='ros2_ccs@example.org',
    description='SDP, V2GTP, EXI and the charging session of DIN 70121.',
    license='Apache-2.0',
    extras_require={'test': ['pytest']},
    entry_points={
        'console_scripts': [
            'transport = plc_kit.entry:main',
            'session = plc_kit.entry:main',
            'exi = v2g.exi.cli:main',
        ],
    },
)
