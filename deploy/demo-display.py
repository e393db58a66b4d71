#!/usr/bin/env python3
"""Puts what a bin's display or a hub's account says into a line for the demo's terminal."""
import json
import sys
import urllib.request


def fetch(url):
    with urllib.request.urlopen(url, timeout=5) as reply:
        return json.load(reply)


def points_and_carbon(item):
    return f"{item['points']} points, {item['co2e'] / 1000:.1f} g CO2e avoided"


def sentence(display):
    state = display["state"]
    if state == "deposit":
        deposit = display["deposit"]
        flags = f" [{', '.join(deposit['flags'])}]" if deposit["flags"] else ""
        return f"{deposit['material']} {deposit['mass']} g: {points_and_carbon(deposit)}{flags}"
    if state == "thanks":
        order = display["order"]
        return f"thank you, {order['mass']} g in {order['deposits']} drops: {points_and_carbon(order)}"
    if state == "greeting":
        return f"welcome, card {display['card']}"
    return state


def main():
    option, url = ([None] + sys.argv[1:])[-2:]
    answer = fetch(url)
    if option == "--state":
        print(answer["state"])
    elif option == "--balance":
        print(answer["balance"])
    elif option == "--account":
        print(f"  {answer['account']:<10} {points_and_carbon(answer)}, {answer['orders']} orders")
    else:
        print(sentence(answer))


main()
