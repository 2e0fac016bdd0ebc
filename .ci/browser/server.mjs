import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The program, with --serve, on a free port. */
export class Server {
  static running = new Set();

  static async start(program, folder, ...options) {
    const server = new Server();
    Server.running.add(server);
    server.report = join(folder, `report-${Math.random().toString(16).slice(2)}.json`);
    const args = ['--serve', '127.0.0.1:0', '--source', 'pattern', '--display', 'none', '--report', server.report, ...options];
    server.process = spawn(program, args, { stdio: ['ignore', 'pipe', process.env.VERBOSE ? 'inherit' : 'ignore'] });
    server.ended = new Promise((resolve) => server.process.on('exit', (code, signal) => {
      Server.running.delete(server);
      resolve(code ?? signal);
    }));
    server.url = await new Promise((resolve, reject) => {
      let text = '';
      server.process.stdout.on('data', (chunk) => {
        text += chunk;
        const url = /http:\/\/[^ /]+/.exec(text);
        if (url) resolve(url[0]);
      });
      server.ended.then((code) => reject(new Error(`the program ended with ${code}`)));
    });
    return server;
  }

  /** Ends it in order and returns its report. */
  async stop() {
    this.process.kill('SIGINT');
    const code = await this.ended;
    if (code !== 0) throw new Error(`the program ended with ${code}`);
    return JSON.parse(await readFile(this.report, 'utf8')).sessions;
  }

  kill() {
    this.process.kill('SIGKILL');
    return this.ended;
  }
}
