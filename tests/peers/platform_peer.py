"""What every peer needs: the platform's API on loopback, and a way to send webhooks.

A peer prints the port of its API, reads the clerk's address from standard input, plays its part, and exits with
0 if the platform's own SDK was content with all it saw.
"""

import http.client
import http.server
import queue
import sys
import threading

PATIENCE = 30


class Api:
    """Records each request the clerk makes, and answers with `answer(path) -> (status, body)`."""

    def __init__(self, answer):
        self.requests = queue.Queue()
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                api.requests.put((self.path, dict(self.headers.items()), body))
                status, answer_body = answer(self.path)
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer_body)))
                self.end_headers()
                self.wfile.write(answer_body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        """The next request: path, headers (lower case), body."""
        path, headers, body = self.requests.get(timeout=PATIENCE)
        return path, {name.lower(): value for name, value in headers.items()}, body

    def meet_the_clerk(self):
        """Tells the test where the API is, and learns where the clerk is."""
        print(self.server.server_port, flush=True)
        return sys.stdin.readline().strip()


def send(clerk, path, headers, body, method="POST"):
    """Sends a webhook; returns status and body."""
    connection = http.client.HTTPConnection(clerk, timeout=PATIENCE)
    connection.request(method, path, body=body, headers=headers)
    response = connection.getresponse()
    return response.status, response.read()


def check(condition, what):
    if not condition:
        sys.exit(f"the peer is not content: {what}")
