"""WHIP and WHEP for peers in Python: both are one POST with the offer, and one DELETE."""

import http.server
import json
import os
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

# How long the video of a row is.
LENGTH = float(os.environ.get("SECONDS_OF_VIDEO", "6"))
# ICE and DTLS have this long.
PATIENCE = 10
SDP = {"Content-Type": "application/sdp"}


def say(**words):
    print(json.dumps(words), flush=True)


def request(method, url, body=None):
    sent = urllib.request.Request(url, body and body.encode(), SDP if body else {}, method=method)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sent, timeout=PATIENCE) as response:
            return response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{method}: {error.code} {error.read().decode().strip()}") from None


def post(url, offer):
    """Returns the answer and the address of the session."""
    headers, answer = request("POST", url, offer)
    return answer, urllib.parse.urljoin(url, headers["Location"])


def hang_up(session):
    request("DELETE", session)


class Endpoint:
    """Answers one offer by `answer(offer)`, on a thread of its own, and says where."""

    def __init__(self, answer):
        endpoint = self
        self.hung_up = threading.Event()
        self.error = None

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def reply(self, status, body=b"", headers=()):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                offer = self.rfile.read(int(self.headers["Content-Length"])).decode()
                try:
                    body = answer(offer).encode()
                    self.reply(201, body, [*SDP.items(), ("Location", "/session")])
                except Exception as error:
                    endpoint.error = error
                    endpoint.hung_up.set()
                    self.reply(500)

            def do_DELETE(self):
                self.reply(200)
                endpoint.hung_up.set()

            def do_OPTIONS(self):
                self.reply(200)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        say(url=f"http://127.0.0.1:{self.server.server_port}/endpoint")

    def wait(self):
        """Returns when the client hangs up."""
        self.hung_up.wait()
        if self.error:
            raise self.error


def main(roles):
    """Runs the role that the command line names: ROLE [URL [--audio]]."""
    role, *rest = sys.argv[1:]
    try:
        say(**(roles[role](rest[0], "--audio" in rest) if rest else roles[role]()))
    except Exception as error:
        say(error=f"{type(error).__name__}: {error}")
    # Threads of a library may still run.
    os._exit(0)
