/** One block a host, without plays and tasks: what `run module` shows. */
import type { RunEvent, TaskResult } from '../events.ts';
import type { Json } from '../values.ts';
import type { Output, ReportSettings } from './reporter.ts';
import { paint, resultJson, safe } from './style.ts';
import { diffLines } from './unified_diff.ts';

export default async function minimalReporter(
  events: AsyncIterable<RunEvent>,
  out: Output,
  settings: ReportSettings,
): Promise<void> {
  await blocks(events, out, (host, result) => minimalBlock(host, result, settings.verbosity));
}

/** Each result as one block of text, coloured by its status; warnings beside it. */
export async function blocks(
  events: AsyncIterable<RunEvent>,
  out: Output,
  block: (host: string, result: TaskResult) => string,
): Promise<void> {
  for await (const event of events) {
    if (event.type === 'task:result') {
      for (const diff of event.result.diff ?? [])
        out.write(
          diffLines(diff)
            .map((line) => `${safe(line)}\n`)
            .join(''),
        );
      out.write(`${paint(block(event.host, event.result), event.result.status, out.colors)}\n`);
    } else if (event.type === 'message' && event.level === 'warning') {
      out.error(`${paint(`[WARNING]: ${safe(event.text)}`, 'warning', out.colors)}\n`);
    } else if (event.type === 'bug') {
      out.error(`${safe(event.stack)}\n`);
    }
  }
}

const WORDS = { ok: 'SUCCESS', changed: 'CHANGED', skipped: 'SKIPPED', failed: 'FAILED', unreachable: 'UNREACHABLE' };

/** SUCCESS, CHANGED, FAILED ... as Ansible's ad hoc command says it. */
export function statusWord(result: TaskResult): string {
  return WORDS[result.status];
}

function minimalBlock(host: string, result: TaskResult, verbosity: number): string {
  const { rc, stdout, stderr } = result.values;
  const word = statusWord(result);
  if (rc !== undefined && stdout !== undefined && verbosity === 0) {
    const said = [stdout, stderr, result.status === 'failed' ? result.msg : undefined];
    const lines = said.filter((text) => text !== undefined && text !== '').map((text) => safe(String(text)).trimEnd());
    return [`${host} | ${word} | rc=${String(rc)} >>`, ...lines].join('\n');
  }
  const mark = result.status === 'failed' || result.status === 'unreachable' ? '!' : '';
  const help = result.explanation ? `\n${safe(result.explanation)}` : '';
  return `${host} | ${word}${mark} => ${safe(resultJson(shown(result), 4))}${help}`;
}

/** Values without what is shown elsewhere, with the message that the result carries. */
export function shown(result: TaskResult): { [key: string]: Json } {
  const { diff: _, invocation: __, ...values } = result.values;
  return result.msg !== undefined && values['msg'] === undefined ? { ...values, msg: result.msg } : values;
}
