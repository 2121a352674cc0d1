"""A page of another site that is open in a student's browser cannot fill the server's queue."""

import http.server
import threading

import pytest

from tests.servers import free_port

pytestmark = pytest.mark.process
OPEN = "depth=8&width=4&epochs=3&seed=66"


class Foreign(http.server.BaseHTTPRequestHandler):
    """One page, which asks another server for whatever a page can ask for without its leave."""

    body = ""

    def log_message(self, *args):
        pass

    def do_GET(self):
        text = self.body.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@pytest.fixture
def foreign():
    """Its address, which is another origin than the app's."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Foreign)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_another_site_starts_nothing(paced, foreign, new_page):
    """By an image, by an event stream, by a form sent without our header."""
    page = new_page(f"{paced.url}/train?{OPEN}")  # a run that is known here
    page.wait_for_function("document.querySelector('.rv-step')?.textContent.startsWith('step 33')")
    digest = page.evaluate("document.querySelector('a[href*=\"records.csv\"]').getAttribute('href').split('/')[1]")
    gate = paced.hold(67, 1)
    page.goto(f"{paced.url}/train?{OPEN.replace('66', '67')}")
    page.wait_for_function("!!document.querySelector('a[href*=\"records.csv\"]')")
    waiting = page.evaluate("document.querySelector('a[href*=\"records.csv\"]').getAttribute('href').split('/')[1]")
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_text("Cancelled after step").wait_for()
    gate.unlink()  # the worker is free for others
    assert digest != waiting
    page.close()
    before, orders = paced.told(), paced.told("panel/compared")["share"]
    images = [
        f"runs/{waiting}/records?viewer=x&until=30", f"runs/{waiting}/want?viewer=x", f"runs/{waiting}/restart?viewer=x",
        "panel/compared?viewer=x", "panel/flow?viewer=x&seed=7", "panel/lesion?viewer=x&seed=8", "panel/calm?viewer=x",
        "panel/start?depth=300&viewer=x", "panel/train?seed=9&viewer=x",
        "panel/shattered?viewer=x&seeds=3", "data/mnist",
    ]  # fmt: skip
    Foreign.body = f"""<!doctype html><script>
      const ours = {paced.url + "/"!r};
      const over = {images!r}.map((path) => new Promise((done) => {{
        const image = new Image(); image.onload = image.onerror = done; image.src = ours + path; }}));
      over.push(new Promise((done) => {{
        const stream = new EventSource(ours + "runs/{waiting}/records?viewer=x&until=30");
        setTimeout(() => {{ stream.close(); done(); }}, 1500); }}));
      over.push(new Promise((done) => {{
        const socket = new WebSocket(ours.replace("http", "ws") + "watch");
        socket.onopen = () => {{ document.body.append("let in"); }};
        socket.onclose = done; }}));
      for (const path of {images!r})
        over.push(fetch(ours + path, {{ method: "POST", mode: "no-cors", body: "{{}}" }}).catch(() => 0));
      Promise.all(over).then(() => document.title = "asked");
    </script>"""
    other = new_page(foreign)
    other.wait_for_function("document.title === 'asked'")
    assert "let in" not in other.locator("body").inner_text()
    assert paced.told() == before
    assert paced.told(f"status/{waiting}")["status"] == "cancelled"
    for path in ("panel/flow?seed=7", "panel/lesion?seed=8", "panel/start?depth=300", "panel/calm"):
        told = paced.told(path)
        assert (told["status"], told["share"]) == ("waiting", 0.0), path
    assert paced.told("panel/compared")["share"] == orders
    assert paced.told("panel/shattered?seeds=3")["status"] == "waiting"
