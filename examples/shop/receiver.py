"""Takes what the clerk says: a small HTTP server for the channel's `reply_url`."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import standard_webhooks

# Replies are short; whoever sends more is not the clerk.
LONGEST_BODY = 64 * 1024


class Receiver:
    """Verified replies, each once, in order of arrival."""

    def __init__(self, secret, host, port):
        self.secret = secret
        self.replies = []
        self.seen = set()
        self.arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers.get("content-length") or 0)
                if length > LONGEST_BODY:
                    self.answer(413)
                else:
                    self.answer(receiver.take(self.headers, self.rfile.read(length)))

            def answer(self, status):
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((host, port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, headers, body):
        """Answers 2xx only once the reply is kept: the clerk tries again after anything else."""
        try:
            webhook_id = standard_webhooks.verify(self.secret, headers, body)
        except standard_webhooks.Forged:
            return 401
        with self.arrived:
            # Delivery is at least once: the same id again is the same reply.
            if webhook_id not in self.seen:
                self.seen.add(webhook_id)
                data = json.loads(body)["data"]
                self.replies.append(data)
                print(f"clerk to {data['chat_id']}: " + data["text"].replace("\n", "\n    "), flush=True)
                self.arrived.notify_all()
        return 204

    def wait_for(self, what, chat_id, contains, timeout):
        """Waits for a reply to a chat that contains a text."""

        def there():
            return any(it["chat_id"] == chat_id and contains in it["text"] for it in self.replies)

        with self.arrived:
            if not self.arrived.wait_for(there, timeout):
                raise SystemExit(f"waited in vain for {what}")
