"""A real Chromium before a page, as the checks drive it, and what it has to say about that page."""

import json
import os
import pathlib
import tempfile

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from command import WORK
from verdict import Skip

CHROMIUM = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-dev-shm-usage", "--no-proxy-server",
)
AXE = pathlib.Path(os.environ.get("AXE", "/nowhere"))


class Browser:
    """Somebody before a browser of their own, open at `url`. Under 500 px of `width` it is a phone; `language` is what pages are
    asked for; without `scripts` none runs. The profile is kept under `folder` and goes with the browser.
    """

    name = "somebody"
    patience = 15

    def __init__(self, url, width=1280, scheme="light", language="en-US", scripts=True, folder=WORK):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        self.profile = tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True)
        for argument in (*CHROMIUM, f"--user-data-dir={self.profile.name}", f"--window-size={width},900", f"--lang={language}"):
            options.add_argument(argument)
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        if width < 500:
            phone = {"width": width, "height": 740, "pixelRatio": 2, "touch": True}
            options.add_experimental_option("mobileEmulation", {"deviceMetrics": phone})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.browser = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
        self.browser.set_script_timeout(120)
        self.show(scheme)
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        # What the browser asks for before it has a page is nobody's.
        self.browser.get("about:blank")
        self.requests()
        self.browser.get(url)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.browser.quit()
        self.profile.cleanup()

    def show(self, scheme, medium=""):
        """Shows the page in light or dark, and as another medium would, such as `print`."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": medium, "features": features})

    def wait(self, what, words):
        WebDriverWait(self.browser, self.patience, 0.05).until(lambda _: what(), f"{self.name} waits for {words}")

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def find(self, selector):
        self.wait(lambda: self.all(selector), selector)
        return self.all(selector)[0]

    def js(self, script, *values):
        return self.browser.execute_script(script, *values)

    def press(self, *keys):
        webdriver.ActionChains(self.browser).send_keys(*keys).perform()

    def complaints(self):
        return [line["message"] for line in self.browser.get_log("browser")]

    def requests(self):
        """What the browser asked for since the last call, but for what the page itself holds."""
        events = (json.loads(line["message"])["message"] for line in self.browser.get_log("performance"))
        urls = (event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent")
        return {url for url in urls if not url.startswith("data:")}

    def axe(self):
        """What axe-core finds serious or critical."""
        if not AXE.exists():
            raise Skip(f"axe-core is not at {AXE}")
        self.js(AXE.read_text(encoding="utf-8"))
        found = self.browser.execute_async_script("""const done = arguments[0]; axe.run(document, { resultTypes: ["violations"] })
            .then(({ violations }) => done(violations.map(({ impact, id, nodes }) => [impact, id, nodes.map(({ html }) => html.slice(0, 120)).slice(0, 3)])))""")
        return [violation for violation in found if violation[0] in ("serious", "critical")]
