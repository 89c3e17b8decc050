/** Annotations of GitHub's workflow runs: each failure and warning at its line of the playbook. */
import type { RunEvent } from '../events.ts';
import { failureDetails, headline } from './details.ts';
import type { Output } from './reporter.ts';
import { safe } from './style.ts';

export default async function githubReporter(events: AsyncIterable<RunEvent>, out: Output): Promise<void> {
  for await (const event of events) {
    if (event.type === 'task:result' && (event.result.status === 'failed' || event.result.status === 'unreachable')) {
      const { result, task, host } = event;
      const [file, line] = place(task.path);
      const level = result.ignored || result.rescued ? 'warning' : 'error';
      const text = [`${host}: ${headline(result)}`, ...failureDetails(result)].join('\n');
      command(out, `::${level} file=${property(file)},line=${line},title=${property(task.name)}::${content(text)}`);
    } else if (event.type === 'message' && event.level !== 'info' && event.level !== 'verbose') {
      command(out, `::warning::${content(safe(event.text))}`);
    }
  }
}

function command(out: Output, line: string): void {
  if (out.command) out.command(line);
  else out.write(`${line}\n`);
}

/** `file:line` in its parts. */
function place(path: string): [string, string] {
  const match = /^(.*?):(\d+)(?::\d+)?$/.exec(path);
  return match ? [match[1]!, match[2]!] : [path, '1'];
}

function content(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return content(safe(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
