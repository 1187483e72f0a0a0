"""A real arena for the tests of a session: the one that ARENA_URL, ARENA_TOKEN and ARENA_DATA name, or one of their own."""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[3]
NODE = ROOT / "node_modules/.bin/node"


def arena_command(*arguments: str) -> str:
    command = [NODE, ROOT / "server/arena.ts", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make_token(data: str, *arguments: str) -> SimpleNamespace:
    made = json.loads(arena_command("token", "create", "--name", "pytest", "--data", data, "--json", *arguments))
    return SimpleNamespace(id=made["id"], token=made["token"])


@pytest.fixture(scope="session")
def arena():
    """`url`, a `token` that may do everything, and the `data` folder, where others can be made."""
    if "ARENA_URL" in os.environ:
        yield SimpleNamespace(url=os.environ["ARENA_URL"], data=os.environ["ARENA_DATA"], token=os.environ["ARENA_TOKEN"])
        return
    with tempfile.TemporaryDirectory() as data:
        serve = [NODE, ROOT / "server/arena.ts", "serve", "--port", "0", "--no-demo", "--data", data]
        quiet = {**os.environ, "ARENA_LOG": "silent"}
        with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True, env=quiet) as server:
            try:
                ready = server.stdout.readline()
                assert ready.startswith("Arena ready at "), ready
                url = ready.removeprefix("Arena ready at ").strip()
                yield SimpleNamespace(url=url, data=data, token=make_token(data).token)
            finally:
                server.terminate()


@pytest.fixture
def connection(arena):
    from commons_arena import connect

    with connect(arena.url, arena.token) as connected:
        yield connected
