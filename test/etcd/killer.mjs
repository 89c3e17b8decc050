// A reporter that kills the run that it reports on, at a task at which no run before was killed: from within the process,
// so that it comes at the very moment at which the task begins, or so many milliseconds after. The plan, a JSON file named by
// TROUPE_KILL_PLAN, goes from run to run; see interrupt.ts.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

export default async function killer(events) {
  const file = process.env.TROUPE_KILL_PLAN;
  const plan = JSON.parse(readFileSync(file, 'utf8'));
  const keep = () => writeFileSync(file, JSON.stringify(plan));
  const draw = (...words) =>
    createHash('sha256')
      .update([plan.seed, ...words].join('\n'))
      .digest()
      .readUInt32BE();
  const times = new Map();
  let play = '';
  let place = '';
  let pair = '';
  let planned;
  let timer;
  // The first run of a choice dies early in any case, so that no operation goes unharmed.
  let first = plan.percent !== undefined && plan.kills.length === 0 && !plan.again ? draw('first') % 12 : -1;

  const die = () => {
    plan.kills.push(place);
    keep();
    process.kill(process.pid, 'SIGKILL');
  };

  // One task of each file in each play, or none: a file is passed by, or it is killed at one of its first tasks.
  const chosen = (path) => {
    if (plan.percent === undefined || first-- === 0) return true;
    pair = `${play} ${path.replace(/:\d+$/, '')}`;
    plan.left[pair] ??= draw(pair) % 100 < plan.percent ? draw(pair, 'which') % 5 : -1;
    return plan.left[pair]-- === 0;
  };

  for await (const event of events) {
    if (event.type === 'play:start') play = event.name;
    if (event.type === 'run:end' && planned) {
      clearTimeout(timer); // too late: once more, and at once
      plan.again = true;
      plan.left[pair] = 0;
      keep();
    }
    if (event.type !== 'task:start') continue;
    const name = `${play}: ${event.task.path.replace(/^.*roles\//, '')}`;
    times.set(name, (times.get(name) ?? 0) + 1);
    place = times.get(name) === 1 ? name : `${name} (${times.get(name)})`;
    if (planned || plan.kills.includes(place) || !chosen(event.task.path)) continue;
    planned = place;
    const delay = !plan.late || plan.tried.includes(place) ? 0 : [0, 0, 40, 150][draw(place) % 4];
    plan.tried.push(place);
    if (delay === 0) die();
    else timer = setTimeout(die, delay);
  }
}
