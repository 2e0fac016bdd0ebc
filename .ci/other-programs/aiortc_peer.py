"""aiortc: aiortc_peer.py ROLE [URL [--audio]]"""

import asyncio

import aiortc
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack

import whip

FRAMES = int(30 * whip.LENGTH)


class Video(VideoStreamTrack):
    """So many frames and no more, from when it is connected."""

    def __init__(self, frames):
        super().__init__()
        self.sent = 0
        self.frames = frames

    async def recv(self):
        if self.sent == self.frames:
            await asyncio.Event().wait()
        frame = await super().recv()
        self.sent += 1
        return frame


class Peer:
    def __init__(self):
        self.pc = aiortc.RTCPeerConnection()
        self.decoded = 0
        self.counting = None
        self.pc.on("track", self.count)

    def count(self, track):
        async def frames():
            try:
                while True:
                    await track.recv()
                    self.decoded += 1
            except MediaStreamError:
                pass

        if track.kind == "video":
            self.counting = asyncio.ensure_future(frames())

    async def is_connected(self):
        async with asyncio.timeout(whip.PATIENCE):
            while self.pc.connectionState != "connected":
                if self.pc.connectionState in ("failed", "closed"):
                    raise ConnectionError("the connection failed")
                await asyncio.sleep(0.01)

    async def call(self, url):
        await self.pc.setLocalDescription(await self.pc.createOffer())
        answer, session = await asyncio.to_thread(whip.post, url, self.pc.localDescription.sdp)
        await self.pc.setRemoteDescription(aiortc.RTCSessionDescription(answer, "answer"))
        await self.is_connected()
        return session

    async def answer(self, offer):
        await self.pc.setRemoteDescription(aiortc.RTCSessionDescription(offer, "offer"))
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        return self.pc.localDescription.sdp

    def endpoint(self):
        loop = asyncio.get_running_loop()
        return whip.Endpoint(lambda offer: asyncio.run_coroutine_threadsafe(self.answer(offer), loop).result(whip.PATIENCE))


async def publish(url, audio):
    peer = Peer()
    video = Video(FRAMES)
    if audio:
        peer.pc.addTrack(AudioStreamTrack())
    peer.pc.addTrack(video)
    session = await peer.call(url)
    await asyncio.sleep(whip.LENGTH + 0.5)
    await asyncio.to_thread(whip.hang_up, session)
    return {"sent": video.sent}


async def watch(url, audio):
    peer = Peer()
    if audio:
        peer.pc.addTransceiver("audio", direction="recvonly")
    peer.pc.addTransceiver("video", direction="recvonly")
    session = await peer.call(url)
    await asyncio.sleep(whip.LENGTH)
    await asyncio.to_thread(whip.hang_up, session)
    await asyncio.sleep(0.3)
    return {"decoded": peer.decoded}


async def takes():
    peer = Peer()
    await asyncio.to_thread(peer.endpoint().wait)
    await asyncio.sleep(0.3)
    return {"decoded": peer.decoded}


async def gives():
    peer = Peer()
    video = Video(None)
    peer.pc.addTrack(video)
    await asyncio.to_thread(peer.endpoint().wait)
    return {"sent": video.sent}


def role(coroutine):
    return lambda *arguments: asyncio.run(coroutine(*arguments))


whip.main({
    "version": lambda: {"version": aiortc.__version__},
    **{f.__name__: role(f) for f in (publish, watch, takes, gives)},
})
