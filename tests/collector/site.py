"""A real server as a process of its own, so that it can be killed: python site.py FOLDER PORT PAGES [BUILT].

FOLDER is a district's folder with its SQLite store, PAGES a folder of files served at /harness,
BUILT the collector as it was built, where it is not this checkout's own.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from starlette.staticfiles import StaticFiles

import server.web.collector
from server.app import create_app
from server.settings import Settings


def main(folder: str, port: str, pages: str, built: str = "") -> None:
    """Serve until killed."""
    if built:
        server.web.collector.DIST = Path(built)  # type: ignore[misc]
    url = f"sqlite:///{Path(folder) / 'liangpai.sqlite3'}"
    app = create_app(Settings(directory=Path(folder), database_url=url, jobs=False, database_pool=4))
    app.mount("/harness", StaticFiles(directory=pages, html=True))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", timeout_keep_alive=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
