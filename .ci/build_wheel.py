"""Build the wheel into a folder with hatchling, without the network."""

import pathlib
import sys

from hatchling.build import build_wheel

target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
sys.stdout.write(build_wheel(str(target)) + "\n")
