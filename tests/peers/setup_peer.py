"""The SDKs of Telegram, LINE and WhatsApp play what `channel setup` and `doctor` talk to.

The answers are the SDKs' own models, written as JSON. When the clerk is done, the SDKs' clients ask for the same
things at the same address: each of their requests must be among the clerk's, with the same path and the same values.
"""

import asyncio
import http.server
import json
import sys
import threading
import urllib.parse

import httpx
from linebot.v3.messaging import (
    ApiClient,
    BotInfoResponse,
    Configuration,
    GetWebhookEndpointResponse,
    MessagingApi,
    SetWebhookEndpointRequest,
    TestWebhookEndpointRequest,
    TestWebhookEndpointResponse,
)
from platform_peer import check
from pywa.api import GraphAPI
from telegram import Bot, User, WebhookInfo

url, telegram_token, telegram_secret, line_token, meta_token, meta_account, meta_secret, meta_verify = sys.argv[1:]
app = "4711"
updates = ["message", "callback_query", "business_connection", "business_message"]
state = {"telegram": {}, "line": None}
asked = []


def telegram(method, values):
    if method == "setWebhook":
        state["telegram"] = values
        return {"ok": True, "result": True}
    if method == "getMe":
        bot = User(id=1, first_name="Night", is_bot=True, username="night_bot", can_join_groups=True)
        return {"ok": True, "result": bot.to_dict()}
    if method == "getWebhookInfo":
        kept = state["telegram"]
        info = WebhookInfo(
            url=kept.get("url", ""), has_custom_certificate=False, pending_update_count=0,
            allowed_updates=kept.get("allowed_updates"), max_connections=kept.get("max_connections"),
        )
        return {"ok": True, "result": info.to_dict()}
    return {"ok": False, "error_code": 404, "description": "Not Found"}


def line(method, path, values):
    if path == "/v2/bot/info":
        answer = BotInfoResponse(
            userId="U4af4980629af4980629af4980629af49", basicId="@night", displayName="Night Tea House",
            chatMode="bot", markAsReadMode="auto",
        )
    elif path.endswith("/endpoint") and method == "PUT":
        # The SDK's model refuses what is no endpoint.
        state["line"] = SetWebhookEndpointRequest.from_dict(values).endpoint
        return {}
    elif path.endswith("/endpoint"):
        answer = GetWebhookEndpointResponse(endpoint=state["line"] or "", active=True)
    else:
        TestWebhookEndpointRequest.from_dict(values)
        answer = TestWebhookEndpointResponse(
            success=True, timestamp="2026-11-26T00:00:00Z", statusCode=200, reason="OK", detail="200",
        )
    return json.loads(answer.json(by_alias=True))


def meta(path):
    if path.endswith("/app"):
        return {"id": app, "name": "shop"}
    if path.endswith("/subscriptions"):
        return {"success": True}
    if path.endswith("/debug_token"):
        scopes = ["whatsapp_business_management", "whatsapp_business_messaging"]
        return {"data": {"app_id": app, "is_valid": True, "expires_at": 0, "scopes": scopes}}
    return {"display_phone_number": "+1 555-078-3881", "verified_name": "Night Tea House", "quality_rating": "GREEN"}


def plain(value):
    """A value as it stands in a query: lists and numbers may come as JSON or as text."""
    return value if isinstance(value, str) else json.dumps(value)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def take(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urllib.parse.urlsplit(self.path)
        values = dict(urllib.parse.parse_qsl(parts.query))
        if self.headers.get("content-type", "").startswith("application/json"):
            values |= json.loads(body or b"{}")
        else:
            values |= dict(urllib.parse.parse_qsl(body.decode()))
        asked.append((self.command, parts.path, {name: plain(value) for name, value in values.items()},
                      self.headers.get("authorization")))
        if parts.path.startswith("/bot"):
            answer = telegram(parts.path.rsplit("/", 1)[1], values)
        elif parts.path.startswith("/v2/"):
            answer = line(self.command, parts.path, values)
        else:
            answer = meta(parts.path)
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = take

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
check(sys.stdin.readline().strip() == "done", "the clerk was not done")
clerks, asked = asked[:], []
base = f"http://127.0.0.1:{server.server_port}"


async def with_telegram():
    async with Bot(telegram_token, base_url=f"{base}/bot") as bot:
        check(await bot.set_webhook(url=f"{url}/hooks/tg", secret_token=telegram_secret, allowed_updates=updates),
              "the SDK's own webhook is not taken")
        check((await bot.get_webhook_info()).url == f"{url}/hooks/tg", "the webhook is not kept")


asyncio.run(with_telegram())
with ApiClient(Configuration(access_token=line_token, host=base)) as client:
    api = MessagingApi(client)
    api.set_webhook_endpoint(SetWebhookEndpointRequest(endpoint=f"{url}/hooks/ln"))
    check(api.test_webhook_endpoint(TestWebhookEndpointRequest()).success, "LINE's test")
    check(api.get_webhook_endpoint().active, "LINE's endpoint")
    api.get_bot_info()
session = httpx.Client()
graph = GraphAPI(meta_token, session, 25.0)
session.base_url = f"{base}/v25.0"
graph.get_business_phone_number(meta_account, ("display_phone_number", "verified_name", "quality_rating"))
graph.set_app_callback_url(
    app, f"{app}|{meta_secret}", f"{url}/hooks/wa", meta_verify, ("messages", "smb_message_echoes"),
)

check(len(asked) >= 9, f"the SDKs asked little: {asked}")
for method, path, values, authorization in asked:
    # Telegram takes either method.
    same = [it for it in clerks if it[1] == path and (path.startswith("/bot") or it[0] == method)]
    check(same, f"the clerk does not ask {method} {path}, the SDK does: {[it[:2] for it in clerks]}")
    fits = [it for it in same if all(it[2].get(name) == value for name, value in values.items())]
    check(fits, f"at {path} the SDK says {values}, the clerk {[it[2] for it in same]}")
    if not path.startswith("/bot") and "access_token" not in values:
        check(any(it[3] == authorization for it in fits), f"at {path} the clerk does not show the token as the SDK does")
