import { TIMEOUT, until } from './until.mjs';

/** A user of the page. */
export class Reader {
  static async open(browser, server, query = '', errors = []) {
    const reader = new Reader();
    reader.page = await browser.newPage();
    reader.errors = errors;
    reader.page.on('pageerror', (error) => reader.errors.push(String(error)));
    if (process.env.VERBOSE) reader.page.on('console', (message) => console.error('    page:', message.text()));
    await reader.page.goto(`${server.url}/${query}`);
    return reader;
  }

  press(button) {
    return this.page.click(`#${button}`, { timeout: TIMEOUT });
  }

  text(selector) {
    return this.page.textContent(selector);
  }

  async cells(row) {
    return this.page.$$eval(`#${row} td`, (cells) => cells.map((cell) => cell.textContent));
  }

  async frames(name = 'watch') {
    return Number((await this.cells(`${name}-statistics`))[0]) || 0;
  }

  /** Waits until `name` has so many frames more than now. */
  async moreFrames(count, name = 'watch') {
    const before = await this.frames(name);
    await until(async () => (await this.frames(name)) >= before + count, `${count} more frames (${name})`, async () => (await this.page.textContent('#trace')) + (await this.text('#message')));
  }

  firstFrame() {
    return until(async () => parseFloat(await this.text('#firstFrame')) || null, 'the first frame', () => this.text('#trace'));
  }
}
