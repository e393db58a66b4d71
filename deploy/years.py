#!/usr/bin/env python3
"""Adds years of true records to a bin's journal: chained, and within the laws.

Written from CONTRACT.md and the schema alone, for measuring what a long journal costs. The bin is
stopped, and has the compartments `pet` and `film`. A thousand records are a day; the newest is an
hour old. Each group of 500 ends with a summary, as the daemon writes them.

usage: years.py STORE RECORDS
"""

import datetime
import hashlib
import json
import os
import sqlite3
import sys

GROUP = 500
DROP = 50
DAY_MS = 86_400_000
PER_DAY = 1000


def time_text(ms):
    moment = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + ".%03dZ" % (ms % 1000)


def facts(first, level):
    """The 500 facts of a group, from record `first` on, as JSON without their opening."""
    seq = first
    for visit in range(99):
        card = "uid:04A1%04X" % visit
        order = seq
        yield '"kind":"opened","order":%d,"card":"%s","role":"unknown","reader":"front"}' % (
            order, card)
        for _ in range(3):
            yield (
                '"kind":"deposit","order":%d,"card":"%s","compartment":"pet","material":'
                '"pet-bottle","before":%d,"after":%d,"mass":%d,"division":5,"pieces":0,"tariff":0,'
                '"price":0,"each":0,"value":0,"carbon":0,"factor":0,"co2e":0,'
                '"flags":["card-unknown","no-factor","no-price"]}'
            ) % (order, card, level, level + DROP, DROP)
            level += DROP
        yield (
            '"kind":"order","order":%d,"card":"%s","deposits":3,"mass":%d,"value":0,"co2e":0,'
            '"closed":"tap"}' % (order, card, 3 * DROP))
        seq += 5
    yield (
        '"kind":"collection","card":"uid:0BADCAFE","compartment":"pet","before":%d,"after":0,'
        '"removed":%d}' % (level, level))
    for _ in range(2):
        yield '"kind":"fault","source":"scale film","code":"no-reply","detail":"silent"}'
        yield '"kind":"cleared","source":"scale film","code":"no-reply","detail":"silent"}'


def main():
    store, count = sys.argv[1], int(sys.argv[2]) // GROUP * GROUP
    database = sqlite3.connect(os.path.join(store, "journal.sqlite"), isolation_level=None)
    rows = database.execute("SELECT seq, body, chain FROM records ORDER BY seq").fetchall()
    levels, legal, boot = {"pet": 0, "film": 0}, None, 1
    for _, body, _ in rows:
        record = json.loads(body)
        boot = record["boot"]
        if "after" in record:
            levels[record["compartment"]] = record["after"]
        if "parameters" in record:
            legal = {"parameters": record["parameters"], "events": record["events"]}
    seq, chain = rows[-1][0], rows[-1][2]
    step = DAY_MS // PER_DAY
    at = int(datetime.datetime.now().timestamp() * 1000) - 3_600_000 - count * step
    up = 1_000_000
    summary = {name: {"level": 0, "removed": 0} for name in levels}
    summary["film"]["level"] = levels["film"]
    if legal:
        summary["#legal"] = legal
    level = levels["pet"]
    database.execute("BEGIN IMMEDIATE")
    while count > 0:
        group = []
        for fact in facts(seq + 1, level):
            seq, at, up = seq + 1, at + step, up + step
            body = b'{"seq":%d,"at":"%s","clock":"synced","boot":%d,"up":%d,%s' % (
                seq, time_text(at).encode(), boot, up, fact.encode())
            chain = hashlib.sha256(chain + body).digest()
            group.append((seq, body, chain))
        database.executemany("INSERT INTO records (seq, body, chain) VALUES (?, ?, ?)", group)
        database.execute(
            "INSERT INTO summaries (seq, body) VALUES (?, ?)", (seq, json.dumps(summary)))
        level, count = 0, count - GROUP
    # The machine was started again since: no clock went back.
    database.execute("UPDATE identity SET boot_id = 'years'")
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    database.close()


main()
