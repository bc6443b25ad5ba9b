"""Svix's reference library signs the customer's message and verifies the clerk's reply."""

import datetime
import json
import sys

from standardwebhooks.webhooks import Webhook
from platform_peer import Api, check, send

webhook = Webhook(sys.argv[1])
api = Api(lambda path: (200, b"{}"))
clerk = api.meet_the_clerk()

body = json.dumps(
    {"type": "message.received", "timestamp": "2026-11-24T21:30:00Z",
     "data": {"id": "m1", "chat_id": "c1", "sender": {"id": "c1", "name": "Ana"}, "text": "你好 😀"}},
    ensure_ascii=False,
)
now = datetime.datetime.now(datetime.timezone.utc)
headers = {
    "content-type": "application/json",
    "webhook-id": "msg_1",
    "webhook-timestamp": str(int(now.timestamp())),
    "webhook-signature": webhook.sign("msg_1", now, body),
}
status, answer = send(clerk, "/hooks/shop", headers, body.encode())
check(200 <= status < 300, f"a signed webhook was answered {status} {answer!r}")

tampered = body.replace("你好", "您好")
status, _ = send(clerk, "/hooks/shop", headers, tampered.encode())
check(status == 401, f"a changed body was answered {status}")

_, reply_headers, reply = api.next()
content = webhook.verify(reply, reply_headers)
check(content["data"]["chat_id"] == "c1", content)
check(content["data"]["text"], content)
