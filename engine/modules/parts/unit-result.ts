/** Results of systemd, service and sysvinit. */
import type { Reply } from '../../remote/remote.ts';

/** `systemctl show` as a dict; only Exec* values may span lines. */
export function parseShow(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  let key: string | undefined;
  let parts: string[] = [];
  for (const line of text.split('\n')) {
    if (key !== undefined) {
      parts.push(line);
      if (line.trimEnd().endsWith('}')) {
        found[key] = parts.join('\n').trim();
        key = undefined;
      }
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 0) continue;
    const [name, value] = [line.slice(0, equals), line.slice(equals + 1)];
    if (name.startsWith('Exec') && value.trimStart().startsWith('{') && !value.trimEnd().endsWith('}')) {
      key = name;
      parts = [value];
    } else found[name] = value.trim();
  }
  return found;
}

/** Return values of a systemd unit. */
export function unitValues(args: { name?: string | undefined; state?: string | undefined }, reply: Reply) {
  const state = args.state === undefined ? undefined : args.state === 'stopped' ? 'stopped' : 'started';
  return {
    name: args.name ?? null,
    status: parseShow(reply.get('status')),
    ...(reply.has('enabled') ? { enabled: reply.get('enabled') === '1' } : {}),
    ...(state === undefined ? {} : { state }),
  };
}

/** A yes/no that may be left out, for a script: 1, 0 or empty. */
export const tristate = (value: boolean | undefined) => (value === undefined ? '' : value ? '1' : '0');
