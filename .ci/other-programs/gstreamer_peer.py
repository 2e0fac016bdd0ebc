"""GStreamer's webrtcbin: gstreamer_peer.py ROLE [URL [--audio]]"""

import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

import whip  # noqa: E402

Gst.init(None)

SENDS = f"""
    videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=480,framerate=30/1
    ! valve name=valve
    ! x264enc name=encoder tune=zerolatency speed-preset=ultrafast key-int-max=30 bitrate=1500
    ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1
    ! application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000 ! rtc.
"""
AUDIO = """
    audiotestsrc is-live=true ! audioconvert ! opusenc ! rtpopuspay
    ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2 ! rtc.
"""
H264 = """application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000,
    packetization-mode=(string)1,profile-level-id=(string)42e01f"""
OPUS = "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2"


class Peer:
    def __init__(self, sends):
        self.pipeline = Gst.Pipeline.new()
        self.elements = Gst.parse_bin_from_description(f"webrtcbin name=rtc bundle-policy=max-bundle {sends}", False)
        self.pipeline.add(self.elements)
        self.rtc = self.pipeline.get_by_name("rtc")
        self.frames = 0
        # What is encoded while nobody is known to send to is not sent.
        self.counting = not sends
        if encoder := self.pipeline.get_by_name("encoder"):
            encoder.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, self.count)
        self.rtc.connect("pad-added", self.show)

    def count(self, *_):
        self.frames += self.counting
        return Gst.PadProbeReturn.OK

    def show(self, _, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        is_video = "H264" in pad.get_current_caps().to_string()
        video = "rtph264depay ! h264parse ! avdec_h264 ! fakesink name=screen sync=false"
        shown = Gst.parse_bin_from_description(video if is_video else "fakesink", True)
        self.elements.add(shown)
        shown.sync_state_with_parent()
        pad.link(shown.get_static_pad("sink"))
        if screen := shown.get_by_name("screen"):
            screen.get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, self.count)

    def start(self):
        if self.pipeline.set_state(Gst.State.PLAYING) == Gst.StateChangeReturn.FAILURE:
            raise RuntimeError("the pipeline does not start")

    def describe(self, what):
        """`create-offer` or `create-answer`, and then all candidates."""
        promise = Gst.Promise.new()
        self.rtc.emit(f"create-{what}", None, promise)
        promise.wait()
        reply = promise.get_reply()
        if reply is None or not reply.has_field(what):
            raise RuntimeError(f"create-{what}: {reply and reply.to_string()}")
        self.set("local", reply.get_value(what))
        self.until(lambda: self.rtc.props.ice_gathering_state == GstWebRTC.WebRTCICEGatheringState.COMPLETE, "candidates")
        return self.rtc.props.local_description.sdp.as_text()

    def set(self, side, description):
        promise = Gst.Promise.new()
        self.rtc.emit(f"set-{side}-description", description, promise)
        promise.wait()
        reply = promise.get_reply()
        if reply is not None and reply.has_field("error"):
            raise RuntimeError(reply.get_value("error").message)

    def set_remote(self, kind, text):
        self.counting = True
        _, sdp = GstSdp.SDPMessage.new_from_text(text)
        self.set("remote", GstWebRTC.WebRTCSessionDescription.new(kind, sdp))

    def until(self, true, what):
        late = time.monotonic() + whip.PATIENCE
        while not true():
            if time.monotonic() > late or self.rtc.props.connection_state == GstWebRTC.WebRTCPeerConnectionState.FAILED:
                raise RuntimeError(f"no {what} within {whip.PATIENCE} s")
            time.sleep(0.01)

    def is_connected(self):
        self.until(lambda: self.rtc.props.connection_state == GstWebRTC.WebRTCPeerConnectionState.CONNECTED, "connection")

    def call(self, url):
        self.start()
        offer = self.describe("offer")
        answer, session = whip.post(url, offer)
        self.set_remote(GstWebRTC.WebRTCSDPType.ANSWER, answer)
        self.is_connected()
        return session

    def answer(self, offer):
        self.start()
        self.set_remote(GstWebRTC.WebRTCSDPType.OFFER, offer)
        return self.describe("answer")

    def add_receiver(self, caps):
        self.rtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))

    def stop(self):
        self.pipeline.get_by_name("valve").set_property("drop", True)


def version():
    return {"version": ".".join(str(part) for part in Gst.version()[:3])}


def publish(url, audio):
    peer = Peer((AUDIO if audio else "") + SENDS)
    session = peer.call(url)
    time.sleep(whip.LENGTH)
    peer.stop()
    time.sleep(0.3)
    whip.hang_up(session)
    return {"sent": peer.frames}


def watch(url, audio):
    peer = Peer("")
    if audio:
        peer.add_receiver(OPUS)
    peer.add_receiver(H264)
    session = peer.call(url)
    time.sleep(whip.LENGTH)
    whip.hang_up(session)
    time.sleep(0.3)
    return {"decoded": peer.frames}


def takes():
    peer = Peer("")
    whip.Endpoint(peer.answer).wait()
    time.sleep(0.3)
    return {"decoded": peer.frames}


def gives():
    peer = Peer(SENDS)
    whip.Endpoint(peer.answer).wait()
    peer.stop()
    return {"sent": peer.frames}


loop = GLib.MainLoop()
threading.Thread(target=loop.run, daemon=True).start()
whip.main({f.__name__: f for f in (version, publish, watch, takes, gives)})
