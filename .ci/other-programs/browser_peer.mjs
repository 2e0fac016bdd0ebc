// A browser without a window: browser_peer.mjs chromium|firefox EXECUTABLE ROLE [URL [--audio]]

import puppeteer from 'puppeteer-core';
import { LENGTH, hangUp, main, post, serve, sleep, within } from './whip.mjs';

const [name, executablePath] = process.argv.splice(2, 2);
const CHROMIUM_FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--autoplay-policy=no-user-gesture-required',
  // On loopback alone there is no other address to gather.
  '--allow-loopback-in-peer-connection',
];
const FIREFOX_PREFERENCES = { 'media.autoplay.default': 0, 'media.peerconnection.ice.loopback': true };

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

let browser, page;

async function open() {
  const options = name === 'chromium' ? { args: CHROMIUM_FLAGS } : { extraPrefsFirefox: FIREFOX_PREFERENCES };
  browser = await puppeteer.launch({ browser: name === 'chromium' ? 'chrome' : name, executablePath, headless: true, ...options });
  page = await browser.newPage();
  await page.evaluate(makePeer);
}

async function call(url) {
  const { answer, session } = await post(url, await within(page.evaluate(() => peer.offer()), 'candidates'));
  await page.evaluate((sdp) => peer.setAnswer(sdp), answer);
  await within(page.evaluate(() => peer.connected()), 'connection');
  return session;
}

async function decoded() {
  await sleep(300);
  return { decoded: await page.evaluate(() => peer.frames('inbound-rtp', 'framesDecoded')) };
}

const sent = async () => ({ sent: await page.evaluate(() => peer.frames('outbound-rtp', 'framesSent')) });

await main({
  async version() {
    await open();
    const version = /[\d.]+/.exec(await browser.version())[0];
    const mimeTypes = await page.evaluate(() => RTCRtpSender.getCapabilities('video').codecs.map((codec) => codec.mimeType));
    // Firefox has it in a plugin that it downloads when it first runs.
    return mimeTypes.includes('video/H264') ? { version } : { version, skipped: 'this browser has no H.264 here' };
  },
  async publish(url, audio) {
    await open();
    await page.evaluate((audio) => peer.sends(audio), audio);
    const session = await call(url);
    await sleep(LENGTH);
    await page.evaluate(() => peer.track.stop());
    await sleep(300);
    const figures = await sent();
    await hangUp(session);
    return figures;
  },
  async watch(url, audio) {
    await open();
    await page.evaluate((audio) => peer.receives(audio), audio);
    const session = await call(url);
    await sleep(LENGTH);
    await hangUp(session);
    return decoded();
  },
  async takes() {
    await open();
    await serve((offer) => page.evaluate((sdp) => peer.answer(sdp, false), offer));
    return decoded();
  },
  async gives() {
    await open();
    await serve((offer) => page.evaluate((sdp) => peer.answer(sdp, true), offer));
    return sent();
  },
}, () => browser?.close());
