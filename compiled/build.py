"""Build the wheel mycaffe_py_kernels: the kernels, compiled for each level of x86-64.

    python -m compiled.build [--out dist] [--levels x86-64-v3 x86-64-v4] [--only WORK ...]

It runs on Linux, on a machine that has the highest of the levels, in the environment whose Python
and numba the wheel is for; the tests' packages have to be there. It takes some minutes for each
level.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path

from mycaffe_py import __version__
from mycaffe_py.kernels.shipped import LEVELS, NOTE, PACKAGE, made_for

_ROOT = Path(__file__).resolve().parents[1]
_INIT = (
    '"""Compiled kernels for mycaffe_py, which reads them where they fit; nothing to import."""\n'
)
# Code for the processor alone: it calls what numba finds for it, and nothing of the system.
_PLATFORM = "manylinux_2_17_x86_64"


def _collect(level: str, folder: Path, works: list[str]) -> None:
    """Make the set of one level in a process that numba compiles for it in."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        environment = {
            **os.environ,
            "NUMBA_CPU_NAME": level,
            "NUMBA_CPU_FEATURES": ",".join(sorted(f"+{f}" for f in LEVELS[level])),
            "NUMBA_CACHE_DIR": str(work / "cache"),
            "NUMBA_NUM_THREADS": "1",
            "MYCAFFE_DATA": str(work / "data"),
            "MYCAFFE_OFFLINE": "1",
            "PYTHONPATH": str(_ROOT),
        }
        command = [sys.executable, "-m", "compiled.collect", level, str(folder), *works]
        subprocess.run(command, cwd=work, env=environment, check=True)


def _wheel(files: dict[str, bytes], out: Path) -> Path:
    """Write a wheel with these files."""
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    tag = f"{python}-none-{_PLATFORM}"
    info = f"{PACKAGE}-{__version__}.dist-info"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {PACKAGE}",
        f"Version: {__version__}",
        "Summary: Compiled kernels for mycaffe-py",
        "License: BSD-2-Clause",
        f"Requires-Dist: mycaffe-py=={__version__}",
        f"Requires-Dist: numba=={version('numba')}",
        f"Requires-Dist: llvmlite=={version('llvmlite')}",
    ]
    wheel = ["Wheel-Version: 1.0", "Generator: compiled.build", "Root-Is-Purelib: false"]
    texts = {"METADATA": metadata, "WHEEL": [*wheel, f"Tag: {tag}"]}
    files = files | {f"{info}/{k}": "\n".join([*v, ""]).encode() for k, v in texts.items()}
    record = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    path = out / f"{PACKAGE}-{__version__}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def build(out: Path, levels: list[str], works: list[str]) -> Path:
    """Make the sets of these levels and write the wheel."""
    out.mkdir(parents=True, exist_ok=True)
    note = made_for()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for level in levels:
            _collect(level, folder, works)
        if made_for() != note:
            raise SystemExit("the kernels' sources have changed meanwhile: build again")
        files = {f"{PACKAGE}/{p.name}": p.read_bytes() for p in sorted(folder.iterdir())}
    files[f"{PACKAGE}/__init__.py"] = _INIT.encode()
    files[f"{PACKAGE}/{NOTE}"] = json.dumps(note, indent=1).encode()
    return _wheel(files, out)


def main() -> None:
    """Build, and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("dist"))
    parser.add_argument("--levels", nargs="+", choices=LEVELS, default=list(LEVELS))
    parser.add_argument("--only", nargs="+", default=[], metavar="WORK")
    args = parser.parse_args()
    path = build(args.out, args.levels, args.only)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
