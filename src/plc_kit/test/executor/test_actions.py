# SPDX-License-Identifier: Apache-2.0
"""Actions run in the executor: goal, feedback, result, cancel, and callbacks that await."""

import pytest
from rclpy.action import ActionClient, ActionServer, CancelResponse
from rclpy.task import Future

from plc_msgs.action import Charge


@pytest.fixture
def action(scene):
    """A server whose goals end when a test says so, and a client."""

    async def execute(goal):
        running.append(goal)
        await go_on
        if goal.is_cancel_requested:
            goal.canceled()
        else:
            goal.succeed()
        return Charge.Result(reason='the end')

    go_on, running = Future(), []
    accept = lambda _: CancelResponse.ACCEPT  # noqa: E731
    server = ActionServer(scene.one, Charge, 'charge', execute, cancel_callback=accept)
    client = ActionClient(scene.other, Charge, 'charge')
    scene.spin(client.server_is_ready)
    yield client, go_on, running
    client.destroy()
    server.destroy()


def _begin(scene, client):
    accepted = client.send_goal_async(
        Charge.Goal(), feedback_callback=lambda told: scene.ring(told.feedback.stage_name)
    )
    scene.spin(accepted.done)
    return accepted.result(), accepted.result().get_result_async()


def test_a_goal_runs_with_feedback_to_its_result(scene, action, awaited):
    def heard():
        running[0].publish_feedback(Charge.Feedback(stage_name='AT_WORK'))
        return scene.rung

    client, go_on, running = action
    handle, result = _begin(scene, client)
    assert handle.accepted
    scene.spin(lambda: running)
    scene.spin(heard)  # the first ones may come before client and server know each other
    assert scene.rung[0] == 'AT_WORK'
    assert not result.done()
    scene.executor.create_task(go_on.set_result, None)
    scene.spin(result.done)
    assert result.result().result.reason == 'the end'
    assert result.result().status == 4  # SUCCEEDED of action_msgs


def test_a_goal_is_cancelled(scene, action, awaited):
    client, go_on, _ = action
    handle, result = _begin(scene, client)
    cancelled = handle.cancel_goal_async()
    scene.spin(cancelled.done)
    assert len(cancelled.result().goals_canceling) == 1
    scene.executor.create_task(go_on.set_result, None)
    scene.spin(result.done)
    assert result.result().status == 5  # CANCELED
