"""A peer that is no browser, and that nobody here wrote: aiortc, against both ends of step 05.

python aiortc_check.py PROGRAM      exit status 0 when all passed
"""

import asyncio
import json
import os
import re
import signal
import sys
import tempfile

import aiohttp
from aiohttp import web
from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack

PROGRAM = sys.argv[1]
FRAMES = 60
TIMEOUT = 30
SDP = {"Content-Type": "application/sdp"}


async def program(*arguments):
    """Starts the program; its standard output is piped."""
    return await asyncio.create_subprocess_exec(
        PROGRAM, *arguments, "--display", "none",
        stdout=asyncio.subprocess.PIPE,
        stderr=None if os.environ.get("VERBOSE") else asyncio.subprocess.DEVNULL,
    )


async def stop(process):
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    return await asyncio.wait_for(process.wait(), TIMEOUT)


async def serve(report):
    process = await program("--serve", "127.0.0.1:0", "--source", "pattern", "--report", report)
    line = (await asyncio.wait_for(process.stdout.readline(), TIMEOUT)).decode()
    return process, re.search(r"http://[^ /]+", line).group()


async def receive(track, count):
    sizes = set()
    for _ in range(count):
        frame = await asyncio.wait_for(track.recv(), TIMEOUT)
        sizes.add((frame.width, frame.height))
    return sizes


async def call(url, pc):
    """WHIP and WHEP, the client's side."""
    await pc.setLocalDescription(await pc.createOffer())
    async with aiohttp.ClientSession() as http:
        async with http.post(url, data=pc.localDescription.sdp, headers=SDP) as response:
            assert response.status == 201, f"{response.status}: {await response.text()}"
            await pc.setRemoteDescription(RTCSessionDescription(await response.text(), "answer"))
            return response.headers["Location"]


async def hang_up(base, location):
    async with aiohttp.ClientSession() as http:
        async with http.delete(base + location) as response:
            assert response.status == 200, response.status


async def watches_the_server(folder):
    process, base = await serve(f"{folder}/whep.json")
    pc = RTCPeerConnection()
    transceiver = pc.addTransceiver("video", direction="recvonly")
    try:
        location = await call(f"{base}/whep", pc)
        sizes = await receive(transceiver.receiver.track, FRAMES)
        await hang_up(base, location)
        return f"{FRAMES} frames of {sizes}"
    finally:
        await pc.close()
        await stop(process)


async def publishes_to_the_server(folder):
    report = f"{folder}/whip.json"
    process, base = await serve(report)
    pc = RTCPeerConnection()
    pc.addTrack(VideoStreamTrack())
    try:
        location = await call(f"{base}/whip", pc)
        await asyncio.sleep(FRAMES / 30 + 1)
        await hang_up(base, location)
    finally:
        await pc.close()
        await stop(process)
    with open(report) as file:
        decoded = json.load(file)["sessions"][0]["frames"]["decoded"]
    assert decoded >= FRAMES / 2, f"{decoded} frames were decoded"
    return f"{decoded} frames decoded"


class Endpoint:
    """WHIP and WHEP, the server's side."""

    def __init__(self, sends):
        self.sends = sends
        self.deleted = asyncio.Event()
        self.track = asyncio.get_running_loop().create_future()
        self.pc = RTCPeerConnection()

    async def __aenter__(self):
        application = web.Application()
        application.add_routes([web.post("/endpoint", self.post), web.delete("/session", self.delete)])
        self.runner = web.AppRunner(application)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/endpoint"
        return self

    async def __aexit__(self, *_):
        await self.pc.close()
        await self.runner.cleanup()

    async def post(self, request):
        assert request.content_type == "application/sdp", request.content_type
        self.pc.on("track", lambda track: self.track.done() or self.track.set_result(track))
        if self.sends:
            self.pc.addTrack(VideoStreamTrack())
        await self.pc.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        headers = {**SDP, "Location": "/session"}
        return web.Response(status=201, text=self.pc.localDescription.sdp, headers=headers)

    async def delete(self, _):
        self.deleted.set()
        return web.Response(status=200)


async def is_published_to(folder):
    async with Endpoint(sends=False) as endpoint:
        process = await program("--publish", endpoint.url, "--source", "pattern")
        try:
            track = await asyncio.wait_for(endpoint.track, TIMEOUT)
            sizes = await receive(track, FRAMES)
        finally:
            status = await stop(process)
        assert endpoint.deleted.is_set(), "Ctrl-C should send DELETE"
        assert status == 0, status
        return f"{FRAMES} frames of {sizes}, and DELETE at Ctrl-C"


async def is_watched(folder):
    report = f"{folder}/watch.json"
    async with Endpoint(sends=True) as endpoint:
        process = await program("--watch", endpoint.url, "--seconds", str(FRAMES / 30 + 2), "--report", report)
        status = await asyncio.wait_for(process.wait(), TIMEOUT)
        assert status == 0, status
        assert endpoint.deleted.is_set(), "the end should send DELETE"
    with open(report) as file:
        decoded = json.load(file)["sessions"][0]["frames"]["decoded"]
    assert decoded >= FRAMES / 2, f"{decoded} frames were decoded"
    return f"{decoded} frames decoded"


async def main():
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for check in (watches_the_server, publishes_to_the_server, is_published_to, is_watched):
            name = f"aiortc {check.__name__.replace('_', ' ')}"
            try:
                print(f"ok      {name}: {await check(folder)}", flush=True)
            except Exception as error:
                failures += 1
                print(f"FAILED  {name}: {type(error).__name__}: {error}", flush=True)
    return 1 if failures else 0


sys.exit(asyncio.run(main()))
