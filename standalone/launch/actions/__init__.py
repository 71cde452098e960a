# SPDX-License-Identifier: Apache-2.0
"""What a launch description may ask for."""

from launch.actions import arguments, execute_process, flow

DeclareLaunchArgument = arguments.DeclareLaunchArgument
EmitEvent = flow.EmitEvent
ExecuteProcess = execute_process.ExecuteProcess
GroupAction = arguments.GroupAction
IncludeLaunchDescription = arguments.IncludeLaunchDescription
LogInfo = flow.LogInfo
OpaqueFunction = flow.OpaqueFunction
RegisterEventHandler = flow.RegisterEventHandler
SetEnvironmentVariable = flow.SetEnvironmentVariable
SetLaunchConfiguration = arguments.SetLaunchConfiguration
Shutdown = flow.Shutdown
TimerAction = flow.TimerAction
