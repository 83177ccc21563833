"""Build the wheel into a folder with hatchling, without the network, and see that nothing is missing in it."""

import pathlib
import subprocess
import sys
import zipfile

from hatchling.build import build_wheel

ROOMS = ("forms", "analysis", "scorecards", "server")
SOURCES = "server/collector/"  # of the phone's app; what is built of them goes along instead
MADE = {"server/collector/dist/index.html", "server/collector/dist/sw.js", "forms/stylesheets/openrosa2html5form.xsl"}

target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
name = build_wheel(str(target))
listed = subprocess.run(["git", "ls-files", "-z", *ROOMS], capture_output=True, text=True, check=True).stdout
wanted = {path for path in listed.split("\0") if path and not path.startswith(SOURCES)} | MADE
missing = sorted(wanted - set(zipfile.ZipFile(target / name).namelist()))
if missing:
    sys.exit(f"the wheel lacks {len(missing)} of {len(wanted)} files: {', '.join(missing[:20])}")
sys.stdout.write(f"{name}: {len(wanted)} files wanted, all there\n")
