/** Bodies and answers of HTTP, as ansible.builtin.uri makes and shows them. */
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { ModuleFailure } from '../../../errors.ts';
import { toText } from '../../../python/text.ts';
import { isDict, toPlain, type Value } from '../../../values.ts';

/** application/x-www-form-urlencoded of a dict or a list of pairs; a list is several values of one key. */
export function formUrlencoded(body: Value): string {
  const pairs: [Value, Value][] = isDict(body) ? [...body] : Array.isArray(body) ? (body as [Value, Value][]) : [];
  if (pairs.length === 0 && !isDict(body)) throw new ModuleFailure('failed to parse body as form_urlencoded');
  const params = new URLSearchParams();
  for (const [key, value] of pairs) {
    for (const one of Array.isArray(value) ? value : [value]) params.append(toText(key), toText(one));
  }
  return params.toString();
}

/** multipart/form-data: texts, and files `{filename, content, mime_type}`; `read` gives a file of the controller. */
export async function multipart(
  body: Value,
  read: (name: string) => Promise<Buffer>,
): Promise<{ type: string; body: Buffer }> {
  if (!isDict(body)) throw new ModuleFailure('failed to parse body as form-multipart: it must be a dict');
  const boundary = `==============${randomBytes(12).toString('hex')}==`;
  const parts: Buffer[] = [];
  for (const [name, value] of body) {
    const field = isDict(value) ? (toPlain(value) as Record<string, string>) : undefined;
    const filename = field?.['filename'];
    const content = field?.['content'];
    if (field && filename === undefined && content === undefined) {
      throw new ModuleFailure(
        `failed to parse body as form-multipart: at least one of filename or content must be provided`,
      );
    }
    const type = field ? (field['mime_type'] ?? (filename ? 'application/octet-stream' : 'text/plain')) : 'text/plain';
    const label = filename === undefined ? '' : `; filename="${basename(filename)}"`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${String(name)}"${label}\r\n`;
    const mime = field ? `Content-Type: ${type}\r\n` : '';
    parts.push(Buffer.from(`${head}${mime}\r\n`));
    parts.push(content !== undefined || !field ? Buffer.from(content ?? toText(value)) : await read(filename!));
    parts.push(Buffer.from('\r\n'));
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { type: `multipart/form-data; boundary="${boundary}"`, body: Buffer.concat(parts) };
}

export interface Answer {
  status: number;
  reason: string;
  /** Lower case with underscores; several of one name joined as Python does. */
  headers: Record<string, string>;
  cookies: Record<string, string>;
  /** Where the answer came from after redirects. */
  url: string;
}

/** The last answer of the header blocks that curl or wget wrote. */
export function parseHeaders(text: string, url: string): Answer | undefined {
  let answer: Answer | undefined;
  let at = url;
  const cookies: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const status = /^HTTP\/[\d.]+ (\d{3}) ?(.*)$/.exec(line);
    if (status) {
      const location = answer && answer.status >= 300 && answer.status < 400 ? answer.headers['location'] : undefined;
      if (location !== undefined) at = new URL(location, at).href;
      answer = { status: Number(status[1]), reason: status[2]!, headers: {}, cookies, url: at };
      continue;
    }
    const header = /^([^:\s]+):[ \t]*(.*)$/.exec(line);
    if (!header || !answer) continue;
    const name = header[1]!.toLowerCase().replaceAll('-', '_');
    const cookie = name === 'set_cookie' ? /^([^=;]+)=([^;]*)/.exec(header[2]!) : null;
    if (cookie) cookies[cookie[1]!.trim()] = cookie[2]!;
    const before = answer.headers[name];
    answer.headers[name] = before === undefined ? header[2]! : `${before}, ${header[2]}`;
  }
  return answer;
}

/** Whether a content type says that the body is JSON. */
export function isJson(contentType: string | undefined): boolean {
  const subtype =
    /^[^/;]+\/([^;]*)/
      .exec(contentType ?? '')?.[1]
      ?.trim()
      .toLowerCase() ?? '';
  return ['json', 'javascript'].includes(subtype.includes('+') ? subtype.slice(subtype.indexOf('+') + 1) : subtype);
}
