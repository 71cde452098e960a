# SPDX-License-Identifier: Apache-2.0
from setuptools import find_packages, setup

setup(
    name='plc_log',
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={'plc_log': ['py.typed', 'definitions/*.msg', 'report/assets/*']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/plc_log']),
        ('share/plc_log', ['package.xml']),
    ],
    zip_safe=False,
    maintainer='ros2_ccs developers',
    maintainer_email='ros2_ccs@example.org',
    description='Offline analysis of charging sessions: bags, captures, timelines.',
    license='Apache-2.0',
    extras_require={'test': ['pytest']},
    entry_points={
        'console_scripts': [
            'plc-log = plc_log.cli:main',
            'compare = plc_log.compare:main',
            'export = plc_log.export:main',
            'import = plc_log.import_:main',
            'record = plc_kit.entry:main',
            'replay = plc_log.replay:main',
            'report = plc_log.report.command:main',
            'status = plc_kit.entry:main',
            'summary = plc_log.summary:main',
            'syslog = plc_kit.entry:main',
            'timeline = plc_log.timeline:main',
            'watch = plc_log.watch:main',
        ],
    },
)
