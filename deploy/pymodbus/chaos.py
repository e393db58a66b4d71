"""A line between a bus and a Modbus server that spoils some of the server's replies."""

import heapq
import os
import random
import select
import threading
import time

KINDS = ("late", "late", "drop", "truncate", "wrong unit", "wrong unit, late")
# How long a device that is well takes to answer on a line that is not.
USUAL = 0.005
# When a late reply comes, counted from its request: before the bus gives it up, or so much later
# that others were asked meanwhile, and the same unit again.
EARLIEST, LATEST = 0.02, 1.0


def checksum(body):
    """Return the CRC of Modbus RTU, low byte first."""
    crc = 0xFFFF
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return bytes((crc & 0xFF, crc >> 8))


def reply_length(reply):
    """Return how long the reply is that begins so, or None if that is still to come."""
    if len(reply) < 3:
        return None
    if reply[1] & 0x80:
        return 5
    return 5 + reply[2] if reply[1] in (3, 4) else 8


class Line(threading.Thread):
    """Carries requests as they are, and replies with `percent` of them spoiled."""

    def __init__(self, bus, server, percent, seed, units):
        super().__init__(daemon=True)
        self.bus, self.server = bus, server
        self.percent, self.units = percent, units
        self.random = random.Random(seed)
        self.muted = set()
        self.asked = time.monotonic()
        self.request, self.reply = b"", b""
        # Replies to come, by when: (due, latest, number, bytes).
        self.due = []
        self.count = 0

    def run(self):
        """Carry until a near end is closed."""
        while True:
            pause = max(0, self.due[0][0] - time.monotonic()) if self.due else None
            try:
                ready, _, _ = select.select([self.bus, self.server], [], [], pause)
                if self.bus in ready:
                    self.take_request(os.read(self.bus, 256))
                if self.server in ready:
                    self.take_reply(os.read(self.server, 256))
                self.send()
            except OSError:
                return

    def take_request(self, data):
        """Hand a request of eight bytes on, unless its unit is muted."""
        self.asked = time.monotonic()
        self.request += data
        while len(self.request) >= 8:
            request, self.request = self.request[:8], self.request[8:]
            if request[0] not in self.muted:
                self.reply = b""
                os.write(self.server, request)

    def take_reply(self, data):
        """Put a whole reply into the queue, spoiled or not."""
        self.reply += data
        length = reply_length(self.reply)
        if length is None or len(self.reply) < length:
            return
        reply, self.reply = self.reply[:length], b""
        now = time.monotonic()
        due = now + (USUAL if self.percent else 0)
        latest = self.asked + LATEST
        if self.random.random() * 100 < self.percent:
            kind = self.random.choice(KINDS)
            if kind == "drop":
                return
            if "late" in kind:
                due = self.asked + self.random.uniform(EARLIEST, LATEST)
            if kind == "truncate":
                reply = reply[: self.random.randrange(1, len(reply))]
            if "wrong unit" in kind:
                # One of the next three, which the bus asks next.
                unit = (reply[0] - 1 + self.random.randint(1, 3)) % self.units + 1
                body = bytes((unit,)) + reply[1:-2]
                reply = body + checksum(body)
        self.count += 1
        heapq.heappush(self.due, (due, latest, self.count, reply))

    def send(self):
        """Send what is due. What this machine was too slow for is lost, as if dropped."""
        while self.due and self.due[0][0] <= time.monotonic():
            _, latest, _, reply = heapq.heappop(self.due)
            if time.monotonic() <= latest:
                os.write(self.bus, reply)
