"""Private environments, E of them that step together: as fast as both sides go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .connection import Connection
from .errors import ArenaError
from .frames import STEP_HEADER, Frame, FrameLayout
from .game import Game, options_of


class Batch:
    """E environments of N players. `reset` them, then `step` with actions [E, N]."""

    def __init__(self, connection: Connection, opened: dict[str, Any], owns: bool) -> None:
        self.connection = connection
        self.number: int = opened["batch"]
        # E
        self.environments: int = opened["environments"]
        self.autoreset: bool = opened["autoreset"]
        self.game = Game.of(opened["game"])
        self.layout = FrameLayout(self.game, self.environments, opened["visible"])
        self._owns = owns
        self._closed = False
        self._request = bytearray(self.layout.request_bytes)
        self._request[:2] = self.number.to_bytes(2, "little")
        shape = (self.environments, self.game.players, *self.game.action_shape)
        raw = np.frombuffer(self._request, np.uint8)
        self._actions = raw[STEP_HEADER:].view(self.game.action_dtype).reshape(shape)

    @classmethod
    def open(
        cls,
        connection: Connection,
        environment: str = "harvest",
        environments: int = 1,
        *,
        preset: str | None = None,
        encoding: str | None = None,
        packing: str = "plain",
        autoreset: bool = True,
        visible: bool = False,
        seed: int = 0,
        owns: bool = False,
        **options: Any,
    ) -> Batch:
        """Opens `environments` private ones.

        @param encoding of observations: on a grid "ids" (class ids, the default) or "rgb".
        @param packing "nibbles" halves what comes over the wire, of ids and of up to seven players; arrays are the same.
        @param autoreset whether the step that ends an episode starts the next one; its last observation comes beside.
        @param visible whether frames say who sees whom.
        @param seed from which the seeds of all episodes follow that no `reset` gives.
        @param owns whether closing the batch closes the connection.
        @param options of the environment that differ from the preset, `players` and `episode_length` too.
        @raises ArenaError
        """
        message = {
            "environment": environment,
            "environments": environments,
            "packing": packing,
            "autoreset": autoreset,
            "visible": visible,
            "seed": seed,
            "options": options_of(options),
        }
        if preset is not None:
            message["preset"] = preset
        if encoding is not None:
            message["encoding"] = encoding
        return cls(connection, connection.call("open", message), owns)

    def reset(self, seeds: Sequence[int] | None = None, environments: Sequence[int] | None = None) -> Frame:
        """Starts episodes, of all environments or of those named.

        @param seeds one for each that starts; drawn from the batch's own seed where left out.
        """
        message: dict[str, Any] = {"batch": self.number}
        if environments is not None:
            message["environments"] = [int(e) for e in environments]
        if seeds is not None:
            message["seeds"] = [int(seed) for seed in seeds]
        return self._read(self.connection.call("reset", message))

    def step(self, actions: Any) -> Frame:
        """One step of every environment. @param actions [E, N] numbers of actions, or [E, N, ...] continuous ones."""
        return self.wait(self.send(actions))

    def send(self, actions: Any) -> int:
        """Sends actions; `wait` with what it returns is the step's frame. So both sides can work at once."""
        self._write(actions)
        return self.connection.request("step", self._request)

    def wait(self, request: int) -> Frame:
        return self._read(self.connection.answer(request))

    def _write(self, actions: Any) -> None:
        target = self._actions
        given = np.asarray(actions)
        if given.size != target.size:
            raise ValueError(f"actions have shape {given.shape}, {target.shape} is due")
        labels = self.game.actions
        if labels is not None and given.dtype != np.uint8:
            # What the arena would not see: 256 would wrap to 0, and 1.5 be cut to 1.
            if given.dtype.kind not in "iu":
                raise ValueError(f"actions are {given.dtype}, they should be integers")
            lowest, highest = int(given.min()), int(given.max())
            if lowest < 0 or highest >= len(labels):
                wrong = lowest if lowest < 0 else highest
                raise ArenaError("bad-action", f"action {wrong} is none, there are 0 to {len(labels) - 1}")
        np.copyto(target, given.reshape(target.shape), casting="unsafe")

    def _read(self, answer: Any) -> Frame:
        if not isinstance(answer, bytearray):
            raise ArenaError("bad-frame", f"the arena answered {answer!r} where a buffer is due")
        return self.layout.read(answer)

    def save(self) -> bytes:
        """The state of all environments, seeds and statistics included, which only this arena takes back."""
        return bytes(self.connection.call("save", {"batch": self.number}))

    def load(self, state: bytes) -> Frame:
        """Goes on from a state that `save` gave."""
        return self._read(self.connection.call("load", {"batch": self.number, "state": bytes(state)}))

    def close(self) -> None:
        """Gives the environments back. What was closed may be closed again."""
        if self._closed:
            return
        self._closed = True
        if self._owns:
            self.connection.close()
        elif not self.connection.closed:
            self.connection.call("close", {"batch": self.number})

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
