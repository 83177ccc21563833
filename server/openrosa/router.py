"""The addresses of the door for phones. Plain routes: a submission pays for no dependency injection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from server.openrosa.answering import Phones
from server.openrosa.forms import form_list, form_xml, manifest, media
from server.openrosa.submission import submission


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    phones: Phones | None = getattr(app.state, "phones", None)
    if phones is not None:
        phones.ingest.close()


router = APIRouter(lifespan=_lifespan)

# The two shapes, and the bare one of clients that know no projects (the person's only one is meant).
for prefix in ("/v1/key/{token}/projects/{project:int}", "/v1/projects/{project:int}", ""):
    for path in (f"{prefix}/submission", f"{prefix}/submission/"):
        router.add_route(path, submission, methods=["HEAD", "POST"], include_in_schema=False)
    router.add_route(f"{prefix}/formList", form_list, methods=["GET"], include_in_schema=False)
    if prefix:
        router.add_route(f"{prefix}/forms/{{form_id}}.xml", form_xml, methods=["GET"], include_in_schema=False)
        router.add_route(f"{prefix}/forms/{{form_id}}/manifest", manifest, methods=["GET"], include_in_schema=False)
        router.add_route(
            f"{prefix}/forms/{{form_id}}/attachments/{{name}}", media, methods=["GET"], include_in_schema=False
        )
router.add_route("/xformsManifest/{form_id}", manifest, methods=["GET"], include_in_schema=False)
