# A browser for tests: Chromium without a window, driven by chromedriver (W3C WebDriver).
#
#   with browser.Browser() as page:
#       page.open(address)
#       page.click("#restart")
#       page.wait("a restart", lambda: "running" in page.text("#state"))
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE = 120  # s: a browser needs many to start on a busy machine
SKIPPED = 77
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name of a reference, by the standard
KEYS = {"enter": "\ue007", "escape": "\ue00c", "up": "\ue013", "down": "\ue015", "right": "\ue014", "tab": "\ue004", "end": "\ue010"}

# Chromium would look up hosts of its maker, and its sandbox needs a user other than root.
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
         "--proxy-server=direct://"]


def need():
    for names in (["chromium", "chromium-browser", "google-chrome"], ["chromedriver"]):
        if not any(shutil.which(name) for name in names):
            print(f"skipped: there is no {names[0]}")
            sys.exit(SKIPPED)


class Browser:
    def __init__(self, *flags):
        self.flags = FLAGS + list(flags)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def start(self):
        self.folder = tempfile.mkdtemp(prefix="netmcu-browser.")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that an aborted test ends the browser
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True, start_new_session=True)
        port = None
        while port is None:
            port = re.search(r"successfully on port (\d+)", self.driver.stdout.readline())
        self.base = f"http://127.0.0.1:{port.group(1)}/session"
        options = {"args": self.flags + [f"--user-data-dir={self.folder}"]}
        session = self.call("POST", "", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options,
                                                                           "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.base += "/" + session["sessionId"]
        return self

    def __exit__(self, *_):
        try:
            self.call("DELETE", "")
        finally:
            self.stop()

    def stop(self):
        os.killpg(self.driver.pid, signal.SIGTERM)
        self.driver.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path} {body}: {json.load(error)['value']['message']}") from None

    def devtools(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, address):
        self.call("POST", "/url", {"url": address})

    def find(self, selector):
        return self.call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.call("POST", f"/element/{self.find(selector)}/click", {})

    def type(self, selector, text):
        self.call("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def clear(self, selector):
        self.call("POST", f"/element/{self.find(selector)}/clear", {})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).innerText", selector)

    def value(self, selector):
        return self.run("return document.querySelector(arguments[0]).value", selector)

    def wait(self, what, condition):
        """Returns the value of the condition as soon as it is true."""
        end = time.monotonic() + PATIENCE
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"{what} has not come; the page: {self.text('body')}")
            time.sleep(0.02)

    def errors(self):
        """Returns the messages of the browser's console."""
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]

    def resize(self, width, height, is_dark=False):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                      mobile=False)
        scheme = "dark" if is_dark else "light"
        self.devtools("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"}])  # a click must not meet a page that scrolls

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("GET", "/screenshot")))
