"""Templates compiled once for all applications that tests make."""

from types import CodeType

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """The code of templates by name and file, as long as their text is the same."""

    def __init__(self) -> None:
        """Begin with none."""
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of a template, if it was compiled from this text before."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


def share_templates() -> None:
    """Let all applications of this process share what their templates compile to.

    Each has templates of its own, but they are all made of the same files.
    """
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}
