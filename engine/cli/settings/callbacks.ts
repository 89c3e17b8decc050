/** `stdout_callback` and `callbacks_enabled`: Ansible's callbacks by the reporters that do the same; others are warned of. */
import { mkdirSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import type { Console } from '../console.ts';
import type { Settings } from './settings.ts';

/** Those for the screen. What `yaml`, `debug`, `dense` and `unixy` make easier to read, our default shows so already. */
const SCREEN: Readonly<Record<string, string>> = {
  default: 'default',
  yaml: 'default',
  debug: 'default',
  dense: 'default',
  unixy: 'default',
  minimal: 'minimal',
  oneline: 'oneline',
};

const plain = (name: string): string => name.replace(/^(?:ansible\.(?:builtin|posix|legacy)|community\.general)\./, '');

/** The reporter for the screen where the command line names none. */
export function screenReporter(settings: Settings): string {
  const named = settings.text('stdout_callback');
  if (named === undefined) return 'default';
  const found = SCREEN[plain(named.trim())];
  if (found === undefined)
    settings.warnings.push(
      `the callback \`${named}\` of \`stdout_callback\` does not run here; \`--reporter\` chooses what is shown`,
    );
  return found ?? 'default';
}

/** Reporters that write besides it, as `--reporter` names them. */
export function furtherReporters(settings: Settings, playbook: string, console: Console): string[] {
  const names = [settings.text('callbacks_enabled'), settings.text('callback_whitelist')]
    .flatMap((list) => list?.split(',') ?? [])
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return [...new Set(names)].flatMap((name) => {
    if (plain(name) === 'junit') return [`junit=${junitFile(playbook, console)}`];
    settings.warnings.push(
      `the callback \`${name}\` of \`callbacks_enabled\` does not run here; of Ansible's, junit does`,
    );
    return [];
  });
}

/** Where Ansible's plugin puts its report: a file for each run in a folder that the environment names. */
function junitFile(playbook: string, console: Console): string {
  const folder = resolve(console.cwd, console.environment['JUNIT_OUTPUT_DIR'] ?? join(console.home, '.ansible.log'));
  mkdirSync(folder, { recursive: true });
  return join(folder, `${basename(playbook, extname(playbook))}-${Date.now() / 1000}.xml`);
}
