"""Meta's own SDK says the same as the clerk on Messenger and Instagram; fbmessenger reads what the test posts.

The clerk's answer is written anew with fbmessenger's models and sent by facebook-business's client to the same address: its
request must have the same path and the same values.
"""

import hashlib
import hmac
import json
import sys
import time
import urllib.parse

from facebook_business.adobjects.iguser import IGUser
from facebook_business.adobjects.page import Page
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession
from fbmessenger import BaseMessenger
from fbmessenger.elements import Text
from fbmessenger.quick_replies import QuickReplies, QuickReply
from pywa.utils import webhook_updates_validator

from platform_peer import Api, check, send

platform, account, app_secret, verify_token, token = sys.argv[1:]
customer = "24001"
api = Api(lambda path: (200, b'{"recipient_id":"24001","message_id":"m_reply"}'))
clerk = api.meet_the_clerk()

hook = f"/hooks/{platform}"
query = f"hub.mode=subscribe&hub.verify_token={verify_token}&hub.challenge=1158201444"
check(send(clerk, f"{hook}?{query}", {}, None, method="GET") == (200, b"1158201444"), "the handshake")
status, _ = send(clerk, f"{hook}?{query.replace(verify_token, 'wrong')}", {}, None, method="GET")
check(status == 403, f"a wrong verify token was answered {status}")


class Heard(BaseMessenger):
    """What fbmessenger reads in a webhook."""

    def message(self, message):
        return self.get_user_id(), message["message"]["text"]


now_ms = int(time.time() * 1000)
webhook = {
    "object": "page" if platform == "messenger" else "instagram",
    "entry": [{"id": account, "time": now_ms, "messaging": [{
        "sender": {"id": customer}, "recipient": {"id": account}, "timestamp": now_ms,
        "message": {"mid": "m_1", "text": "您好, do you ship abroad?"},
    }]}],
}
check(Heard("token").handle(webhook) == (customer, "您好, do you ship abroad?"), "the SDK does not read the test's body")
body = json.dumps(webhook).encode()
signature = "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
check(webhook_updates_validator(app_secret=app_secret, request_body=body, x_hub_signature=signature),
      "the SDK refuses the test's signature")
headers = {"content-type": "application/json", "X-Hub-Signature-256": signature}
status, answer = send(clerk, hook, headers, body)
check(status == 200, f"a signed webhook was answered {status} {answer!r}")
status, _ = send(clerk, hook, headers, body.replace(b"abroad", b"inland"))
check(status in (401, 403), f"a changed body was answered {status}")

path, reply_headers, reply = api.next()
check(reply_headers["authorization"] == f"Bearer {token}", "the clerk's token")
reply = json.loads(reply)


def again(message):
    """The same message by the models of fbmessenger, which know how much a button may hold."""
    buttons = [QuickReply(**button) for button in message.get("quick_replies", [])]
    check(all(len(button.title) <= 20 for button in buttons), f"a button's title is too long: {message}")
    return Text(message["text"], QuickReplies(buttons) if buttons else None).to_dict()


check(again(reply["message"]) == reply["message"], f"the SDK's models know nothing of this: {reply}")
session = FacebookSession(access_token=token)
session.GRAPH = f"http://127.0.0.1:{api.server.server_port}"
version = path.split("/")[1]
sender = {"messenger": Page, "instagram": IGUser}[platform](account, api=FacebookAdsApi(session, api_version=version))
sender.create_message(params={
    "recipient": {"id": customer}, "messaging_type": "RESPONSE", "message": again(reply["message"]),
})
while True:
    sdk_path, sdk_headers, sdk_body = api.next()
    if sdk_headers["user-agent"].startswith("fbbizsdk"):
        break
url = urllib.parse.urlsplit(sdk_path)
check(url.path == path, f"the SDK sends to {url.path}, the clerk to {path}")
check(dict(urllib.parse.parse_qsl(url.query)) == {"access_token": token}, "the SDK's token")
values = dict(urllib.parse.parse_qsl(sdk_body.decode()))
values = {name: json.loads(value) if value.startswith("{") else value for name, value in values.items()}
check(values == reply, f"the SDK sends {values}, the clerk {reply}")
