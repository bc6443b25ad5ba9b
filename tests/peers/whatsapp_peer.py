"""pywa's validator accepts the signature the clerk accepts; its challenge handler agrees on the handshake."""

import hashlib
import hmac
import json
import sys
import time

from pywa.utils import webhook_updates_validator
from platform_peer import Api, check, send

app_secret, verify_token = sys.argv[1:3]
api = Api(lambda path: (200, b'{"messaging_product":"whatsapp","messages":[{"id":"wamid.reply"}]}'))
clerk = api.meet_the_clerk()

query = f"hub.mode=subscribe&hub.verify_token={verify_token}&hub.challenge=1158201444"
check(send(clerk, f"/hooks/whatsapp?{query}", {}, None, method="GET") == (200, b"1158201444"), "the handshake")
status, _ = send(clerk, f"/hooks/whatsapp?{query.replace(verify_token, 'wrong')}", {}, None, method="GET")
check(status == 403, f"a wrong verify token was answered {status}")

body = json.dumps({
    "object": "whatsapp_business_account",
    "entry": [{"id": "102290129340398", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
        "contacts": [{"profile": {"name": "Sheena Nelson"}, "wa_id": "16505551234"}],
        "messages": [{"from": "16505551234", "id": "wamid.1", "timestamp": str(int(time.time())), "type": "text",
                      "text": {"body": "您好, do you ship abroad?"}}],
    }}]}],
}).encode()
signature = "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
check(webhook_updates_validator(app_secret=app_secret, request_body=body, x_hub_signature=signature),
      "the SDK refuses the test's signature")
headers = {"content-type": "application/json", "X-Hub-Signature-256": signature}
status, answer = send(clerk, "/hooks/whatsapp", headers, body)
check(status == 200, f"a signed webhook was answered {status} {answer!r}")
status, _ = send(clerk, "/hooks/whatsapp", headers, body.replace(b"abroad", b"inland"))
check(status in (401, 403), f"a changed body was answered {status}")

path, reply_headers, reply = api.next()
check(path.endswith("/106540352242922/messages"), path)
check(reply_headers["authorization"].startswith("Bearer "), reply_headers)
reply = json.loads(reply)
check(reply["messaging_product"] == "whatsapp" and reply["to"] == "16505551234", reply)
