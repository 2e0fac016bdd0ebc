// node-datachannel (libdatachannel): node_datachannel_peer.mjs ROLE [URL [--audio]]

import ndc from 'node-datachannel';
import { Recording, sendClip } from './h264.mjs';
import { LENGTH, hangUp, main, packageVersion, post, serve, sleep, within } from './whip.mjs';

const SSRC = 42;

class Peer {
  constructor() {
    this.pc = new ndc.PeerConnection('peer', { iceServers: [], disableAutoNegotiation: true });
    this.connected = new Promise((resolve, reject) => {
      this.pc.onStateChange((state) => {
        if (state === 'connected') resolve();
        if (state === 'failed') reject(new Error('the connection failed'));
      });
    });
    this.gathered = new Promise((resolve) => {
      this.pc.onGatheringStateChange((state) => state === 'complete' && resolve());
    });
  }

  addTracks(direction, audio) {
    if (audio) {
      const section = new ndc.Audio('audio', direction);
      section.addOpusCodec(111);
      if (direction === 'SendOnly') section.addSSRC(SSRC + 1, 'audio');
      this.audio = this.pc.addTrack(section);
    }
    const section = new ndc.Video('video', direction);
    section.addH264Codec(102);
    if (direction === 'SendOnly') section.addSSRC(SSRC, 'video');
    this.use(this.pc.addTrack(section), direction === 'SendOnly');
  }

  use(track, sends) {
    this.track = track;
    if (sends) {
      this.rtp = new ndc.RtpPacketizationConfig(SSRC, 'video', 102, 90000);
      const packetizer = new ndc.H264RtpPacketizer('StartSequence', this.rtp, 1200);
      packetizer.addToChain(new ndc.RtcpSrReporter(this.rtp));
      packetizer.addToChain(new ndc.RtcpNackResponder());
      track.setMediaHandler(packetizer);
      // Later than the connection: what is sent before is not sent.
      this.open = new Promise((resolve) => track.onOpen(resolve));
    } else {
      track.setMediaHandler(new ndc.RtcpReceivingSession());
      const recording = new Recording();
      track.onMessage((packet) => {
        if ((packet[1] & 0x7f) >= 64 && (packet[1] & 0x7f) < 96) return;
        const begin = 12 + 4 * (packet[0] & 0xf) + (packet[0] & 0x10 ? 4 + 4 * packet.readUInt16BE(14 + 4 * (packet[0] & 0xf)) : 0);
        const end = packet.length - (packet[0] & 0x20 ? packet.at(-1) : 0);
        recording.packet({ sequenceNumber: packet.readUInt16BE(2), marker: packet[1] > 127, payload: packet.subarray(begin, end) });
      });
    }
  }

  async call(url) {
    this.pc.setLocalDescription();
    await within(this.gathered, 'candidates');
    const { answer, session } = await post(url, this.pc.localDescription().sdp);
    this.pc.setRemoteDescription(answer, 'answer');
    await within(this.connected, 'connection');
    return session;
  }

  async sendClip(stopped, length) {
    await within(this.open, 'open track');
    return sendClip((unit, timestamp) => {
      this.rtp.timestamp = timestamp;
      if (this.track.isOpen()) this.track.sendMessageBinary(unit);
    }, stopped, length);
  }
}

async function serveOne(sends, peer) {
  peer.pc.onTrack((track) => peer.use(track, sends));
  return serve(async (offer) => {
    peer.pc.setRemoteDescription(offer, 'offer');
    peer.pc.setLocalDescription();
    await within(peer.gathered, 'candidates');
    return peer.pc.localDescription().sdp;
  });
}

await main({
  version: () => ({ version: packageVersion('node-datachannel') }),
  async publish(url, audio) {
    const peer = new Peer();
    peer.addTracks('SendOnly', audio);
    const session = await peer.call(url);
    const sent = await peer.sendClip();
    await sleep(300);
    await hangUp(session);
    return { sent };
  },
  async watch(url, audio) {
    const peer = new Peer();
    peer.addTracks('RecvOnly', audio);
    const session = await peer.call(url);
    await sleep(LENGTH);
    await hangUp(session);
    await sleep(300);
    return { recorded: true };
  },
  async takes() {
    await serveOne(false, new Peer());
    await sleep(300);
    return { recorded: true };
  },
  async gives() {
    const peer = new Peer();
    let ended = false;
    const hungUp = serveOne(true, peer).finally(() => { ended = true; });
    hungUp.catch(() => {});
    await Promise.race([peer.connected, hungUp]);
    const sent = ended ? 0 : await peer.sendClip(() => ended, Infinity);
    await hungUp;
    return { sent };
  },
});
