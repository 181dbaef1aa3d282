"""What a measurement was taken on: the machine, Python, and the packages that matter."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil

PACKAGES = ("durable-rules", "orjson", "sqlalchemy", "zen-engine", "rule-engine", "psycopg")
_GIGABYTE = 2**30


def described() -> list[str]:
    """The lines that stand above the tables."""
    memory = psutil.virtual_memory().total / _GIGABYTE
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    usable = len(os.sched_getaffinity(0))
    system = f"{platform.system()} {platform.release()}"
    return [
        f"Machine: {_processor()}, {usable} cores usable, {memory:.0f} GB of memory, {system}",
        f"Python {platform.python_version()}; {packages}",
        f"Load before: {os.getloadavg()[0]:.2f}",
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _colon, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
