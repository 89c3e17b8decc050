/** Retry files: the hosts that failed, one a line, for `--limit @FILE` of the next run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { reasonOf } from '../../errors.ts';
import type { Recap } from '../../index.ts';
import type { Console } from '../console.ts';
import type { Settings } from '../settings/settings.ts';

/** Writes the file, if settings ask for it and a host failed, and says how to use it. */
export function writeRetryFile(playbook: string, recap: Recap, settings: Settings, console: Console): void {
  if (settings.bool('retry_files_enabled') !== true) return;
  const hosts = Object.entries(recap.hosts).filter(([, { failed, unreachable }]) => failed + unreachable > 0);
  if (hosts.length === 0) return;
  const folder = settings.path('retry_files_save_path', console.home) ?? dirname(playbook);
  const file = join(folder, `${basename(playbook, extname(playbook))}.retry`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, hosts.map(([name]) => `${name}\n`).join(''));
  } catch (error) {
    console.out.error(`[WARNING]: the retry file ${file} can't be written: ${reasonOf(error)}\n`);
    return;
  }
  console.out.write(`\tto retry, use: --limit @${file}\n`);
}
