"""Pages for people who write programs against the API."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import RedirectResponse

router = APIRouter(include_in_schema=False)
ASSETS = "/static_content"
"""BentoML's copy of Swagger UI: the page works without the internet."""


@router.get("/")
async def index() -> Response:
    """Leads to the documentation, in place of BentoML's page with its tracker."""
    return RedirectResponse("/docs")


@router.get("/docs.json")
async def docs_json() -> Response:
    """Leads to the OpenAPI document, in place of BentoML's, which knows the native endpoints only."""
    return RedirectResponse("/openapi.json")


@router.get("/docs")
async def docs() -> Response:
    """Shows the OpenAPI document."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Firstline API",
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS}/favicon-light-32x32.png",
    )
