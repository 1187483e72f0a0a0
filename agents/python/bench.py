"""Round trips of this client: prints one JSON object.

    python bench.py --arena http://127.0.0.1:2567 --token TOKEN --connections 4 --environments 16 --seconds 2
    python bench.py '{"arena": "http://...", "token": "...", "connections": 4, ...}'

With `--bare URL`, of a Socket.IO server that does nothing but answer `step` with as many bytes, both take turns in short
slices, so that whatever else the machine does falls on both alike; and so do the same environments stepped by Node, without a
network.

Each connection has a thread of its own, which steps its environments with actions by chance as fast as both sides go.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from commons_arena import Batch, Connection, connect

SLICE_SECONDS = 0.2
# Until machine code has settled on the other side.
WARM_UP_SECONDS = 1.5
# Joint actions that are sent in turn, so that drawing them takes no time.
DRAWN = 64
PLAYERS = 5

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / "node_modules/.bin/node"
IN_PROCESS = ROOT / "test/bench/gateway-in-process.ts"

Step = Callable[[], object]


def arena_step(batch: Batch, seed: int) -> Step:
    batch.reset()
    shape = (DRAWN, batch.environments, batch.game.players)
    drawn = np.random.default_rng(seed).integers(0, len(batch.game.actions), shape, np.uint8)
    turns = itertools.cycle(drawn)
    return lambda: batch.step(next(turns))


def bare_step(connection: Connection, request: int, reply: int) -> Step:
    connection.call("size", reply)
    buffer = bytearray(request)
    return lambda: connection.call("step", buffer)


def run(step: Step, seconds: float, times: list[float]) -> None:
    """Steps for a while, each step waiting for its answer, and notes how long each took."""
    now = time.perf_counter()
    end = now + seconds
    while now < end:
        step()
        after = time.perf_counter()
        times.append(after - now)
        now = after


def together(steps: list[Step], seconds: float) -> tuple[float, list[float]]:
    """All at once for a while. Returns round trips a second, and how long each took."""
    times: list[list[float]] = [[] for _ in steps]
    began = time.perf_counter()
    if len(steps) == 1:
        run(steps[0], seconds, times[0])
    else:
        threads = [threading.Thread(target=run, args=(step, seconds, own)) for step, own in zip(steps, times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    all_times = [took for own in times for took in own]
    return len(all_times) / (time.perf_counter() - began), all_times


class InProcess:
    """Another process that steps as many of the same environments, for a while whenever it is told to."""

    def __init__(self, environments: int) -> None:
        command = [NODE, IN_PROCESS, str(environments)]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, seconds: float) -> float:
        """Environment steps a second."""
        self._child.stdin.write(f"{seconds * 1000}\n")
        self._child.stdin.flush()
        return float(self._child.stdout.readline())

    def close(self) -> None:
        self._child.stdin.close()
        self._child.wait()


def measure(trial: dict) -> dict[str, float]:
    environments, token = trial["environments"], trial["token"]
    packing, bare = trial.get("packing", "plain"), trial.get("bare")
    batches = [
        connect(trial["arena"], token).open(
            trial.get("environment", "harvest"), environments, packing=packing, players=PLAYERS, seed=k, owns=True
        )
        for k in range(trial["connections"])
    ]
    request, reply = batches[0].layout.request_bytes, batches[0].layout.ended
    steps = [arena_step(batch, k) for k, batch in enumerate(batches)]
    others = [connect(bare, token) for _ in batches] if bare else []
    bare_steps = [bare_step(connection, request, reply) for connection in others]
    in_process = InProcess(environments) if bare else None
    together(steps, WARM_UP_SECONDS)
    if bare and in_process:
        together(bare_steps, WARM_UP_SECONDS)
        in_process.run(WARM_UP_SECONDS / 4)
    rates: dict[str, list[float]] = {"arena": [], "bare": [], "in_process": []}
    latencies: list[float] = []
    end = time.perf_counter() + trial["seconds"]
    while time.perf_counter() < end:
        rate, took = together(steps, SLICE_SECONDS)
        rates["arena"].append(rate)
        latencies += took
        if in_process:
            rates["bare"].append(together(bare_steps, SLICE_SECONDS)[0])
            rates["in_process"].append(in_process.run(SLICE_SECONDS / 4))
    for open_one in [*batches, *others, *([in_process] if in_process else [])]:
        open_one.close()
    arena = np.array(rates["arena"])
    result = {
        "roundTripsPerSecond": np.median(arena),
        "p50Ms": 1000 * np.percentile(latencies, 50),
        "p99Ms": 1000 * np.percentile(latencies, 99),
        "bytesPerStep": (request + reply) / environments,
        "environmentStepsPerSecond": np.median(arena) * environments,
    }
    if in_process:
        result["bareFraction"] = np.median(arena / rates["bare"])
        result["bareRoundTripsPerSecond"] = np.median(rates["bare"])
        result["inProcessFraction"] = np.median(arena * environments / rates["in_process"])
        result["inProcessStepsPerSecond"] = np.median(rates["in_process"])
    return {name: float(value) for name, value in result.items()}


def asked() -> dict:
    if len(sys.argv) == 2 and sys.argv[1].startswith("{"):
        return json.loads(sys.argv[1])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arena", required=True, help="its address")
    parser.add_argument("--token", required=True, help="made by `arena token create`")
    parser.add_argument("--bare", help="address of a bare server")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--environments", type=int, default=1, help="of each connection")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--environment", default="harvest", help="one with actions that can be counted")
    parser.add_argument("--packing", default="plain", choices=["plain", "nibbles"])
    return vars(parser.parse_args())


if __name__ == "__main__":
    print(json.dumps(measure(asked())))
