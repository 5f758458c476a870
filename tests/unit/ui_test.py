"""What the guard before Dagster's web server turns away."""

import pytest

from orchestration.ui import refusal


def _request(method: str = "POST", path: str = "/graphql", kind: str = "http", **headers: str) -> dict:
    sent = {"host": "127.0.0.1:3000"} | headers
    return {
        "type": kind, "method": method, "path": path,
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (_request("GET"), 405),
        (_request("GET", "/graphql/"), 405),
        (_request(origin="http://evil.example"), 403),
        (_request(origin="null"), 403),
        (_request("HEAD"), 405),
        (_request("GET", "/", host="evil.example"), 421),
        (_request("GET", "/", host="evil.example:3000"), 421),
        (_request(path="/report_asset_materialization/published_version"), 403),
        (_request(path="/report_asset_check/raw"), 403),
        (_request(path="/report_asset_observation/raw"), 403),
        (_request(kind="websocket", origin="http://evil.example"), 403),
        (_request(sec_fetch_site="cross-site"), 403),
        (_request(sec_fetch_site="same-site", sec_fetch_dest="document"), 403),
        (_request("GET", "/logs/run.out", sec_fetch_site="cross-site", sec_fetch_dest="script"), 403),
        (_request("GET", "/asset-groups", sec_fetch_site="same-site", sec_fetch_dest="iframe"), 403),
    ],
)
def test_foreign_requests_are_refused(request_: dict, status: int) -> None:
    refused = refusal(request_)

    assert refused is not None
    assert refused[0] == status


@pytest.mark.parametrize(
    "request_",
    [
        _request(origin="http://127.0.0.1:3000"),
        _request(host="localhost:3000", origin="http://localhost:3000"),
        _request("GET", "/asset-groups"),
        _request("GET", "/runs/1", sec_fetch_site="cross-site", sec_fetch_dest="document"),
        _request(origin="http://127.0.0.1:3000", sec_fetch_site="same-origin"),
        _request(kind="websocket", origin="http://127.0.0.1:3000"),
        {"type": "lifespan"},
    ],
)
def test_an_operators_own_page_works(request_: dict) -> None:
    assert refusal(request_) is None
