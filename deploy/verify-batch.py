#!/usr/bin/env python3
"""Verify batches of a Steelyard bin with nothing but CONTRACT.md and Python's standard library.

usage: verify-batch.py FILE... [--device ID] [--key BASE64]

FILE holds one batch, or several one after the other, as `steelyardctl batch export` writes them;
`-` is standard input. Batches of one device must follow each other without gap or overlap. Checked
are the form and limits (section 4), the numbers, the hash chain and the Ed25519 signatures, and
the laws 2 and 3 of section 3 as far as the records reach: a journal that is given from record 1 on
is checked in full; one that starts later is taken at its word about the weights and the orders
that were open before it.

A signature shows that the holder of a key made the batch; whose key it is, --key says (the public
key that the bin's operator gave out). Without it the key in use is printed, to be compared.

Exit status: 0 all good, 1 not good (one line on standard error says what and where), 2 usage.
"""

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys

MOST_RECORDS = 1000
MOST_BYTES = 1024 * 1024
LONGEST_RECORD = 4096
DEVICE_ID = re.compile(r"(?=.{3,63}\Z)[a-z0-9]+(?:-[a-z0-9]+)*\Z")


class Bad(Exception):
    """What is wrong, in one line."""


# --- Ed25519 verification, RFC 8032 section 5.1 ---------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    """The x of a point with this y, or None if there is none (RFC 8032 section 5.1.3)."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT % P
    if (x * x - square) % P != 0 or (x == 0 and sign == 1):
        return None
    return P - x if x & 1 != sign else x


def add(p, q):
    """The sum of two points in extended homogeneous coordinates (RFC 8032 section 5.1.4)."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def point(encoded):
    number = int.from_bytes(encoded, "little")
    y = number & (2**255 - 1)
    x = recover_x(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def signature_holds(key, signature, message):
    public, commitment = point(key), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    left = multiply(s, BASE)
    right = add(commitment, multiply(int.from_bytes(digest, "little") % L, public))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


# --- Reading --------------------------------------------------------------------------------------


def unique(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Bad("a key stands twice")
    return members


def no_constant(text):
    raise Bad(f"{text} is no JSON")


def parse_object(line):
    try:
        value = json.loads(
            line.decode("utf-8"), object_pairs_hook=unique, parse_constant=no_constant
        )
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Bad(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Bad("not a JSON object")
    return value


def integer(record, name, least=-(2**63), most=2**63 - 1):
    value = record.get(name)
    if type(value) is not int or not least <= value <= most:
        raise Bad(f"`{name}` is missing or has a value that it may not have")
    return value


def text(record, name):
    value = record.get(name)
    if not isinstance(value, str):
        raise Bad(f"`{name}` is missing or no text")
    return value


def coded(record, name, length):
    """Bytes in base64: standard alphabet, padded, and only the one spelling."""
    value = text(record, name)
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Bad(f"`{name}` is no base64") from None
    if len(data) != length or base64.b64encode(data).decode() != value:
        raise Bad(f"`{name}` is not {length} bytes in base64")
    return data


# --- The laws of section 3 ------------------------------------------------------------------------


class Journal:
    """What is known of one device's journal up to the last record that was checked."""

    def __init__(self, first):
        self.is_whole = first == 1
        self.first = first
        self.last = first - 1
        self.chain = None
        self.levels = {}
        self.orders = {}
        self.counts = {"deposit": 0, "order": 0}
        # Parameters, program and event counter as the records up to now come to them.
        self.legal = None

    def check(self, line):
        record = parse_object(line)
        if len(line) > LONGEST_RECORD:
            raise Bad(f"{len(line)} bytes, and a record has at most {LONGEST_RECORD}")
        if b"\r" in line:
            raise Bad("a carriage return in a record")
        if integer(record, "seq") != self.last + 1:
            raise Bad(f"`seq` is {record['seq']}, and {self.last + 1} was expected")
        for name in ("boot", "up"):
            integer(record, name, least=0)
        for name in ("at", "clock"):
            text(record, name)
        kind = text(record, "kind")
        if kind == "opened":
            self.open(record)
        elif kind == "deposit":
            self.deposit(record)
        elif kind == "order":
            self.settle(record)
        elif kind == "collection":
            before, after = self.move(record)
            self.equal(record, "removed", before - after, "before − after")
        elif kind == "unattributed":
            before, after = self.move(record)
            self.equal(record, "delta", after - before, "after − before")
        elif kind == "boot":
            self.start(record)
        elif kind == "calibration":
            self.calibrate(record)
        if kind in self.counts:
            self.counts[kind] += 1
        self.last += 1

    def start(self, record):
        """A start with other parameters or another program than the one before is an event."""
        if "parameters" not in record:
            return
        parameters, version = text(record, "parameters"), text(record, "version")
        program = version if "+" in version else None
        events = 0
        if self.legal:
            before = self.legal
            is_other = program and before["program"] and program != before["program"]
            events = before["events"] + bool(is_other or parameters != before["parameters"])
        if (self.legal or self.is_whole) and integer(record, "events") != events:
            raise Bad(f"`events` is {record['events']}, and the records come to {events}")
        self.legal = {
            "parameters": parameters,
            "program": program,
            "events": integer(record, "events", least=0),
        }

    def calibrate(self, record):
        """Each calibration is an event; records of old don't count them."""
        if "events" not in record or not self.legal:
            return
        self.legal["events"] += 1
        if integer(record, "events") != self.legal["events"]:
            raise Bad(
                f"`events` is {record['events']}, and the records come to {self.legal['events']}"
            )

    @staticmethod
    def equal(record, name, value, rule):
        if integer(record, name) != value:
            raise Bad(f"law 3: `{name}` is {record[name]}, and {rule} is {value}")

    def move(self, record):
        """Law 2: every gram is explained."""
        compartment = text(record, "compartment")
        before, after = integer(record, "before"), integer(record, "after")
        level = self.levels.get(compartment, 0 if self.is_whole else before)
        if before != level:
            raise Bad(
                f"law 2: `before` of {compartment} is {before} g, and the record before it left "
                f"{level} g"
            )
        self.levels[compartment] = after
        return before, after

    def open(self, record):
        if integer(record, "order") != record["seq"]:
            raise Bad("`order` of an opened order is not its own number")
        self.orders[record["seq"]] = {
            "card": text(record, "card"),
            "sums": {"deposits": 0, "mass": 0, "value": 0, "co2e": 0},
            "masses": {},
        }

    def known_order(self, record):
        """The open order of a record, or None if it was opened before what is known."""
        number = integer(record, "order", least=1)
        order = self.orders.get(number)
        if order is None:
            if number >= self.first:
                raise Bad(f"order {number} is not open")
            return None
        if order["card"] != text(record, "card"):
            raise Bad(f"order {number} was opened by another card")
        return order

    def deposit(self, record):
        order = self.known_order(record)
        before, after = self.move(record)
        division = integer(record, "division", least=1)
        if before % division or after % division:
            raise Bad(f"`before` and `after` are not whole divisions of {division} g")
        mass, pieces = after - before, integer(record, "pieces")
        price, each = (integer(record, name, least=0) for name in ("price", "each"))
        factor = integer(record, "factor", least=0)
        for name in ("tariff", "carbon"):
            integer(record, name, least=0)
        self.equal(record, "mass", mass, "after − before")
        self.equal(record, "value", mass * price + pieces * each, "mass × price + pieces × each")
        self.equal(record, "co2e", mass * factor, "mass × factor")
        if order is None:
            return
        compartment = record["compartment"]
        order["masses"][compartment] = order["masses"].get(compartment, 0) + mass
        if order["masses"][compartment] < 0:
            raise Bad(f"more was taken out of {compartment} than the order put in")
        order["sums"]["deposits"] += 1
        for name in ("mass", "value", "co2e"):
            order["sums"][name] += record[name]

    def settle(self, record):
        order = self.known_order(record)
        if order is None:
            return
        for name, value in order["sums"].items():
            self.equal(record, name, value, f"the sum of its {order['sums']['deposits']} deposits")
        del self.orders[record["order"]]


# --- Batches --------------------------------------------------------------------------------------


class Verifier:
    def __init__(self, device, key):
        self.device = device
        self.key = key
        self.journals = {}
        self.keys = {}
        self.batches = 0

    def stream(self, data):
        """Checks all batches of one file."""
        if not data.endswith(b"\n"):
            raise Bad("the last line does not end with a newline")
        lines = data[:-1].split(b"\n")
        start = 0
        while start < len(lines):
            try:
                head = parse_object(lines[start])
                count = integer(head, "count", least=1, most=MOST_RECORDS)
                end = start + count + 2
                if end > len(lines):
                    raise Bad(f"`count` is {count}, and the file ends before that")
                self.batch(head, lines[start + 1 : end - 1], lines[end - 1], start + 2)
                size = sum(len(line) + 1 for line in lines[start:end])
                if size > MOST_BYTES:
                    raise Bad(f"{size} bytes, and a batch has at most {MOST_BYTES}")
            except Bad as error:
                raise Bad(f"batch at line {start + 1}: {error}") from None
            start = end

    def batch(self, head, records, tail_line, line_number):
        if head.get("steelyard") != "batch" or integer(head, "v") != 1:
            raise Bad("not the head of a batch in format 1")
        device = text(head, "device")
        if not DEVICE_ID.match(device):
            raise Bad("`device` is no device id")
        if self.device is not None and device != self.device:
            raise Bad(f"it is of {device}, and {self.device} was asked for")
        first, prev = integer(head, "first", least=1), coded(head, "prev", 32)
        tail = parse_object(tail_line)
        chain, key = coded(tail, "chain", 32), coded(tail, "key", 32)
        signature = coded(tail, "sig", 64)

        link = prev
        for record in records:
            link = hashlib.sha256(link + record).digest()
        if link != chain:
            raise Bad("the chain value at the end does not follow from `prev` and the records")
        signed = (
            f"steelyard batch v1\n{device}\n{first}\n{len(records)}\n{head['prev']}\n"
            f"{tail['chain']}\n"
        )
        if not signature_holds(key, signature, signed.encode()):
            raise Bad("the signature is not this key's over this batch")
        if self.keys.setdefault(device, key) != key:
            raise Bad(f"{device} signed its earlier batches with another key")
        if self.key is not None and key != self.key:
            raise Bad("it is signed with another key than the one that was given")

        journal = self.journals.setdefault(device, Journal(first))
        if first != journal.last + 1:
            raise Bad(f"it starts at record {first}, and {journal.last + 1} was expected")
        if first == 1:
            journal.chain = hashlib.sha256(f"steelyard journal v1\n{device}".encode()).digest()
        if journal.chain is not None and prev != journal.chain:
            raise Bad("`prev` is not the chain value of the record before it")
        for index, record in enumerate(records):
            try:
                journal.check(record)
            except Bad as error:
                raise Bad(f"record {first + index} (line {line_number + index}): {error}") from None
        journal.chain = chain
        self.batches += 1

    def verdict(self):
        for device, journal in self.journals.items():
            key = base64.b64encode(self.keys[device]).decode()
            reach = "" if journal.is_whole else ", as far as its records reach"
            yield (
                f"OK: {device}, records {journal.first} to {journal.last}, "
                f"{journal.counts['deposit']} deposits and {journal.counts['order']} settled "
                f"orders: chain, signatures by {key} and the laws 2 and 3 hold{reach}"
            )


def main():
    about = __doc__.splitlines()
    parser = argparse.ArgumentParser(
        description=about[0],
        epilog="\n".join(about[4:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", nargs="+", help="batches; - is standard input")
    parser.add_argument("--device", metavar="ID", help="refuse batches of any other device")
    parser.add_argument("--key", metavar="BASE64", help="refuse batches that this key didn't sign")
    options = parser.parse_args()
    name = "--key"
    try:
        key = None if options.key is None else coded({"--key": options.key}, "--key", 32)
        verifier = Verifier(options.device, key)
        for name in options.file:
            if name == "-":
                verifier.stream(sys.stdin.buffer.read())
            else:
                with open(name, "rb") as file:
                    verifier.stream(file.read())
    except Bad as error:
        print(f"FAILED: {name}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"FAILED: {name}: {error.strerror}", file=sys.stderr)
        return 1
    for line in verifier.verdict():
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
