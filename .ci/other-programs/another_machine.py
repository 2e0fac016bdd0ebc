"""Two network namespaces with a line between them: what happens in one comes to the other as from another machine."""

import contextlib
import json
import os
import re
import subprocess
import time

from process import Failed, Process

CALLS = 20
AT_A_TIME = 5
SECONDS = 3
PATIENCE = SECONDS + 20
# Reserved for examples (RFC 5737), so they are nobody's.
SERVER, CLIENT = "198.51.100.1", "198.51.100.2"


@contextlib.contextmanager
def two_namespaces():
    """Their names. They are gone at the end, with what runs in them."""
    server, client = (f"calls-{os.getpid()}-{side}" for side in ("server", "client"))

    def ip(*arguments):
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True, timeout=10)
        if done.returncode != 0:
            raise Failed(f"ip {' '.join(arguments)}: {done.stderr.strip()}")

    try:
        for namespace in (server, client):
            ip("netns", "add", namespace)
            ip("-n", namespace, "link", "set", "lo", "up")
        ip("-n", server, "link", "add", "line", "type", "veth", "peer", "name", "line", "netns", client)
        for namespace, address in ((server, SERVER), (client, CLIENT)):
            ip("-n", namespace, "address", "add", f"{address}/24", "dev", "line")
            ip("-n", namespace, "link", "set", "line", "up")
        yield server, client
    finally:
        for namespace in (server, client):
            with contextlib.suppress(Failed):
                ip("netns", "delete", namespace)


def another_machine(program, report, ffmpeg):
    """FFmpeg calls --serve, five calls at a time; returns the frames sent and decoded of each call."""
    with two_namespaces() as (server, client):
        serve = ["ip", "netns", "exec", server, program, "--serve", f"{SERVER}:0", "--token", "not-guessed", "--size", "320x240",
                 "--source", "pattern", "--display", "none", "--sessions", str(AT_A_TIME), "--report", report]
        until = time.monotonic() + PATIENCE
        with Process(serve) as ours:
            base = re.search(r"http://[^ /]+", ours.line(until) or "")
            if not base:
                raise Failed(ours.last_words())
            publish = ["ip", "netns", "exec", client, ffmpeg, "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi",
                       "-i", "testsrc2=size=320x240:rate=30", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-profile:v", "baseline",
                       "-bf", "0", "-tune", "zerolatency", "-preset", "ultrafast", "-t", str(SECONDS),
                       "-authorization", "not-guessed", "-f", "whip", f"{base.group()}/whip"]
            for _ in range(CALLS // AT_A_TIME):
                with contextlib.ExitStack() as calls:
                    running = [calls.enter_context(Process(publish)) for _ in range(AT_A_TIME)]
                    for call in running:
                        call.ends(PATIENCE)
            ours.interrupt()
            ours.ends()
    with open(report) as file:
        sessions = json.load(file)["sessions"]
    return [(30 * SECONDS, session["frames"]["decoded"]) for session in sessions]
