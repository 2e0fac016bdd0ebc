// Drives the page of step 05 in headless Chromium: node check.mjs PROGRAM CHROMIUM
//
// Prints one line for each check. Exit status 0 when all passed.

import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Reader } from './reader.mjs';
import { Server } from './server.mjs';
import { until } from './until.mjs';

const [program, executablePath] = process.argv.slice(2);
const CALLS = Number(process.env.CALLS ?? 10);

const FLAGS = [
  '--no-sandbox', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
  // On loopback alone there is no other address to gather.
  '--allow-loopback-in-peer-connection',
  '--headless=new', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-default-apps', '--no-default-browser-check',
];

const folder = await mkdtemp(join(tmpdir(), 'browser-check-'));
let failures = 0;

function expect(condition, message) {
  if (!condition) throw new Error(message);
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

async function check(name, body) {
  if (process.env.ONLY && !name.includes(process.env.ONLY)) return;
  try {
    console.log(`ok      ${name}${await body().then((figures) => (figures ? `: ${figures}` : ''))}`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED  ${name}: ${error.message}`);
  } finally {
    // What a failed check has left behind.
    await Promise.all([...Server.running].map((server) => server.kill()));
    await Promise.all(browser.pages().slice(1).map((page) => page.close()));
  }
}

const browser = await chromium.launchPersistentContext(join(folder, 'profile'), { executablePath, headless: true, args: FLAGS, ignoreDefaultArgs: ['--headless', '--mute-audio'] });

await check('Start, Call, the remote video plays, Hang Up, Call again', async () => {
  const server = await Server.start(program, folder);
  const reader = await Reader.open(browser, server);
  await reader.press('startButton');
  await until(() => reader.page.$eval('#localVideo', (video) => video.videoWidth > 0), 'the local video');
  await reader.press('callButton');
  await reader.firstFrame();
  await reader.moreFrames(150);
  await reader.press('hangupButton');
  await reader.press('callButton');
  await reader.firstFrame();
  await reader.moreFrames(30);
  const decoded = await reader.frames();
  await reader.press('hangupButton');
  expect(reader.errors.length === 0, `errors in the page: ${reader.errors}`);
  await reader.page.close();
  const sessions = await server.stop();
  expect(sessions.length === 4, `two calls are four sessions, not ${sessions.length}`);
  const whip = sessions.filter((session) => session.name.startsWith('whip'));
  for (const session of whip) expect(session.frames.decoded > 10, `the program decoded ${session.frames.decoded} frames of ${session.name}`);
  for (const session of sessions) expect(session.ended === 'deleted by the client', `${session.name}: ${session.ended}`);
  return `second call ${decoded} frames; the program saw ${whip.map((session) => session.frames.decoded)} of the browser's`;
});

await check('at least 95 in 100 of the frames sent are decoded', async () => {
  const server = await Server.start(program, folder);
  const reader = await Reader.open(browser, server);
  await reader.press('startButton');
  await until(() => reader.page.$eval('#callButton', (button) => !button.disabled), 'Call');
  await reader.press('callButton');
  await reader.firstFrame();
  await reader.moreFrames(270);
  const decoded = await reader.page.evaluate(async () => {
    const report = [...(await window.codelab.call.watch.pc.getStats()).values()];
    document.getElementById('hangupButton').click();
    return report.find((entry) => entry.type === 'inbound-rtp').framesDecoded;
  });
  await until(() => reader.page.$eval('#callButton', (button) => !button.disabled), 'Call');
  const sent = (await server.stop()).find((session) => session.name.startsWith('whep')).frames.sent;
  await reader.page.close();
  const share = (100 * decoded) / sent;
  expect(share >= 95, `${decoded} of ${sent} frames: ${share.toFixed(1)} in 100`);
  return `${decoded} of ${sent}: ${share.toFixed(1)} in 100`;
});

await check(`Call to first frame, ${CALLS} calls`, async () => {
  const server = await Server.start(program, folder);
  const reader = await Reader.open(browser, server);
  const times = [];
  for (let call = 0; call < CALLS; call++) {
    if (call === 0) await reader.press('startButton');
    await until(() => reader.page.$eval('#callButton', (button) => !button.disabled), 'Call');
    await reader.press('callButton');
    times.push(await reader.firstFrame());
    await reader.moreFrames(5);
    await reader.press('hangupButton');
  }
  await reader.page.close();
  await server.stop();
  const figures = `median ${median(times)} ms, all ${times.map(Math.round)}`;
  if (loadavg()[0] > cpus().length) return `${figures} (no limit: the machine is busy, load ${loadavg()[0].toFixed(1)})`;
  expect(median(times) <= 150, figures);
  return figures;
});

await check('latency in both directions', async () => {
  const server = await Server.start(program, folder);
  const reader = await Reader.open(browser, server, '?camera=pattern');
  await reader.press('startButton');
  await reader.press('callButton');
  await reader.firstFrame();
  await reader.moreFrames(240);
  const toBrowser = parseFloat((await reader.cells('watch-statistics'))[5]);
  await reader.press('hangupButton');
  await until(() => reader.page.$eval('#callButton', (button) => !button.disabled), 'Call');
  await reader.page.close();
  const whip = (await server.stop()).find((session) => session.name.startsWith('whip'));
  const figures = `program to browser ${toBrowser} ms, browser to program ${whip.latency_ms.p50} ms (median)`;
  if (loadavg()[0] > cpus().length && toBrowser > 0 && whip.latency_ms.p50 !== null) return `${figures} (no limit: the machine is busy, load ${loadavg()[0].toFixed(1)})`;
  expect(toBrowser <= 60 && whip.latency_ms.p50 !== null && whip.latency_ms.p50 <= 60, figures);
  return figures;
});

await check('a reload in mid-call ends the session, and a new call works', async () => {
  const server = await Server.start(program, folder, '--sessions', '1');
  const reader = await Reader.open(browser, server);
  // Without Start: this page only watches, and the one place is taken by it.
  await reader.page.$eval('#callButton', (button) => { button.disabled = false; });
  await reader.press('callButton');
  await reader.moreFrames(10);
  await reader.page.reload();
  await until(async () => {
    const whole = await reader.page.$eval('#message', (p) => p.textContent);
    await reader.page.$eval('#callButton', (button) => { if (button.disabled && document.getElementById('hangupButton').disabled) button.disabled = false; });
    if (await reader.page.$eval('#callButton', (button) => !button.disabled)) await reader.press('callButton');
    return !whole.includes('503') && (await reader.frames()) > 0;
  }, 'a call after the reload', () => reader.text('#trace'));
  await reader.page.close();
  const sessions = await server.stop();
  expect(sessions[0].ended === 'deleted by the client', `the first session: ${sessions[0].ended}`);
});

await check('a second viewer beside the first', async () => {
  const server = await Server.start(program, folder);
  const readers = [await Reader.open(browser, server), await Reader.open(browser, server)];
  for (const reader of readers) {
    await reader.page.bringToFront();
    await reader.press('startButton');
    await reader.press('callButton');
    await reader.firstFrame();
  }
  await Promise.all(readers.map((reader) => reader.moreFrames(60)));
  await readers[0].press('hangupButton');
  await readers[1].moreFrames(30);
  for (const reader of readers) await reader.page.close();
  const sessions = await server.stop();
  expect(sessions.length === 4, `${sessions.length} sessions`);
});

await check('ICE restart keeps the session', async () => {
  const server = await Server.start(program, folder);
  const reader = await Reader.open(browser, server);
  await reader.press('startButton');
  await reader.press('callButton');
  await reader.firstFrame();
  const bothWays = () => reader.page.evaluate(() => window.codelab.call.publish?.pc.connectionState === 'connected');
  await until(bothWays, 'the connection of the other way', () => reader.text('#trace'));
  await reader.page.evaluate(() => window.codelab.call.sessions.forEach((session) => session.restartIce()));
  const onNewWay = () => reader.page.evaluate(() => Promise.all(window.codelab.call.sessions.map(async ({ pc }) => {
    const report = await pc.getStats();
    const transport = [...report.values()].find((entry) => entry.type === 'transport');
    const local = report.get(report.get(transport.selectedCandidatePairId)?.localCandidateId);
    return pc.signalingState === 'stable' && pc.localDescription.sdp.includes(`a=ice-ufrag:${local?.usernameFragment}`);
  })));
  await until(async () => /ICE restart/.test(await reader.text('#trace')) && (await onNewWay()).every(Boolean), 'the new way', () => reader.text('#trace'));
  await reader.moreFrames(60);
  expect(!(await reader.text('#message')), `the page says: ${await reader.text('#message')}`);
  await reader.press('hangupButton');
  await until(() => reader.page.$eval('#callButton', (button) => !button.disabled), 'Call');
  await reader.page.close();
  const sessions = await server.stop();
  for (const session of sessions) expect(session.ice_restarts === 1, `${session.name}: ${session.ice_restarts} restarts`);
});

await check('the page says that the program was stopped in mid-call', async () => {
  const server = await Server.start(program, folder);
  const reader = await Reader.open(browser, server);
  await reader.press('startButton');
  await reader.press('callButton');
  await reader.moreFrames(10);
  await server.kill();
  const message = await until(() => reader.text('#message'), 'a message', () => reader.text('#trace'));
  await reader.press('hangupButton');
  await until(() => reader.page.$eval('#callButton', (button) => !button.disabled), 'Call');
  await reader.press('callButton');
  const second = await until(async () => /does not answer/.test(await reader.text('#message')), 'the message of a call to nobody', () => reader.text('#message'));
  await reader.page.close();
  expect(reader.errors.length === 0, `errors in the page: ${reader.errors}`);
  return second && `"${message}"`;
});

await check('one layer of simulcast is decoded', async () => {
  const server = await Server.start(program, folder);
  const reader = await Reader.open(browser, server);
  await reader.press('startButton');
  await until(() => reader.page.$eval('#localVideo', (video) => video.videoWidth > 0), 'the local video');
  await reader.page.evaluate(async () => {
    const { HttpSession } = await import('/http_session.js');
    const [track] = document.getElementById('localVideo').srcObject.getVideoTracks();
    const session = new HttpSession('publish', `${location.origin}/whip`, '', { trace: console.log, state() {}, end: console.error });
    const sendEncodings = [{ rid: 'h' }, { rid: 'm', scaleResolutionDownBy: 2 }, { rid: 'l', scaleResolutionDownBy: 4 }];
    const codecs = RTCRtpSender.getCapabilities('video').codecs.filter(({ mimeType }) => mimeType === 'video/H264');
    session.pc.addTransceiver(track, { direction: 'sendonly', sendEncodings }).setCodecPreferences(codecs);
    await session.start();
    window.simulcast = session;
  });
  await until(() => reader.page.evaluate(async () => {
    const report = [...(await window.simulcast.pc.getStats()).values()];
    return report.some((entry) => entry.type === 'outbound-rtp' && entry.framesSent >= 90);
  }), '90 frames sent');
  const sent = await reader.page.evaluate(async () => {
    const report = [...(await window.simulcast.pc.getStats()).values()];
    await window.simulcast.close();
    return report.filter((entry) => entry.type === 'outbound-rtp' && entry.framesSent > 0).map((entry) => entry.framesSent);
  });
  await reader.page.close();
  const [session] = await server.stop();
  expect(sent.length === 1, `${sent.length} layers were sent`);
  expect(session.frames.decoded >= 0.95 * sent[0], `${session.frames.decoded} of ${sent[0]} frames`);
  return `${session.frames.decoded} of ${sent[0]} frames`;
});

await check('a browser without H.264 says what to do', async () => {
  const server = await Server.start(program, folder);
  const reader = await Reader.open(browser, server);
  await reader.page.evaluate(() => {
    const capabilities = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
    RTCRtpReceiver.getCapabilities = (kind) => ({ codecs: capabilities(kind).codecs.filter(({ mimeType }) => mimeType !== 'video/H264') });
    document.getElementById('callButton').disabled = false;
  });
  await reader.press('callButton');
  const message = await until(() => reader.text('#message'), 'the message');
  expect(/no H.264/.test(message) && /about:addons/.test(message), message);
  await reader.page.close();
  await server.stop();
});

await check('a token is asked for, and permits the call', async () => {
  const server = await Server.start(program, folder, '--token', 's3cret-token');
  const reader = await Reader.open(browser, server);
  await reader.press('startButton');
  await reader.press('callButton');
  await until(async () => /requires a token/.test(await reader.text('#message')), 'the message about the token');
  await reader.page.fill('#token', 's3cret-token');
  await reader.press('callButton');
  await reader.moreFrames(10);
  await reader.page.close();
  await server.stop();
});

await browser.close();
await rm(folder, { recursive: true, force: true });
process.exit(failures ? 1 : 0);
