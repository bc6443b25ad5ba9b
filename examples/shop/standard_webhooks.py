"""Signing and verifying by the Standard Webhooks specification (https://www.standardwebhooks.com).

Written out to show that it is little; the package `standardwebhooks` does the same.
"""

import base64
import hashlib
import hmac
import secrets
import time

# How far the other side's clock may be from ours.
TOLERANCE = 300


class Forged(Exception):
    """The request is not from who it says it is from, or too old."""


def new_secret():
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret, webhook_id, timestamp, body):
    """The value of `webhook-signature` for these bytes."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secret, webhook_id, body):
    """What a request carries so that the other side may believe it."""
    timestamp = str(int(time.time()))
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(secret, webhook_id, timestamp, body),
    }


def verify(secret, request_headers, body):
    """Returns the webhook's id; raises `Forged` unless time and signature hold.

    To be called with the bytes as they came, before anything reads them.
    """
    webhook_id = request_headers.get("webhook-id", "")
    timestamp = request_headers.get("webhook-timestamp", "")
    if not webhook_id or not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE:
        raise Forged("no id, or not of the last five minutes")
    wanted = sign(secret, webhook_id, timestamp, body)
    # Several signatures may come while a secret is being changed.
    given = request_headers.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(wanted, one) for one in given):
        raise Forged("no signature holds")
    return webhook_id
