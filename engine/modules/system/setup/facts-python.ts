/** Facts of Python, where the host has one: starting it takes longer than all the others, so it is done where somebody asks. */
import { fnmatch } from '../../../python/fnmatch.ts';
import type { Value } from '../../../values.ts';
import type { FactSource, Facts } from './facts-source.ts';

/** Whether the arguments of the task themselves name these facts. */
export function asksForPython(args: { gather_subset: string[]; filter: string[] }): boolean {
  if (args.gather_subset.includes('python')) return true;
  return args.filter.some((pattern) => {
    const wanted = fnmatch(pattern);
    return pattern !== '*' && pattern !== '' && NAMES.some((name) => wanted.test(name));
  });
}

const NAMES = ['python', 'python_version', 'ansible_python', 'ansible_python_version'];

/** The interpreter that the inventory names; `auto` and its like mean that one is looked for. */
export function interpreterOf(given: Value | undefined): string | undefined {
  return typeof given === 'string' && !given.startsWith('auto') ? given : undefined;
}

/** What Python said of itself. */
export function pythonFacts(source: FactSource): Facts {
  const { reply } = source;
  const [executable, type, ssl, ...version] = reply.get('python').split('\n');
  if (!executable || version.length < 5) return {};
  const [major, minor, micro, level, serial] = version as [string, string, string, string, string];
  const info = [Number(major), Number(minor), Number(micro), level, Number(serial)] as const;
  const said = {
    version: { major: info[0], minor: info[1], micro: info[2], releaselevel: level, serial: info[4] },
    version_info: [...info],
    executable,
    type: type ?? null,
    has_sslcontext: ssl === '1',
  };
  const short = { final: '', alpha: 'a', beta: 'b', candidate: 'rc' }[level] ?? level;
  return {
    python: said,
    python_version: `${major}.${minor}.${micro}${short === '' ? '' : `${short}${serial}`}`,
  };
}

/** The interpreter that was looked for, under its own name. */
export function discovered({ reply }: FactSource): Facts {
  const found = reply.get('interpreter');
  return found === '' ? {} : { discovered_interpreter_python: found };
}
