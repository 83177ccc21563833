"""Build the wheel into a folder with hatchling, without the network, and see that nothing is missing in it."""

import pathlib
import sys
import zipfile

from hatchling.build import build_wheel

ROOMS = ("forms", "analysis", "scorecards", "server")
SOURCES = pathlib.Path("server/collector")  # of the phone's app; what is built of them goes along instead


def wanted() -> set[str]:
    """Every file of the rooms, as it lies in the checkout."""
    files = (path for room in ROOMS for path in pathlib.Path(room).rglob("*") if path.is_file())
    sources = (path for path in files if "__pycache__" not in path.parts)
    return {path.as_posix() for path in sources if SOURCES not in path.parents or SOURCES / "dist" in path.parents}


target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
name = build_wheel(str(target))
needed = wanted()
missing = sorted(needed - set(zipfile.ZipFile(target / name).namelist()))
if missing:
    sys.exit(f"the wheel lacks {len(missing)} of {len(needed)} files: {', '.join(missing[:20])}")
sys.stdout.write(f"{name}: all {len(needed)} files are in it\n")
