#!/usr/bin/env python3
"""A shop that tells the clerk what happens, and hears what the clerk says. Only the standard library is needed."""

import argparse
import json
import os
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timezone

import standard_webhooks
from receiver import Receiver


class Shop:
    """The way to the clerk: signed webhooks to one channel."""

    def __init__(self, secret, clerk, channel):
        self.secret = secret
        self.hook = f"{clerk}/hooks/{channel}"
        self.ready = f"{clerk}/readyz"

    def wait_for_the_clerk(self, timeout):
        deadline = time.monotonic() + timeout
        while True:
            try:
                with urllib.request.urlopen(self.ready, timeout=5):
                    return
            except OSError:
                if time.monotonic() > deadline:
                    raise SystemExit(f"no clerk answers at {self.ready}") from None
                time.sleep(0.2)

    def tell(self, kind, data, webhook_id=None):
        """Sends an event, and again until the clerk has it; one id for all attempts, so it counts once."""
        webhook_id = webhook_id or f"msg_{uuid.uuid4()}"
        now = datetime.now(timezone.utc).isoformat()
        body = json.dumps({"type": kind, "timestamp": now, "data": data}, ensure_ascii=False).encode()
        for attempt in range(6):
            headers = standard_webhooks.headers(self.secret, webhook_id, body)
            request = urllib.request.Request(self.hook, body, headers, method="POST")
            try:
                with urllib.request.urlopen(request, timeout=20):
                    return webhook_id
            except urllib.error.HTTPError as error:
                # 4xx will not get better by trying again: the body says what is wrong.
                if error.code < 500 and error.code not in (408, 429):
                    raise SystemExit(f"the clerk refuses {kind}: {error.code} {error.read().decode().strip()}") from None
            except OSError:
                pass
            time.sleep(2**attempt / 4)
        raise SystemExit(f"the clerk does not take {kind}")

    def say(self, chat_id, name, text):
        """A customer writes."""
        print(f"{chat_id}: {text}", flush=True)
        message_id = f"m_{uuid.uuid4()}"
        data = {"id": message_id, "chat_id": chat_id, "sender": {"id": chat_id, "name": name}, "text": text}
        return self.tell("message.received", data)

    def order(self, change, data, webhook_id=None):
        """Something happens to an order: `placed`, `paid`, `shipped`, …"""
        print(f"shop: order {data['id']} {change}", flush=True)
        return self.tell(f"order.{change}", data, webhook_id)


def story(shop, receiver, patience):
    """An evening in the shop, each step after the clerk has done its part of the one before."""
    chat = "ana"
    shop.say(chat, "Ana", "Hello, when do you ship?")
    receiver.wait_for("an answer", chat, "", patience)

    order = {
        "id": f"A-{uuid.uuid4().hex[:8]}",
        "customer": {"id": chat, "name": "Ana"},
        "chat_id": chat,
        "total": "128.00",
        "currency": "CNY",
        "items": [{"sku": "tea-1", "title": "Oolong 100g", "quantity": 2}],
        "payment_url": "https://shop.example/pay/A-1001",
    }
    shop.order("placed", order)
    receiver.wait_for("a payment reminder", chat, order["id"], patience)

    shop.order("paid", order)
    tracking = "SF1234567890"
    order["shipment"] = {"carrier": "SF Express", "tracking_number": tracking}
    sent = shop.order("shipped", order)
    receiver.wait_for("a shipping notice", chat, tracking, patience)

    # As after an answer that was lost on the way: the same id again, and Ana is not told twice.
    shop.order("shipped", order, webhook_id=sent)
    print("the clerk did its part", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clerk", default="http://127.0.0.1:8080", metavar="URL", help="the clerk's public address")
    parser.add_argument("--channel", default="shop", help="the channel's id in channels.toml")
    parser.add_argument("--listen", default="127.0.0.1:9090", metavar="HOST:PORT", help="where replies come to")
    parser.add_argument("--patience", default=600, type=float, metavar="SECONDS", help="for the clerk to start or answer")
    parser.add_argument("command", choices=["secret", "story"], help="make a secret; play an evening in the shop")
    options = parser.parse_args()
    if options.command == "secret":
        print(standard_webhooks.new_secret())
        return
    secret = os.environ.get("SHOP_WEBHOOK_SECRET")
    if not secret:
        parser.error("SHOP_WEBHOOK_SECRET is not set: make one with `shop.py secret`, for the clerk and the shop")
    host, _, port = options.listen.rpartition(":")
    receiver = Receiver(secret, host, int(port))
    shop = Shop(secret, options.clerk, options.channel)
    shop.wait_for_the_clerk(options.patience)
    story(shop, receiver, options.patience)


if __name__ == "__main__":
    main()
