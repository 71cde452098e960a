# SPDX-License-Identifier: Apache-2.0
"""Two scenarios for real: a charger and a vehicle that misbehave, by the command users have."""

import subprocess


def test_a_charger_and_a_vehicle_misbehave_in_the_real_graph(domain):
    names = ('malfunction_in_current_demand', 'session_stop_for_pre_charge')
    command = ('ros2', 'run', 'plc_sim', 'scenarios', '--graph', '--patience', '1', *names)
    told = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert told.returncode == 0, told.stdout + told.stderr
    assert '2 scenarios, 2 as expected' in told.stdout


def test_an_unknown_scenario_ends_the_launch_with_the_names_like_it(start, network):
    launch = start(
        'ros2',
        'launch',
        'plc_bringup',
        'sim.launch.py',
        f'network:={network}',
        'scenario:=god_case',
    )
    assert launch.end() == 1
    assert "no scenario 'god_case'; names like it: good_case" in launch.output
