"""Frames: how parent and child delimit what they send each other.

A request is a kind, the number of a ruleset, a length and so many bytes: the text of a ruleset, or
facts one per line. An answer is a length and so many bytes of JSON.
"""

import struct

LOAD = b"L"
FACTS = b"F"
# What the child says when it is up.
READY = {"ready": 1}

REQUEST = struct.Struct(">cII")
_ANSWER = struct.Struct(">I")
# No answer is longer: 60 hits on each of 100,000 facts.
_LONGEST = 64 * 2**20


def request(kind: bytes, number: int, payload: bytes) -> bytes:
    """A request as the child reads it."""
    return REQUEST.pack(kind, number, len(payload)) + payload


def answer(payload: bytes) -> bytes:
    """An answer as the parent reads it."""
    return _ANSWER.pack(len(payload)) + payload


def take_answer(received: bytearray) -> bytes | None:
    """Take the first whole answer off what was received; None when there is none yet.

    Raises ValueError when it is too long to be one.
    """
    if len(received) < _ANSWER.size:
        return None
    (length,) = _ANSWER.unpack_from(received)
    if length > _LONGEST:
        raise ValueError(f"an answer of {length} bytes")
    end = _ANSWER.size + length
    if len(received) < end:
        return None
    payload = bytes(received[_ANSWER.size : end])
    del received[:end]
    return payload
