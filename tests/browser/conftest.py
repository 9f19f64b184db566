"""A browser of this machine, and a page for it: `make browser` runs what needs them."""

import shutil
from dataclasses import dataclass, field, replace

import pytest

from tests.browser.ledgers import ledgers

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP, PHONE = (1280, 800), (390, 844)


@pytest.fixture(scope="session")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="make browser installs playwright")
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.skip("there is no chromium on this machine")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page in a browser, and all that it asked for, said or complained of."""

    page: object
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def quiet(self, file):
        """Whether it asked for its own file alone, and nothing was said."""
        return set(self.requests) <= {file.as_uri()} and not self.complaints


@pytest.fixture
def visit(chromium):
    """Open a file in a context of its own."""
    contexts = []

    def opened(file, size=DESKTOP, fragment="", **settings):
        context = chromium.new_context(viewport=dict(zip(("width", "height"), size, strict=True)), **settings)
        contexts.append(context)
        seen = Watched(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url.split("#")[0]))
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on("dialog", lambda dialog: (seen.complaints.append(dialog.message), dialog.dismiss()))
        seen.page.goto(f"{file.as_uri()}{fragment}")
        return seen

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def page(template):
    """The page of the invented print, with the ledgers of three outcomes to move."""
    from iom_causal.report.render.page import Section
    from iom_causal.report.sections.live import live

    sections = [
        Section(title=f"{each.outcome.capitalize()}: what remains", live=live(each)) for each in ledgers().values()
    ]
    return replace(template.page, sections=(*template.page.sections, *sections))


@pytest.fixture(scope="session")
def report(page, tmp_path_factory):
    """That page as a file."""
    from iom_causal.report.render import html

    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(html.render(page), encoding="utf-8")
    return file
