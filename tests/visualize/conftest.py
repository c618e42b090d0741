"""A real browser, where one is installed."""

import os

import pytest

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser")


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = [path for path in CHROMIUM if os.path.exists(path)]
    if not found:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(executable_path=found[0])
        yield running
        running.close()


@pytest.fixture
def opened(browser, tmp_path):
    """A function that opens a page; at the end, nothing else was requested and nothing failed."""
    troubles, requests = [], []
    contexts = []

    def open_page(document, address="", **options):
        path = tmp_path / "page.html"
        document.write(path)
        context = browser.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: troubles.append(message.text))
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(path.as_uri() + address)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []
    assert {url.partition("#")[0] for url in requests} == {(tmp_path / "page.html").as_uri()}
