from __future__ import annotations

import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Blueprint, Response
from werkzeug.serving import make_server

from kg.build import build
from kg.project import Project
from kg.query.pool import Pool, PoolLimits
from kg.web.app import create_app
from kg.web.pages import blueprints
from kg.web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Browse = Callable[..., tuple[str, str]]

HARBOUR = Path(__file__).resolve().parents[1] / "harbour"
_QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --enable-logging=stderr"
).split()
# Tells how wide the page is, and whether the policy kept it from anything.
_PROBE = """
const root = document.documentElement;
document.addEventListener("securitypolicyviolation", (event) => { root.dataset.refused = event.blockedURI; });
const measure = () => { root.dataset.width = root.scrollWidth; root.dataset.window = innerWidth; };
addEventListener("load", measure);

// Types what the address asks for after the editor is there, and asks it to complete that.
const typed = new URL(location.href).searchParams.get("typed");
if (typed) {
  setTimeout(() => {
    const editor = document.querySelector(".CodeMirror").CodeMirror;
    editor.setValue(typed);
    editor.setCursor(editor.lineCount(), 0);
    editor.execCommand("goDocEnd");
    editor.autocomplete();
  }, 2000);
}
"""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the browser, or skip."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    if found is None:
        pytest.skip("there is no Chromium on this machine")
    return found


@pytest.fixture(scope="session")
def url(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the harbour project to the browser, with a probe in each page; yield the address."""
    root = tmp_path_factory.mktemp("browser") / "harbour"
    shutil.copytree(HARBOUR, root)
    probe = Blueprint("probe", __name__)
    probe.add_url_rule("/probe.js", "probe", lambda: Response(_PROBE, content_type="text/javascript"))

    @probe.after_app_request
    def add_probe(response: Response) -> Response:
        if response.content_type.startswith("text/html") and "Content-Encoding" not in response.headers:
            response.set_data(response.get_data().replace(b"<head>", b'<head><script src="/probe.js"></script>', 1))
        return response

    with Pool(build(Project(root)).dataset, PoolLimits(workers=1)) as engine:
        app = create_app(engine, Settings(), blueprints=(probe, *blueprints()))
        app.wsgi_app = _without_coding(app.wsgi_app)  # type: ignore[method-assign]
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _without_coding(application: Callable[..., object]) -> Callable[..., object]:
    def ask(environ: dict[str, object], start: object) -> object:
        environ.pop("HTTP_ACCEPT_ENCODING", None)
        return application(environ, start)

    return ask


@pytest.fixture
def browse(chromium: str, url: str, tmp_path: Path) -> Browse:
    """Return a function that opens a page and returns it as the browser then has it, and what it logged."""

    def open_page(address: str, *, width: int = 1280) -> tuple[str, str]:
        options = [*_QUIET, f"--user-data-dir={tmp_path}", f"--window-size={width},1000", "--virtual-time-budget=6000"]
        done = subprocess.run(
            [chromium, *options, "--dump-dom", url + address], capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout, done.stderr

    return open_page
