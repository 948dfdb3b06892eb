// Starts the real host in a folder of its own, with simulated endpoints and language model beside it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { hostFile } from './options.mjs';

const kStartMs = 20_000;

// Runs a program until `ready(line)` is true for a line of its output; resolves to the process with
// the `lines` so far.
function launch(file, args, ready, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const lines = [];
    let log = '';
    child.stderr.on('data', (data) => { log = (log + data).slice(-4000); });
    const fail = (why) => {
      child.kill('SIGKILL');
      reject(new Error(`${path.basename(file)} ${why}\n${lines.join('\n')}\n${log}`));
    };
    const timer = setTimeout(() => fail('was not ready in time'), kStartMs);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code} before it was ready`);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (!ready(line)) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve({ child, lines });
    });
  });
}

async function end(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

async function simulate(name, args) {
  const file = path.join(path.dirname(hostFile), name);
  const { child, lines } = await launch(file, ['--port', '0', ...args], (line) => line.startsWith('listening on '));
  return { child, port: Number(lines.at(-1).split(' ').at(-1)) };
}

// What a test runs on. `endpoints`: {name, seconds} or {name, fault, faultCount} for a simulated one, {name, plugin}
// for one that the host brings; each with a `dialect` if wanted. `llm`: arguments of the simulated language model. `vision`: those of a simulated
// vision model; without them the host looks by itself, with the plugin lens.
export class Stage {
  constructor() {
    this.sims = [];
    this.machines = new Map();
    this.ports = [0, 0, 0];
  }

  static async start({ endpoints, llm = ['--seconds', '0.1'], vision, config = {}, prepare = async () => {} }) {
    const stage = new Stage();
    stage.folder = await mkdtemp(path.join(tmpdir(), 'ipl-e2e-'));
    try {
      await prepare(stage.folder);
      stage.config = { ...config, endpoints: [] };
      for (const endpoint of endpoints) stage.config.endpoints.push(await stage.endpoint(endpoint));
      stage.config.prompt = await stage.chat(llm);
      stage.config.vision ??= vision ? await stage.chat(vision) : { plugin: 'lens' };
      await stage.startHost();
    } catch (error) {
      await stage.stop();
      throw error;
    }
    return stage;
  }

  async endpoint({ name, plugin, seconds = 0.2, fault, faultCount = 0, settings, dialect }) {
    const more = { ...(dialect && { prompt_dialect: dialect }) };
    if (plugin) return { name, plugin, ...(settings && { settings }), ...more };
    const sim = await simulate('sim-endpoint', ['--seconds', String(seconds), ...(fault ? ['--fault', fault, '--fault-count', String(faultCount)] : [])]);
    this.sims.push(sim.child);
    this.machines.set(name, sim.child);
    return { name, plugin: 'endpoint', settings: { ip: '127.0.0.1', port: sim.port }, ...more };
  }

  async chat(args) {
    const sim = await simulate('sim-llm', args);
    this.sims.push(sim.child);
    return { plugin: 'chat', settings: { url: `http://127.0.0.1:${sim.port}`, model: 'sim-model' } };
  }

  // Again on the same ports, after the first time.
  async startHost() {
    const file = path.join(this.folder, 'config.json');
    const [dual, vision, editor] = this.ports;
    await writeFile(file, JSON.stringify({
      version: '2.0', output_directory: 'output', database_path: 'jobs.db', listen_address: '127.0.0.1',
      dual_gen_port: dual, json_from_image_port: vision, create_json_port: editor, shutdown_grace_seconds: 1,
      ...this.config,
    }));
    const { child, lines } = await launch(hostFile, ['--config', file], (line) => line === 'ready');
    this.host = child;
    this.urls = Object.fromEntries(lines.slice(0, -1).map((line) => line.split(' ')));
    this.ports = ['dual_gen', 'json_from_image', 'create_json'].map((name) => (this.urls[name] ? Number(new URL(this.urls[name]).port) : 0));
  }

  get url() {
    return this.urls.dual_gen;
  }

  get output() {
    return path.join(this.folder, 'output');
  }

  // A simulated endpoint stands still, with whatever it draws, until it is released.
  hold(name) {
    this.machines.get(name).kill('SIGSTOP');
  }

  release(name) {
    this.machines.get(name).kill('SIGCONT');
  }

  // As kill -9 would.
  async pullThePlug() {
    await end(this.host, 'SIGKILL');
  }

  async api(route, options) {
    const response = await fetch(`${this.url}/api/v1/${route}`, { signal: AbortSignal.timeout(10_000), ...options });
    return response.json();
  }

  submit(body) {
    return this.api('generate', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
  }

  // Until the job has a status out of `wanted`.
  async waitFor(jobId, wanted = ['completed', 'failed', 'cancelled'], ms = 20_000) {
    const until = Date.now() + ms;
    for (;;) {
      const job = await this.api(`status/${jobId}`);
      if (wanted.includes(job.status)) return job;
      if (Date.now() > until) throw new Error(`job ${jobId} is still ${job.status}`);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }

  async stop() {
    if (this.host) await end(this.host, 'SIGKILL');
    for (const sim of this.sims) await end(sim, 'SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}
