// Chromium without a window: chromium.mjs ROLE [URL [--audio]]

import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import { browserRoles } from './browser.mjs';
import { main } from './whip.mjs';

const executablePath = process.env.CHROMIUM;
const FLAGS = [
  '--no-sandbox', '--headless=new', '--disable-gpu', '--autoplay-policy=no-user-gesture-required', '--disable-quic',
  // On loopback alone there is no other address to gather.
  '--allow-loopback-in-peer-connection',
];

let browser;

async function open() {
  browser = await chromium.launch({ executablePath, args: FLAGS, ignoreDefaultArgs: ['--mute-audio'] });
  const page = await browser.newPage();
  return (body, argument) => page.evaluate(body, argument);
}

const version = () => ({ version: /[\d.]+/.exec(execFileSync(executablePath, ['--version']).toString())[0] });

await main({ version, ...browserRoles(open) }, () => browser?.close());
