# SPDX-License-Identifier: Apache-2.0
"""Opens pages in headless Chromium, over its debugging pipe: no port, no package.

    with Browser(scratch) as browser:
        page = browser.open("report.html", width=800)
        page.value("document.title"); page.complaints; page.requests
"""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import time

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OURS = ("file:", "data:", "blob:", "about:")


def program():
    return next((found for found in map(shutil.which, PROGRAMS) if found), None)


class Browser:
    def __init__(self, scratch):
        to_read, self.to_write = os.pipe()
        self.to_hear, to_tell = os.pipe()
        self.folder = pathlib.Path(scratch).resolve()
        # the pipe is file descriptors 3 and 4 of the child
        command = 'exec 3<&%d 4>&%d; exec "$0" "$@"' % (to_read, to_tell)
        self.child = subprocess.Popen(
            ["bash", "-c", command, program(), "--headless", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
             "--user-data-dir=%s" % (self.folder / "profile"), "--remote-debugging-pipe"],
            pass_fds=(to_read, to_tell), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_tell)
        self.number, self.rest, self.replies, self.listeners = 0, b"", {}, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.ask("Browser.close")
        except (OSError, EOFError):
            pass
        os.close(self.to_write)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
        os.close(self.to_hear)

    def hear(self, until):
        if not select.select([self.to_hear], [], [], max(until - time.time(), 0))[0]:
            raise TimeoutError("the browser says nothing")
        got = os.read(self.to_hear, 1 << 20)
        if not got:
            raise EOFError("the browser ended")
        *whole, self.rest = (self.rest + got).split(b"\0")
        for text in whole:
            message = json.loads(text)
            if "id" in message:
                self.replies[message["id"]] = message
            elif message.get("sessionId") in self.listeners:
                self.listeners[message["sessionId"]](message["method"], message["params"])

    def ask(self, method, session=None, wait=60, **params):
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.to_write, json.dumps(message).encode() + b"\0")
        until = time.time() + wait
        while number not in self.replies:
            self.hear(until)
        reply = self.replies.pop(number)
        if "error" in reply:
            raise RuntimeError("%s: %s" % (method, reply["error"]["message"]))
        return reply["result"]

    def open(self, path, **how):
        return Page(self, path, **how)


class Page:
    """`complaints`: what the console said and exceptions; `requests`: addresses outside the page."""

    def __init__(self, browser, path, width=1280, height=900, dark=False, script=True):
        self.browser, self.complaints, self.requests, self.loaded = browser, [], [], False
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.ask("Target.attachToTarget", targetId=target,
                                   flatten=True)["sessionId"]
        self.target = target
        browser.listeners[self.session] = self.listen
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(domain + ".enable")
        self.ask("Emulation.setScriptExecutionDisabled", value=not script)
        self.ground(dark)
        self.size(width, height)
        begun = time.time()
        self.ask("Page.navigate", url=pathlib.Path(path).resolve().as_uri())
        while not self.loaded:
            browser.hear(begun + 60)
        self.seconds = time.time() - begun

    def ask(self, method, **params):
        return self.browser.ask(method, session=self.session, **params)

    def listen(self, method, params):
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description",
                                                                   details["text"]))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(str(params["args"]))
        elif method == "Log.entryAdded":
            self.complaints.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            if not params["request"]["url"].startswith(OURS):
                self.requests.append(params["request"]["url"])

    def size(self, width, height=900):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=False)

    def ground(self, dark, media=""):
        self.ask("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def value(self, expression):
        reply = self.ask("Runtime.evaluate", expression=expression, returnByValue=True,
                         awaitPromise=True)
        if "exceptionDetails" in reply:
            raise RuntimeError(reply["exceptionDetails"]["exception"]["description"])
        return reply["result"].get("value")

    def picture(self, path, whole=True):
        data = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        pathlib.Path(path).write_bytes(base64.b64decode(data["data"]))

    def paper(self, path):
        data = self.ask("Page.printToPDF", printBackground=False)["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))

    def close(self):
        self.browser.ask("Target.closeTarget", targetId=self.target)
