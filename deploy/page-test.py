"""Waits until a page shows given texts; see page-test.sh, which starts this.

Speaks the Chrome DevTools Protocol over Chromium's pipe (--remote-debugging-pipe: JSON messages
ended by a zero byte, in on descriptor 3, out on 4), so that nothing but Python's own library is
needed. The text is `innerText`: what CSS hides doesn't count.
"""

import argparse
import base64
import json
import os
import select
import subprocess
import sys
import tempfile
import time

EX_USAGE = 64
START_SECONDS = 30
LOOK_EVERY_SECONDS = 0.2
# Before its style is loaded, a page shows what it hides later.
VISIBLE_TEXT = "document.readyState === 'complete' ? document.body.innerText : ''"


class PageFailure(Exception):
    """One line for the person who runs the test."""


class Browser:
    """A headless Chromium with one page, stopped at the end of a `with`."""

    def __init__(self, command):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        options = [
            "--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
            # A picture must not show a state half faded in.
            "--force-prefers-reduced-motion", f"--user-data-dir={self.profile.name}",
            "--remote-debugging-pipe",
        ]
        if os.geteuid() == 0:
            # Chromium's sandbox doesn't work for root, as in a container.
            options.append("--no-sandbox")
        its_in, self.out = os.pipe()
        self.into, its_out = os.pipe()

        def descriptors():
            # Through high numbers: either pipe may itself stand on 3 or 4.
            high_in, high_out = os.dup2(its_in, 63), os.dup2(its_out, 64)
            os.dup2(high_in, 3)
            os.dup2(high_out, 4)

        # A group of its own, since Chromium is many processes.
        self.process = subprocess.Popen(
            [command, *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, close_fds=False, preexec_fn=descriptors,
            start_new_session=True)
        os.close(its_in)
        os.close(its_out)
        self.buffer = b""
        self.number = 0
        self.session = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, 9)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.profile.cleanup()

    def open(self, url, width, height):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        self.navigate(url)

    def navigate(self, url):
        return self.call("Page.navigate", url=url).get("errorText")

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        try:
            os.write(self.out, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise PageFailure("Chromium ended before it was ready") from None
        deadline = time.monotonic() + START_SECONDS
        while True:
            answer = self.receive(deadline)
            if answer.get("id") != self.number:
                continue
            if "error" in answer:
                raise PageFailure(f"{method}: {answer['error'].get('message')}")
            return answer["result"]

    def receive(self, deadline):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.into], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(self.into, 1 << 16) if ready else b""
            if not chunk:
                raise PageFailure("Chromium doesn't answer; does it start by itself?")
            self.buffer += chunk
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)


def wait_for(browser, url, texts, seconds):
    """Returns what is missing at the deadline, and what the page showed last."""
    deadline = time.monotonic() + seconds
    while True:
        shown = browser.evaluate(VISIBLE_TEXT) or ""
        missing = [text for text in texts if text not in shown]
        if not missing or time.monotonic() > deadline:
            return missing, " ".join(shown.split())
        # An address that nobody serves yet may be served soon.
        if browser.evaluate("location.href").startswith("chrome-error:"):
            browser.navigate(url)
        time.sleep(LOOK_EVERY_SECONDS)


def size(text):
    width, _, height = text.partition("x")
    return int(width), int(height)


def main():
    parser = argparse.ArgumentParser(prog="page-test.sh")
    parser.add_argument("--browser", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--within", type=float, default=20, metavar="SECONDS")
    parser.add_argument("--picture", metavar="FILE.png")
    parser.add_argument("--size", type=size, default=(1280, 800), metavar="WxH")
    parser.add_argument("url", metavar="URL")
    parser.add_argument("texts", metavar="TEXT", nargs="+")
    parser.error = lambda message: sys.exit(usage(message))
    wanted = parser.parse_args()
    try:
        with Browser(wanted.browser) as browser:
            browser.open(wanted.url, *wanted.size)
            missing, shown = wait_for(browser, wanted.url, wanted.texts, wanted.within)
            if wanted.picture:
                picture = browser.call("Page.captureScreenshot", format="png")["data"]
                with open(wanted.picture, "wb") as file:
                    file.write(base64.b64decode(picture))
    except PageFailure as failure:
        sys.exit(f"page-test: FAILED: {failure}")
    if missing:
        names = ", ".join(f"\"{text}\"" for text in missing)
        sys.exit(f"page-test: FAILED: {wanted.url} doesn't show {names}; it shows: {shown}")
    print(f"page-test: ok: {shown}")


def usage(message):
    print(f"page-test: {message}; see the head of page-test.sh", file=sys.stderr)
    return EX_USAGE


if __name__ == "__main__":
    main()
