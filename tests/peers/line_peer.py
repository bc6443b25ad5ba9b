"""line-bot-sdk: its validator accepts the signature the clerk accepts, and its models take the clerk's reply."""

import base64
import hashlib
import hmac
import json
import sys
import time

from linebot.v3.messaging import PushMessageRequest, ReplyMessageRequest
from linebot.v3.webhook import SignatureValidator, WebhookParser
from platform_peer import Api, check, send

secret = sys.argv[1]
api = Api(lambda path: (200, b'{"sentMessages":[{"id":"1"}]}'))
clerk = api.meet_the_clerk()

body = json.dumps({
    "destination": "U8e742f61d673b39c7fff3cecb7536ef0",
    "events": [{
        "replyToken": "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA", "type": "message", "mode": "active",
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": "U4af4980629af4980629af4980629af49"},
        "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR", "deliveryContext": {"isRedelivery": False},
        "message": {"id": "444573844083572737", "type": "text", "quoteToken": "q3Plxr4AgKd", "text": "你好"},
    }],
})
signature = base64.b64encode(hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest()).decode()
check(SignatureValidator(secret).validate(body, signature), "the SDK refuses the test's signature")
check(len(WebhookParser(secret).parse(body, signature)) == 1, "the SDK does not read the test's body")

headers = {"content-type": "application/json", "x-line-signature": signature}
status, answer = send(clerk, "/hooks/line", headers, body.encode())
check(status == 200, f"a signed webhook was answered {status} {answer!r}")
status, _ = send(clerk, "/hooks/line", headers, (body + " ").encode())
check(status in (401, 403), f"a changed body was answered {status}")

path, reply_headers, reply = api.next()
check(reply_headers["authorization"].startswith("Bearer "), reply_headers)
if path == "/v2/bot/message/reply":
    parsed = ReplyMessageRequest.from_json(reply.decode())
    check(parsed.reply_token == "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA", parsed)
else:
    check(path == "/v2/bot/message/push", path)
    parsed = PushMessageRequest.from_json(reply.decode())
check(1 <= len(parsed.messages) <= 5 and parsed.messages[0].text, parsed)
