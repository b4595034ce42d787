import { startSimulator, startUsher, temporaryDirectory } from '/work/main/e2e/processes.ts';
import { sync } from '/work/main/bench/sync.ts';
import { readFileSync, writeFileSync, readdirSync } from 'node:fs';
const people = process.argv[2] ?? '100000';
const cpu = (): Record<string, number> => {
  const out: Record<string, number> = {};
  for (const p of readdirSync('/proc').filter((x) => /^\d+$/.test(x))) {
    try {
      const stat = readFileSync(`/proc/${p}/stat`, 'utf8'); const cmd = readFileSync(`/proc/${p}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 80);
      const f = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      out[`${p} ${cmd}`] = (Number(f[11]) + Number(f[12])) * 10;
    } catch {}
  }
  return out;
};
const sim = await startSimulator('lastpass', ['--people', people]);
const dir = await temporaryDirectory();
const allow = new URL(sim.url).host;
const usher = await startUsher({ allow: [allow], dataDir: dir.path, environment: { NODE_OPTIONS: '--inspect=127.0.0.1:9339' } });
const settings = { company_id: sim.credentials['company_id'], region: 'custom', base_url: sim.url, requests_per_second: 100000 };
await usher.call('POST', '/v1/connections', { id: 'b', connector: 'lastpass', settings, secrets: { provisioning_hash: sim.credentials['provisioning_hash'] } });
console.log('first', await sync(usher, 'b'));
console.log('same', await sync(usher, 'b'));
const list = await (await fetch('http://127.0.0.1:9339/json')).json() as any;
const ws = new WebSocket(list[0].webSocketDebuggerUrl); await new Promise((r) => ws.addEventListener('open', r));
let id = 0; const send = (method: string) => new Promise<any>((r) => { const my = ++id; const l = (e: any) => { const m = JSON.parse(e.data); if (m.id === my) { ws.removeEventListener('message', l); r(m.result); } }; ws.addEventListener('message', l); ws.send(JSON.stringify({ id: my, method })); });
await send('Profiler.enable'); await send('Profiler.start');
const a = cpu();
console.log('same', await sync(usher, 'b'));
const b = cpu();
const { profile } = await send('Profiler.stop');
writeFileSync('/tmp/prof/p.cpuprofile', JSON.stringify(profile));
console.log('same', await sync(usher, 'b'));
for (const [k, v] of Object.entries(b)) { const d = v - (a[k] ?? 0); if (d > 50) console.log(d, k); }
await usher.end('SIGTERM'); await sim.stop(); await dir.remove();
// self times
const self = new Map<string, number>(); const dt = profile.timeDeltas; const nodes = new Map(profile.nodes.map((n: any) => [n.id, n]));
profile.samples.forEach((s: number, i: number) => { const n: any = nodes.get(s); const k = `${n.callFrame.functionName} ${n.callFrame.url.split('/').slice(-2).join('/')}:${n.callFrame.lineNumber}`; self.set(k, (self.get(k) ?? 0) + dt[i] / 1000); });
console.log([...self].sort((x, y) => y[1] - x[1]).slice(0, 40).map(([k, v]) => `${v.toFixed(0)} ${k}`).join('\n'));
