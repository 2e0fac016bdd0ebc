// A browser as a peer. What runs in its page is here; whoever starts the browser calls `browserRoles` with `evaluate`.

import { LENGTH, hangUp, post, serve, sleep, within } from './whip.mjs';

/** Runs in the page: makes `window.peer`. */
function makePeer() {
  const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const complete = async () => {
    while (pc.iceGatheringState !== 'complete') await new Promise((resolve) => setTimeout(resolve, 10));
    return pc.localDescription.sdp;
  };
  const h264 = () => {
    for (const transceiver of pc.getTransceivers().filter(({ receiver }) => receiver.track.kind === 'video')) {
      const codecs = RTCRtpReceiver.getCapabilities('video').codecs;
      transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => /h264|rtx/i.test(mimeType)));
    }
  };
  window.peer = {
    sends(audio) {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [640, 480];
      const paint = canvas.getContext('2d');
      let frame = 0;
      setInterval(() => {
        frame += 1;
        paint.fillStyle = `hsl(${frame % 360} 80% 40%)`;
        paint.fillRect(0, 0, 640, 480);
        paint.fillStyle = 'white';
        paint.fillRect((frame * 7) % 600, (frame * 5) % 440, 40, 40);
      }, 1000 / 30);
      if (audio) {
        const context = new AudioContext();
        const tone = context.createMediaStreamDestination();
        context.createOscillator().connect(tone);
        pc.addTransceiver(tone.stream.getAudioTracks()[0], { direction: 'sendonly' });
      }
      this.track = canvas.captureStream(30).getVideoTracks()[0];
      // An answerer's sender takes the place that the offer has for it.
      if (pc.remoteDescription) pc.addTrack(this.track);
      else pc.addTransceiver(this.track, { direction: 'sendonly' });
    },
    receives(audio) {
      if (audio) pc.addTransceiver('audio', { direction: 'recvonly' });
      pc.addTransceiver('video', { direction: 'recvonly' });
    },
    async offer() {
      h264();
      await pc.setLocalDescription(await pc.createOffer());
      return complete();
    },
    setAnswer: (sdp) => pc.setRemoteDescription({ type: 'answer', sdp }),
    async answer(sdp, sends) {
      await pc.setRemoteDescription({ type: 'offer', sdp });
      if (sends) this.sends(false);
      await pc.setLocalDescription(await pc.createAnswer());
      return complete();
    },
    async connected() {
      while (pc.connectionState !== 'connected') {
        if (pc.connectionState === 'failed') throw new Error('the connection failed');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async frames(type, figure) {
      const entries = [...(await pc.getStats()).values()];
      return entries.find((entry) => entry.type === type && entry.kind === 'video')?.[figure] ?? 0;
    },
  };
  // A decoder decodes although nobody looks, in a browser that is told to play.
  pc.ontrack = ({ track }) => {
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = new MediaStream([track]);
    document.body.append(video);
    video.play().catch(() => {});
  };
}

/** The four roles, with `evaluate(function, ...arguments)` of a browser's page. */
export function browserRoles(open) {
  const begin = async () => {
    const evaluate = await open();
    await evaluate(makePeer);
    return evaluate;
  };
  const sent = (evaluate) => evaluate(() => peer.frames('outbound-rtp', 'framesSent'));
  const decoded = async (evaluate) => {
    await sleep(300);
    return { decoded: await evaluate(() => peer.frames('inbound-rtp', 'framesDecoded')) };
  };
  const call = async (evaluate, url) => {
    const { answer, session } = await post(url, await within(evaluate(() => peer.offer()), 'candidates'));
    await evaluate((sdp) => peer.setAnswer(sdp), answer);
    await within(evaluate(() => peer.connected()), 'connection');
    return session;
  };
  return {
    async publish(url, audio) {
      const evaluate = await begin();
      await evaluate((audio) => peer.sends(audio), audio);
      const session = await call(evaluate, url);
      await sleep(LENGTH);
      await evaluate(() => peer.track.stop());
      await sleep(300);
      const figures = { sent: await sent(evaluate) };
      await hangUp(session);
      return figures;
    },
    async watch(url, audio) {
      const evaluate = await begin();
      await evaluate((audio) => peer.receives(audio), audio);
      const session = await call(evaluate, url);
      await sleep(LENGTH);
      await hangUp(session);
      return decoded(evaluate);
    },
    async takes() {
      const evaluate = await begin();
      await serve((offer) => evaluate((sdp) => peer.answer(sdp, false), offer));
      return decoded(evaluate);
    },
    async gives() {
      const evaluate = await begin();
      await serve((offer) => evaluate((sdp) => peer.answer(sdp, true), offer));
      return { sent: await sent(evaluate) };
    },
  };
}
