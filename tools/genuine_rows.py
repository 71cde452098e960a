# SPDX-License-Identifier: Apache-2.0
"""What genuine.py types behind `ros2`: the README's commands, and the ways in which launches end.

A row is what is typed, the status it ends with (None: whatever), and a part of what it prints.
"""

SIM = 'launch plc_bringup sim.launch.py speed:=60'
OVER = 'pev.session]: FINISHED'

SHOWS = (
    *((f'launch plc_bringup {side}.launch.py --show-args', 0, "'exit_when_done':")
      for side in ('pev', 'evse', 'sim')),
    ('interface show plc_msgs/msg/ChargingState', 0, '# V'),
    ('interface show plc_msgs/action/Charge', 0, 'target_soc'),
)  # fmt: skip
COMMANDS = (
    ('node list', 0, '/pev/session'),
    ('topic list', 0, '/pev/charging/state'),
    ('topic info /pev/charging/state', 0, 'plc_msgs/msg/ChargingState'),
    ('topic echo --once /pev/charging/state', 0, 'stage_name:'),
    ('topic echo --once --field voltage /pev/charging/battery_state', 0, '.'),
    ('service list', 0, '/pev/charging/stop'),
    ('action list', 0, '/pev/charging/charge'),
    ('lifecycle nodes', 0, '/pev/modem'),
    ('lifecycle get /pev/modem', 0, 'active'),
    ('param list /pev/session', 0, 'max_current'),
    ('param set /pev/session max_current 80.0', 0, 'successful'),
    ("topic pub --once /pev/emergency_stop std_msgs/msg/Bool '{data: false}'", 0, 'False'),
    ('service call /evse/modem/read_firmware std_srvs/srv/Trigger', 0, 'Trigger_Response'),
    ("action send_goal --feedback /pev/charging/charge plc_msgs/action/Charge '{target_soc: 0.55,"
     " max_current: 60.0}'", 0, 'SUCCEEDED'),
)  # fmt: skip
ENDS = (
    (f'{SIM} exit_when_done:=true', 0, OVER),
    (f'{SIM} exit_when_done:=true composed:=true', 0, OVER),
    (f'{SIM} exit_when_done:=true modem:=qca7005', 0, OVER),
    (f'{SIM} exit_when_done:=true scenario:=good_case', 0, OVER),
    (f'{SIM} exit_when_done:=true params_file:={{folder}}/own.yaml', 0, 'reached 55%'),
    (f'{SIM} exit_when_done:=true params_file:={{folder}}/high.yaml', 1, 'plc_bringup: pev: '),
    ('launch plc_bringup pev.launch.py interface:=nosuch0', 1,
     'plc_bringup: there is no interface nosuch0'),
    ('launch plc_bringup pev.launch.py modem:=banana', 1, 'banana'),
    (f'{SIM} params_file:=nosuch.yaml', 1, 'nosuch.yaml'),
    ('launch plc_bringup evse.launch.py moed:=soc_reader', 1, 'did you mean mode?'),
    (f'{SIM} params_file:={{folder}}/misspelt.yaml', 1, 'did you mean authorization?'),
)  # fmt: skip
TOOLS = (
    ('run plc_log report {bag} -o {folder}/report.html', 0, ''),
    ('run plc_log timeline {bag}', 0, 'CurrentDemandReq'),
    ('run plc_log compare {folder}', 0, 'bag'),
    ('run plc_log export {bag} -o {folder}/out.pcapng', 0, ''),
    ('run plc_log summary {bag}', 0, 'CHARGE_LOOP'),
    ('run plc_log replay {bag}', 0, 'identical'),
    ('run plc_sim scenarios good_case', 0, 'good_case'),
    ('run plc_sim car_park --seeds 1', 0, ''),
    ('run plc_modem doctor', None, ''),
)  # fmt: skip
BAGS = (
    ('bag info {bag}', 0, '/pev/charging/state'),
    ('bag info -v {bag}', 0, '/pev/charging/state'),
    ('bag play --rate 20 {bag}', 0, ''),
    ('bag reindex {bag}', 0, ''),
    ('bag convert -i {bag} -o {folder}/convert.yaml', 0, ''),
)  # fmt: skip
PARAMETERS = {
    'own.yaml': 'vehicle: {ros__parameters: {target_soc: 0.55}}\n',
    'high.yaml': '/pev/vehicle: {ros__parameters: {pack_voltage: 900.0, max_voltage: 950.0}}\n',
    'misspelt.yaml': '/evse/session: {ros__parameters: {autorization: 0123456789ab}}\n',
    'convert.yaml': 'output_bags: [{uri: {folder}/new, storage_id: sqlite3, all_topics: true}]',
}
