# SPDX-License-Identifier: Apache-2.0
"""`ros2 run plc_web serve`: the page, its node, and the graph as its child."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress
import os
from pathlib import Path
import signal
import socket
import sys
import threading

import rclpy
import uvicorn

from plc_kit.executor import make_executor
from plc_kit.refusal import CANNOT_START
from plc_kit.run import BROKEN, WHAT_A_USER_DID_WRONG, CannotStart, join
from plc_kit.undeclared import given, refuse_undeclared
from plc_web.access import LocalToken, Password, Visits, alone_in
from plc_web.app import application
from plc_web.computer import Computer
from plc_web.connections import MOST_AT_ALL, Connection
from plc_web.feed_node import FeedNode
from plc_web.graph import Graph
from plc_web.listening import AddressAway, listen
from plc_web.parameter_file import ParameterFile
from plc_web.parameters_node import Asker
from plc_web.releases import Releases
from plc_web.reports import Reports
from plc_web.site import Site
from plc_web.updater import Updater
from plc_web.version import version
from plc_web.wifi import Wifi

_LOOK = 1.0  # s between two looks at what may have changed on the disk


def main() -> None:
    """Serve until told to end."""
    try:
        told = given(sys.argv)
        join()
        feed = FeedNode()
        refuse_undeclared(told, [feed])
        site = _site(feed)
        listening = _listen(site)
    except (*WHAT_A_USER_DID_WRONG, OSError) as error:
        sys.stderr.write(f'serve: {" ".join(str(error).split())}\n')
        sys.exit(_status_of(error))
    spinner = threading.Thread(target=_spin, args=(feed,), daemon=True, name='node')
    spinner.start()
    asyncio.run(_serve(site, listening))
    feed.spinning = False
    feed.wake()
    spinner.join(3.0)
    rclpy.try_shutdown()
    sys.stdout.flush()
    os._exit(site.exit_status)  # Fast DDS sometimes spins for ever while it is taken down


def _status_of(error: Exception) -> int:
    """A port that is taken, or a full disk, is nobody's fault: it is tried again."""
    return BROKEN if isinstance(error, OSError) else CANNOT_START


def _listen(site: Site) -> socket.socket | None:
    """Listen; None, and a sentence in the log, where the address is not there yet."""
    log = site.feed.get_logger()
    try:
        return listen(site.settings, site.password, site.token, log)
    except AddressAway as error:
        log.warning(f'{error}; the page waits for it')
        return None


def _spin(feed: FeedNode) -> None:
    executor = make_executor()
    executor.add_node(feed)
    try:
        while feed.spinning:
            executor.spin_once()
    finally:
        feed.spinning = False
        feed.destroy_node()


def _site(feed: FeedNode) -> Site:
    settings, folder = feed.settings, feed.settings.state_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    alone_in(folder)
    password = Password(folder / 'password')
    file = ParameterFile(folder / 'parameters.yaml')
    releases = Releases(Path(settings.releases) if settings.releases else folder / 'none')
    launch = ('ros2', 'launch', 'plc_bringup', settings.launch)
    return Site(
        settings=settings,
        feed=feed,
        graph=Graph(launch, folder, file.path),
        asker=Asker(feed),
        file=file,
        updater=Updater(releases, Path(settings.update_key), folder / 'update.json'),
        computer=Computer(),
        wifi=Wifi(folder),
        reports=Reports(folder / 'reports'),
        password=password,
        visits=Visits(lambda: password.mark),
        token=LocalToken(folder / 'token'),
        version=version(),
    )


async def _serve(site: Site, listening: socket.socket | None) -> None:
    loop = asyncio.get_running_loop()
    server = _Server(
        uvicorn.Config(
            application(site),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            http=Connection,
            ws='websockets-sansio',
            ws_max_size=4096,
            lifespan='off',
            timeout_graceful_shutdown=2,
            limit_concurrency=MOST_AT_ALL,
            ssl_certfile=site.settings.certificate or None,
            ssl_keyfile=site.settings.private_key or None,
        )
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _leave, site, server)
    tasks = [loop.create_task(one) for one in (_begin(site), _look_after(site, server))]
    listening = listening or await _address_comes(site)
    if listening is not None:
        await server.serve(sockets=[listening])
    site.leave.set()
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            site.feed.get_logger().error(f'{type(outcome).__name__}: {outcome}')
    if (
        not site.exit_status
    ):  # told to end; a page that is to be started anew leaves the graph alone
        await site.stop_graph()


async def _address_comes(site: Site) -> socket.socket | None:
    """Try until the address is there, as one of a network that comes late; None: told to leave.

    All else goes on meanwhile: the graph starts, and a WiFi access point that may bring it.
    """
    log, leaving = site.feed.get_logger(), asyncio.create_task(site.leave.wait())
    while not (await asyncio.wait({leaving}, timeout=_LOOK))[0]:
        # In a thread: a name that nobody knows may take its time, but who leaves waits for none.
        where = (site.settings, site.password, site.token, log)
        trying = asyncio.create_task(asyncio.to_thread(listen, *where))
        await asyncio.wait({leaving, trying}, return_when=asyncio.FIRST_COMPLETED)
        if leaving.done():
            trying.cancel()
            return None
        try:
            return trying.result()
        except AddressAway:
            continue
        except (CannotStart, OSError) as error:
            log.error(str(error))
            site.exit_status = _status_of(error)
            return None
    return None


def _leave(site: Site, server: uvicorn.Server) -> None:
    site.leave.set()
    server.should_exit = True


class _Server(uvicorn.Server):
    """One that leaves signals to this program."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def _begin(site: Site) -> None:
    """Start the graph where it is wanted; a new release's page must be confirmed first."""
    if site.settings.wifi_setup:
        await _open_access_point(site)
    await site.updater.settled()
    async with site.changing:
        if (site.settings.start_graph or site.graph_is_wanted) and not site.graph.running:
            site.start_graph()


async def _open_access_point(site: Site) -> None:
    try:
        await site.wifi.open_if_nothing_is_known()
    except Exception as error:  # noqa: BLE001 whatever it is, the graph starts
        site.feed.get_logger().error(f'no access point for setting up: {error}')


async def _look_after(site: Site, server: uvicorn.Server) -> None:
    """Notice the wish to leave, a graph that has ended, and a log that has grown."""
    ran = site.graph.running
    while not site.leave.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(site.leave.wait(), _LOOK)
        runs = site.graph.running
        if ran and not runs:
            site.feed.forget()
        ran = runs
        site.graph.shorten_log()
        if not site.feed.spinning:
            site.exit_status = 1  # without its node the page knows nothing: begin anew
            site.leave.set()
    _leave(site, server)
