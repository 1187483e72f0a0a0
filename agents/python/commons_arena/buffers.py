"""Buffers within messages: Socket.IO sends them behind the text, which has a placeholder where each belongs."""

from __future__ import annotations

from typing import Any


def without_buffers(value: Any, buffers: list[bytes | bytearray]) -> Any:
    """`value` with a placeholder for each buffer, which go into `buffers`."""
    if isinstance(value, (bytes, bytearray)):
        buffers.append(value)
        return {"_placeholder": True, "num": len(buffers) - 1}
    if isinstance(value, (list, tuple)):
        return [without_buffers(item, buffers) for item in value]
    if isinstance(value, dict):
        return {key: without_buffers(item, buffers) for key, item in value.items()}
    return value


def with_buffers(value: Any, buffers: list[bytearray]) -> Any:
    """`value` with its placeholders replaced by `buffers`."""
    if isinstance(value, list):
        return [with_buffers(item, buffers) for item in value]
    if isinstance(value, dict):
        if value.get("_placeholder") is True:
            return buffers[value["num"]]
        return {key: with_buffers(item, buffers) for key, item in value.items()}
    return value
