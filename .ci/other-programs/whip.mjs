// WHIP and WHEP for peers in JavaScript: both are one POST with the offer, and one DELETE.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

/** Every peer says what it has to say in lines of JSON. */
export const say = (object) => process.stdout.write(`${JSON.stringify(object)}\n`);

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How long the video of a row is, in milliseconds. */
export const LENGTH = 1000 * Number(process.env.SECONDS_OF_VIDEO ?? 6);

/** ICE and DTLS have this long, in milliseconds. */
const PATIENCE = 10000;

/** A promise that is rejected when it takes too long. */
export function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Sends an offer; returns the answer and the address of the session. */
export async function post(url, offer) {
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: offer });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`POST: ${response.status} ${text.trim()}`);
  return { answer: text, session: new URL(response.headers.get('location'), url) };
}

export async function hangUp(session) {
  const response = await fetch(session, { method: 'DELETE' });
  if (!response.ok) throw new Error(`DELETE: ${response.status} ${await response.text()}`);
}

/** Answers one offer by `answer`, says where, and returns when the client hangs up. */
export async function serve(answer) {
  let failed, ended;
  const hungUp = new Promise((resolve, reject) => { [ended, failed] = [resolve, reject]; });
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.method === 'POST') {
      try {
        const text = await answer(body);
        response.writeHead(201, { 'Content-Type': 'application/sdp', Location: '/session' }).end(text);
      } catch (error) {
        response.writeHead(500).end();
        failed(error);
      }
    } else {
      response.writeHead(200).end();
      if (request.method === 'DELETE') ended();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  say({ url: `http://127.0.0.1:${server.address().port}/endpoint` });
  return hungUp.finally(() => { server.close(); server.closeAllConnections(); });
}

/** The version of a package that is installed here. */
export const packageVersion = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;

/** Runs the role that the command line names, `ROLE [URL] [--audio]`, and ends the process. */
export async function main(roles, close = () => {}) {
  const [role, url, audio] = process.argv.slice(2);
  try {
    say(await roles[role](url, audio === '--audio'));
  } catch (error) {
    const message = String(error.message ?? error);
    say({ error: message.replace(/^.*Failed to execute '(\w+)' on '\w+': /, '$1: ') });
  }
  await close();
  process.exit(0);
}
