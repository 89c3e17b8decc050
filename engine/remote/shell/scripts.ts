/** The functions of this folder that a host's shell is given when a request needs them, each in a `.sh` file of its own. */
import { readFileSync } from 'node:fs';
import type { ShellScript } from '../remote.ts';

type Name = 'receive' | 'give' | 'remove' | 'sweep' | 'end_processes';

const NEEDS: Partial<Record<Name, readonly Name[]>> = { end_processes: ['sweep'] };
const loaded = new Map<Name, ShellScript>();

/** The text of a file of this folder. */
export function ownText(file: string): string {
  return readFileSync(new URL(`./${file}`, import.meta.url), 'utf8');
}

/** `receive` is receive.sh; its function is `do_t_receive`, so that no module's has the same name. */
export function ownScript(name: Name): ShellScript {
  let script = loaded.get(name);
  if (!script) {
    script = { name: `t_${name}`, text: ownText(`${name}.sh`), needs: (NEEDS[name] ?? []).map(ownScript) };
    loaded.set(name, script);
  }
  return script;
}
