/** Filters of addresses of the web, and of secrets. */

import { hashPassword } from '../../../python/crypt.ts';
import type { Py } from '../../../python/py.ts';
import { pyRepr, toText } from '../../../python/text.ts';
import { typeName } from '../../../python/types.ts';
import { fail } from '../../../python/undefined.ts';
import { type FilterDefinition, filter } from '../../compile/definitions.ts';
import { textOf } from './jinja_text.ts';

/** Python's urlsplit, with user, password, host and port. */
function urlsplit(source: string): Map<Py, Py> {
  let rest = source.replace(/^[\0-\x20]+/, '').replace(/[\t\r\n]/g, '');
  let scheme = '';
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(rest);
  if (match) {
    scheme = match[1]!.toLowerCase();
    rest = rest.slice(match[0].length);
  }
  let netloc = '';
  if (rest.startsWith('//')) {
    netloc = /^\/\/([^/?#]*)/.exec(rest)![1]!;
    rest = rest.slice(netloc.length + 2);
  }
  const [beforeFragment = '', fragment = ''] = cut(rest, '#');
  const [path = '', query = ''] = cut(beforeFragment, '?');
  const at = netloc.lastIndexOf('@');
  const [user, password] = at < 0 ? [null, null] : pair(netloc.slice(0, at), ':');
  const place = netloc.slice(at + 1);
  const bracket = /^\[([^\]]*)\](?::(.*))?$/.exec(place);
  const [host, portText] = bracket ? [bracket[1]!, bracket[2] ?? ''] : cut(place, ':');
  if (portText && (!/^\d+$/.test(portText) || Number(portText) > 65535))
    fail(`urlsplit: the port of ${source} is no port`);
  return new Map<Py, Py>([
    ['fragment', fragment],
    ['hostname', host ? host.toLowerCase() : null],
    ['netloc', netloc],
    ['password', password],
    ['path', path],
    ['port', portText ? Number(portText) : null],
    ['query', query],
    ['scheme', scheme],
    ['username', user],
  ]);
}

function cut(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function pair(text: string, mark: string): [string, string | null] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

/** Python's unquote_plus: what is no valid UTF-8 becomes the replacement character. */
function urldecode(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[\da-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

const optional = (value: Py): string | undefined => (value === null ? undefined : toText(value));
const count = (value: Py): number | undefined => {
  if (value === null) return undefined;
  const n = Number(toText(value));
  return Number.isInteger(n) ? n : fail(`password_hash needs a whole number, not ${pyRepr(value)}`);
};

export const URLS: FilterDefinition[] = [
  filter('urlsplit(query="", alias="urlsplit")', (_c, value, query) => {
    const parts = urlsplit(textOf(value, 'urlsplit'));
    if (query === '') return parts;
    return parts.has(query)
      ? parts.get(query)
      : fail(`urlsplit: unknown URL component: ${toText(query)}`, `components are ${[...parts.keys()].join(', ')}`);
  }),
  filter('urldecode', (_c, value) => urldecode(textOf(value, 'urldecode'))),
  filter(
    'password_hash(hashtype="sha512", salt=null, salt_size=null, rounds=null, ident=null)',
    (c, value, type, salt, size, rounds, ident) => {
      const password = toText(value);
      c.options.secret?.(password);
      return hashPassword(password, toText(type), {
        salt: optional(salt),
        saltSize: count(size),
        rounds: count(rounds),
        ident: optional(ident),
      });
    },
  ),
  filter(
    'vault(secret, salt=null, vault_id="filter_default", wrap_object=false, vaultid=null)',
    (c, value, secret, salt, id) => {
      const vault = c.options.vault ?? fail('vault texts can not be made here');
      const text = secretText(value, 'only texts can be encrypted');
      secretText(secret, 'the secret must be a text');
      for (const hidden of [text, toText(secret)]) c.options.secret?.(hidden);
      return vault(
        text,
        toText(secret),
        new Map([
          ['salt', salt],
          ['vault_id', id],
        ]),
      );
    },
  ),
  filter('unvault(secret, vault_id="filter_default", vaultid=null)', (c, value, secret, id) => {
    const unvault = c.options.unvault ?? fail('vault texts can not be opened here');
    // As in Ansible a text that is no vault is handed on.
    if (typeof value === 'string' && !value.startsWith('$ANSIBLE_VAULT;')) return value;
    const text = unvault(toText(value), toText(secret), new Map([['vault_id', id]]));
    c.options.secret?.(text);
    return text;
  }),
];

function secretText(value: Py, rule: string): string {
  if (typeof value !== 'string') fail(`${rule}, and this is a ${typeName(value)}`);
  return value;
}
