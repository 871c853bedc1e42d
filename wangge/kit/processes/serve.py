"""``wangge serve``: web and worker, started and ended together with the database."""

from __future__ import annotations

import errno
import http.client
import ipaddress
import os
import socket
import time
from contextlib import closing

import click

from wangge.kit.errors import DomainError
from wangge.kit.postgres import Server
from wangge.kit.processes.children import Child, StopSignal, stop_all
from wangge.kit.program import FAILED, OK, Program, only_one

LOOK_SECONDS = 0.25
KEEPER_SECONDS = 2.0
BROKEN_SECONDS = 3.0
BROKEN_CHILD_SECONDS = 10.0
DEMO_NICE = 5


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 · address to listen on")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="端口 · port")
@click.option(
    "--workers",
    default=lambda: min(os.cpu_count() or 1, 4),
    type=click.IntRange(1, 64),
    help="网页进程数(默认:处理器核数,至多 4)· web processes (default: one for each core, at most 4)",
)
@click.option(
    "--demo", is_flag=True, help="没有数据时建立演示城镇 · set up the demo town when there is no data"
)
@click.pass_obj
def command(program: Program, host: str, port: int, workers: int, demo: bool) -> int:
    """打开网格:数据库、网页、后台进程一起启动,一起停止。

    Open Wangge: database, web pages and worker start and end together. Ctrl-C stops it.
    """
    with only_one(program.data_folder, "serve", zh="网格", en="Wangge"):
        click.echo(f"数据目录 · data folder: {program.data_folder}")
        refuse_outside(program, host)
        refuse_taken_port(host, port)
        children = [Child("web", ["-m", "wangge.kit.processes.web", *web_words(host, port, workers)])]
        if demo:
            children.append(Child("demo", ["-m", "wangge", "demo"], again=False, nice=DEMO_NICE))
        later = (
            [Child("worker", ["-m", "wangge", "worker"], is_spared=True)]
            if program.offered("run_worker")
            else []
        )
        with StopSignal() as stop:
            try:
                for child in children:
                    child.start()
                status = keep(program, children, later, stop, host, port)
            finally:
                stop_all(children)
    click.echo("已停止 · stopped", err=True)
    return status


def web_words(host: str, port: int, workers: int) -> list[str]:
    return ["--host", host, "--port", str(port), "--workers", str(workers)]


def keep(
    program: Program, children: list[Child], later: list[Child], stop: StopSignal, host: str, port: int
) -> int:
    """Until told to stop: say when the first page is there, start what can wait, start again what ended."""
    is_announced = False
    looked_at = 0.0
    while not stop.wait(LOOK_SECONDS):
        if not is_announced and answers(host, port):
            is_announced = True
            click.echo(f"网格已打开 · Wangge is open: http://{shown(host)}:{port}  (Ctrl-C 停止 · stops it)")
            for child in later:
                child.start()
            children.extend(later)
        if program.server is not None and time.monotonic() - looked_at > KEEPER_SECONDS:
            ensure_database(program.server)
            looked_at = time.monotonic()
        for child in children:
            if child.is_running or not child.again:
                continue
            if child.is_hopeless and not child.is_spared:
                click.echo(
                    f"{child.name} 进程反复退出,网格停止。· {child.name} keeps ending; stopping.", err=True
                )
                return FAILED
            if child.is_hopeless and child.rested_seconds < BROKEN_CHILD_SECONDS:
                continue
            child.start()
    return OK


def ensure_database(server: Server) -> None:
    """Start the database again when nobody keeps it. While it cannot start (a full disk, say) the pages stay and say so."""
    try:
        server.ensure_running()
    except DomainError as error:
        click.echo(f"{error.zh}\n{error.en}", err=True)
        time.sleep(BROKEN_SECONDS)


def refuse_outside(program: Program, host: str) -> None:
    """Addresses that others can reach are only opened when every feature agrees (no demo accounts, say)."""
    may_serve_on = program.offered("may_serve_on")
    if not is_loopback(host) and may_serve_on is not None:
        may_serve_on(host)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_taken_port(host: str, port: int) -> None:
    """Raises DomainError when nothing can listen there: taken, not ours, not allowed."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise DomainError(
                409,
                "port_taken",
                f"端口 {port} 已被别的程序占用。请用 --port 换一个,例如 --port {port + 1}。",
                f"Port {port} is taken by another program. Choose another, for example --port {port + 1}.",
            ) from error
        raise DomainError(
            400,
            "address",
            f"不能在 {host}:{port} 上监听({error.strerror})。请改 --host 或 --port。",
            f"Cannot listen on {host}:{port} ({error.strerror}). Change --host or --port.",
        ) from error


def answers(host: str, port: int) -> bool:
    """Whether a page comes back, whatever it says."""
    connection = http.client.HTTPConnection(shown(host).strip("[]"), port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def shown(host: str) -> str:
    """An address that a browser on this machine can open."""
    if host in ("0.0.0.0", "::", "[::]"):  # noqa: S104  compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
