// werift: werift_peer.mjs ROLE [URL [--audio]]

import { H264Packetizer, MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, useH264, useOPUS } from 'werift';
import { Recording, sendClip } from './h264.mjs';
import { LENGTH, hangUp, main, packageVersion, post, serve, sleep, within } from './whip.mjs';

class Peer {
  constructor() {
    this.pc = new RTCPeerConnection({ codecs: { audio: [useOPUS()], video: [useH264({ payloadType: 102 })] } });
    this.connected = new Promise((resolve, reject) => {
      this.pc.connectionStateChange.subscribe((state) => {
        if (state === 'connected') resolve();
        if (state === 'failed') reject(new Error('the connection failed'));
      });
    });
    this.pc.onTrack.subscribe((track) => {
      if (track.kind !== 'video') return;
      const recording = new Recording();
      track.onReceiveRtp.subscribe(({ header, payload }) => {
        recording.packet({ sequenceNumber: header.sequenceNumber, marker: header.marker, payload });
      });
    });
  }

  sends(audio) {
    if (audio) this.pc.addTransceiver(new MediaStreamTrack({ kind: 'audio' }), { direction: 'sendonly' });
    this.track = new MediaStreamTrack({ kind: 'video' });
    this.pc.addTransceiver(this.track, { direction: 'sendonly' });
  }

  receives(audio) {
    if (audio) this.pc.addTransceiver('audio', { direction: 'recvonly' });
    this.pc.addTransceiver('video', { direction: 'recvonly' });
  }

  async gathered() {
    while (this.pc.iceGatheringState !== 'complete') await sleep(10);
    return this.pc.localDescription.sdp;
  }

  async call(url) {
    await this.pc.setLocalDescription(await this.pc.createOffer());
    const { answer, session } = await post(url, await within(this.gathered(), 'candidates'));
    await this.pc.setRemoteDescription({ type: 'answer', sdp: answer });
    await within(this.connected, 'connection');
    return session;
  }

  serve() {
    return serve(async (offer) => {
      await this.pc.setRemoteDescription({ type: 'offer', sdp: offer });
      await this.pc.setLocalDescription(await this.pc.createAnswer());
      return within(this.gathered(), 'candidates');
    });
  }

  sendClip(stopped, length) {
    const packetizer = new H264Packetizer({ payloadType: 102 });
    return sendClip((unit, timestamp) => {
      for (const packet of packetizer.packetize(unit, timestamp)) this.track.writeRtp(packet);
    }, stopped, length);
  }
}

await main({
  version: () => ({ version: packageVersion('werift') }),
  async publish(url, audio) {
    const peer = new Peer();
    peer.sends(audio);
    const session = await peer.call(url);
    const sent = await peer.sendClip();
    await sleep(300);
    await hangUp(session);
    return { sent };
  },
  async watch(url, audio) {
    const peer = new Peer();
    peer.receives(audio);
    const session = await peer.call(url);
    await sleep(LENGTH);
    await hangUp(session);
    await sleep(300);
    return { recorded: true };
  },
  async takes() {
    await new Peer().serve();
    await sleep(300);
    return { recorded: true };
  },
  async gives() {
    const peer = new Peer();
    peer.sends(false);
    let ended = false;
    const hungUp = peer.serve().finally(() => { ended = true; });
    hungUp.catch(() => {});
    await Promise.race([peer.connected, hungUp]);
    const sent = ended ? 0 : await peer.sendClip(() => ended, Infinity);
    await hungUp;
    return { sent };
  },
});
