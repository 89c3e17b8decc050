/** One line a host. */
import type { RunEvent, TaskResult } from '../events.ts';
import { blocks, shown, statusWord } from './minimal.ts';
import type { Output } from './reporter.ts';
import { resultJson, safe } from './style.ts';

export default async function onelineReporter(events: AsyncIterable<RunEvent>, out: Output): Promise<void> {
  await blocks(events, out, line);
}

function line(host: string, result: TaskResult): string {
  const { rc, stdout, stderr } = result.values;
  if (rc === undefined || stdout === undefined)
    return `${host} | ${statusWord(result)} => ${safe(resultJson(shown(result)))}`;
  const flat = (text: unknown) => safe(String(text)).trimEnd().replaceAll('\n', '\\n');
  const parts = [`${host} | ${statusWord(result)} | rc=${String(rc)}`, `(stdout) ${flat(stdout)}`];
  if (stderr) parts.push(`(stderr) ${flat(stderr)}`);
  return parts.join(' | ');
}
