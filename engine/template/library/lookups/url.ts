/** The url lookup: the lines, or the whole text, of what an address serves. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TemplateError } from '../../../errors.ts';
import { toText } from '../../../python/text.ts';
import { truthy } from '../../../python/types.ts';
import type { Value } from '../../../values.ts';
import { toBool } from '../filters/core_text.ts';
import type { Lookup } from '../lookups.ts';

const yes = (value: Value | undefined, otherwise: boolean): boolean =>
  value === undefined ? otherwise : typeof value === 'string' ? toBool(value) : truthy(value);

/** A lookup is synchronous, a request is not: another Node makes it, told by its standard input, where no one else can read it. */
const REQUEST = fileURLToPath(new URL('url-request.mjs', import.meta.url));

/** `lookup('url', 'https://…', split_lines=False)`. */
export const url: Lookup = (terms, kwargs, env) =>
  terms.flatMap((term) => {
    const address = toText(term);
    const headers: Record<string, string> = {};
    const given = kwargs.get('headers');
    if (given instanceof Map) for (const [name, value] of given) headers[toText(name)] = toText(value);
    const user = kwargs.get('username');
    if (user !== undefined && user !== null) {
      const secret = `${toText(user)}:${toText(kwargs.get('password') ?? '')}`;
      headers['Authorization'] = `Basic ${Buffer.from(secret).toString('base64')}`;
    }
    const ca = kwargs.get('ca_path');
    const input = JSON.stringify({
      url: address,
      method: 'GET',
      headers,
      verify: yes(kwargs.get('validate_certs'), true),
      ca: ca === undefined || ca === null ? undefined : env.readFile(toText(ca)),
      timeout: Number(kwargs.get('timeout') ?? 10) * 1000,
    });
    const done = spawnSync(process.execPath, [REQUEST], { input, maxBuffer: 1 << 28 });
    const reply =
      done.status === 0 ? JSON.parse(done.stdout.toString('utf8')) : { error: done.stderr.toString('utf8') };
    if (reply.error) throw new TemplateError(`the lookup url failed for \`${address}\`: ${reply.error}`);
    if (reply.status >= 400) throw new TemplateError(`the lookup url: \`${address}\` answered ${reply.status}`);
    if (!yes(kwargs.get('split_lines'), true)) return [reply.text as string];
    const lines = (reply.text as string).split(/\r\n|\n|\r/);
    if (lines.at(-1) === '') lines.pop();
    return lines;
  });
