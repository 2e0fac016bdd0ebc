// The codelab's page: two videos, three buttons. The other peer is the program that serves this page.

import { Call } from './call.js';
import { Latency } from './latency.js';
import { localVideo } from './local_video.js';
import { callProblem, cameraProblem } from './messages.js';
import { cells, statistics } from './statistics.js';

const byId = (id) => document.getElementById(id);
const [localVideoElement, remoteVideoElement] = [byId('localVideo'), byId('remoteVideo')];
const [startButton, callButton, hangupButton] = [byId('startButton'), byId('callButton'), byId('hangupButton')];

let localStream = null;
let call = null;
let latency = null;
let startTime = null;
let figures = {};
let watchdog = { frames: 0, since: 0 };

const LINES = 400;
const traceLines = [];

function trace(text) {
  const line = `${(performance.now() / 1000).toFixed(3)} ${text}`;
  console.log(line);
  traceLines.push(line);
  if (traceLines.length > LINES) traceLines.shift();
  const pre = byId('trace');
  pre.textContent = traceLines.join('\n');
  pre.scrollTop = pre.scrollHeight;
}

function showMessage(message) {
  byId('message').textContent = message;
  if (message) trace(message);
}

// A token behind the # of the address is never sent with the page's URL.
byId('token').value = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
byId('tokenForm').addEventListener('submit', (event) => {
  event.preventDefault();
  callButton.click();
});

/** 1-2: the codelab's startAction(). Without a camera one can still watch. */
async function startAction() {
  startButton.disabled = true;
  showMessage('');
  try {
    localStream = await localVideo();
    localVideoElement.srcObject = localStream;
    trace('Received local stream.');
  } catch (error) {
    showMessage(cameraProblem(error));
    startButton.disabled = false;
  }
  callButton.disabled = call !== null;
}

/** The codelab's callAction(). */
async function callAction() {
  callButton.disabled = true;
  hangupButton.disabled = false;
  showMessage('');
  trace('Starting call.');
  startTime = performance.now();
  byId('firstFrame').textContent = '-';
  figures = {};
  watchdog = { frames: 0, since: performance.now() };
  const token = byId('token').value.trim();
  let mine = null;
  try {
    mine = new Call(localStream, token, {
      trace,
      state: showStates,
      track: (stream) => {
        remoteVideoElement.srcObject = stream;
        latency = new Latency(remoteVideoElement, token);
      },
      end: (error) => mine === call && endCall(callProblem(error)),
    });
  } catch (error) {
    await endCall(callProblem(error));
    return;
  }
  call = mine;
  showStates();
  try {
    await mine.start();
  } catch (error) {
    if (error.status === 401) byId('tokenForm').hidden = false;
    if (mine === call) await endCall(callProblem(error));
  }
}

/** The codelab's hangupAction(). */
async function hangupAction() {
  trace('Ending call.');
  await endCall('');
}

async function endCall(message) {
  const ending = call;
  call = null;
  latency?.stop();
  hangupButton.disabled = true;
  showMessage(message);
  await ending?.hangUp();
  if (call) return;
  remoteVideoElement.srcObject = null;
  callButton.disabled = false;
}

function showRow(id, texts) {
  [...byId(id).querySelectorAll('td')].forEach((cell, index) => {
    cell.textContent = texts[index];
  });
}

function showStates() {
  for (const name of ['watch', 'publish']) {
    const pc = call?.[name]?.pc;
    if (!pc) continue;
    showRow(`${name}-states`, [pc.signalingState, pc.iceGatheringState, pc.iceConnectionState, pc.connectionState]);
    byId(`${name}-offer`).textContent = pc.localDescription?.sdp ?? '';
    byId(`${name}-answer`).textContent = pc.remoteDescription?.sdp ?? '';
  }
}

async function showStatistics() {
  for (const name of ['watch', 'publish']) {
    const session = call?.[name];
    if (!session) continue;
    const current = await statistics(session.pc, figures[name]);
    if (session !== call?.[name]) return;
    figures[name] = current;
    showRow(`${name}-statistics`, cells(current, name === 'watch' ? latency?.median() : undefined));
  }
  checkForFrames();
}

/** A server that was killed sends nothing more, and ICE reports it late. */
function checkForFrames() {
  const frames = figures.watch?.frames ?? 0;
  if (!call || frames !== watchdog.frames) {
    if (call && watchdog.silent) showMessage('');
    watchdog = { frames, since: performance.now() };
  } else if (!watchdog.silent && performance.now() - watchdog.since > 3000) {
    watchdog.silent = true;
    showMessage('No frame for 3 s: is the program still running?');
  }
}

remoteVideoElement.addEventListener('loadeddata', () => {
  if (startTime === null) return;
  const elapsed = performance.now() - startTime;
  startTime = null;
  byId('firstFrame').textContent = `${elapsed.toFixed(1)} ms`;
  trace(`Setup time: ${elapsed.toFixed(3)} ms`);
});

startButton.addEventListener('click', startAction);
callButton.addEventListener('click', callAction);
hangupButton.addEventListener('click', hangupAction);
// Closing or reloading the page hangs up; otherwise the place would be taken until ICE fails.
window.addEventListener('pagehide', () => call?.hangUp());
setInterval(showStatistics, 500);
// For the browser's console: codelab.call.watch.pc.getStats(), codelab.call.watch.restartIce()
window.codelab = { get call() { return call; } };
trace(`adapter.js: ${window.adapter?.browserDetails.browser} ${window.adapter?.browserDetails.version}`);
