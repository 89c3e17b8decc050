/** Mistakes of authors as data, and what the command says of each. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Source, toPlain } from '../../engine/values.ts';
import { parseYaml } from '../../engine/yaml/index.ts';
import { command, project } from '../cli/console.ts';

export interface Mistake {
  name: string;
  /** play.yml, if there is one. */
  play?: string;
  /** The inventory `hosts`; one local host h1 if not given. */
  hosts?: string;
  files?: Record<string, string>;
  /** Words of the command line: `play.yml` if not given; `-i hosts` is added unless another inventory is named. */
  args?: string[];
  code: number;
  says: string;
}

/** All cases of cases.yaml. */
export function readMistakes(): Mistake[] {
  const path = fileURLToPath(new URL('cases.yaml', import.meta.url));
  return toPlain(
    parseYaml(new Source('cases.yaml', readFileSync(path, 'utf8')), { trusted: false }),
  ) as unknown as Mistake[];
}

/** What the command prints of mistakes: all of stderr, and of a run its failures. The folder's path is shown as `HERE`. */
export async function said(mistake: Omit<Mistake, 'code' | 'says'>): Promise<{ code: number; says: string }> {
  const { play, hosts = 'h1 ansible_connection=local\n', files, args = ['play.yml'] } = mistake;
  const here = project({ ...(play === undefined ? {} : { 'play.yml': play }), hosts, ...files });
  try {
    const words = args.includes('-i') ? args : ['-i', 'hosts', ...args];
    const { code, out, err } = await command(words.map(String), { cwd: here.path });
    const failures = [...out.matchAll(/^(?:fatal|failed): [\s\S]*?(?=\n\n)/gm)].map(([text]) => `${text}\n`);
    // How to go on has the run's own name in it.
    const written = err.replace(/\n*to go on from there: run --resume \S+\n/, '\n');
    const text = [written.trim() === '' ? '' : written, ...failures].join('');
    const lines = text.replaceAll(here.path, 'HERE').split('\n');
    return {
      code,
      says: `${lines
        .map((line) => line.trimEnd())
        .join('\n')
        .trim()}\n`,
    };
  } finally {
    here.remove();
  }
}
