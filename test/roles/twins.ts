/**
 * A playbook with roles run by stock Ansible on a host with Python, and by us on its twin without, twice each: what
 * every task did, and what the hosts are like afterwards.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { byAnsible, byTroupe, type Outcome } from '../conformance/both.ts';
import { type Lab, startLab } from '../lab/lab.mjs';
import { startOutside } from './outside.mjs';
import { differences, stateOf } from './state.ts';

export interface Case {
  /** The folder with the playbook and what it needs, its roles among them. */
  folder: string;
  play: string;
  more?: string[];
  /** Run as root on both hosts first. */
  prepare?: string;
  /** Sites that the hosts see, with the folder that has their files. */
  sites?: { folder: string; names: string[] };
  /** Differences of state that have a reason. */
  allowed?: { line: RegExp; reason: string }[];
  seconds?: number;
}

export interface Report {
  ansible: Outcome[];
  troupe: Outcome[];
  /** Lines of tasks that differ, per run. */
  tasks: string[][];
  state: string[];
  allowed: string[];
  seconds: { ansible: number[]; troupe: number[] };
}

/** The lines of one list that are not in the other, marked with whose they are. */
export function unlike(ansible: string[], troupe: string[]): string[] {
  const mark = (own: string[], other: string[], name: string) => {
    const left = [...other];
    return own.flatMap((line) => {
      const at = left.indexOf(line);
      if (at < 0) return [`only with ${name}: ${line}`];
      left.splice(at, 1);
      return [];
    });
  };
  const found = [...mark(ansible, troupe, 'Ansible'), ...mark(troupe, ansible, 'Troupe')];
  return found.length === 0 && ansible.join('\n') !== troupe.join('\n') ? ['the same tasks in another order'] : found;
}

/** Runs one case on a fresh pair of hosts. */
export async function compare(given: Case, say: (line: string) => void = () => {}): Promise<Report> {
  const labs: Lab[] = [];
  let outside: { stop(): Promise<void> } | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'roles-'));
  try {
    labs.push(await startLab({ hosts: 1, image: 'python' }), await startLab({ hosts: 1, image: 'plain' }));
    outside = await startOutside(labs, given.sites ?? {});
    const sides = await Promise.all(
      labs.map(async (lab, i) => {
        const own = join(folder, ['ansible', 'troupe'][i]!);
        mkdirSync(own);
        cpSync(given.folder, own, { recursive: true, dereference: true });
        const setUp = `apt-get -qq update && ${given.prepare ?? 'true'}`;
        await lab.exec('node-1', setUp, { via: 'nsenter', check: true });
        writeFileSync(join(own, 'lab-inventory'), '');
        lab.inventory(join(own, 'lab-inventory'));
        return { lab, own, before: await stateOf(lab, 'node-1'), after: new Set<string>(), seconds: [] as number[] };
      }),
    );
    const run = async (i: 0 | 1): Promise<Outcome[]> => {
      const side = sides[i]!;
      const outcomes: Outcome[] = [];
      for (const time of ['first', 'second']) {
        const start = Date.now();
        const done = await [byAnsible, byTroupe][i]!({
          cwd: side.own,
          inventory: 'lab-inventory',
          play: given.play,
          more: given.more ?? [],
          seconds: given.seconds ?? 600,
        });
        side.seconds.push(Math.round((Date.now() - start) / 100) / 10);
        say(
          `${['ansible', 'troupe'][i]} ${time}: rc=${done.rc} ${JSON.stringify(done.recap)} ${done.failures.join('\n')}`,
        );
        outcomes.push(done);
      }
      side.after = await stateOf(side.lab, 'node-1');
      return outcomes;
    };
    const [ansible, troupe] = await Promise.all([run(0), run(1)]);
    const all = differences(sides[0]!, sides[1]!);
    const rule = (line: string) => given.allowed?.find((each) => each.line.test(line));
    return {
      ansible,
      troupe,
      tasks: ansible.map((outcome, i) => unlike(outcome.lines, troupe[i]!.lines)),
      state: all.filter((line) => !rule(line)),
      allowed: all.filter(rule).map((line) => `${line} (${rule(line)!.reason})`),
      seconds: { ansible: sides[0]!.seconds, troupe: sides[1]!.seconds },
    };
  } finally {
    await outside?.stop();
    await Promise.all(labs.map((lab) => lab.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}
