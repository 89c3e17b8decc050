/** The forms in which a secret comes back: as it is, and as hosts, modules and filters encode it. */

type Encoder = (text: string) => string[];

const base64Of = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/**
 * The part of a base64 text that is the same whatever comes before and after the secret (`Authorization: Basic`), for the three ways
 * in which three bytes may be cut; and the same with the alphabet for URLs.
 */
const base64: Encoder = (text) => {
  const bytes = Buffer.from(text);
  const inner = [0, 1, 2].map((before) => {
    const encoded = base64Of(Buffer.concat([Buffer.alloc(before), bytes]));
    const start = Math.ceil((before * 4) / 3);
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    return encoded.slice(start, whole);
  });
  const parts = [base64Of(bytes), ...inner];
  return [...parts, ...parts.map((part) => part.replaceAll('+', '-').replaceAll('/', '_'))];
};

const hexOf = (text: string, keep: RegExp, small = false): string =>
  [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      const hex = byte.toString(16).padStart(2, '0');
      return keep.test(char) ? char : `%${small ? hex : hex.toUpperCase()}`;
    })
    .join('');

/** encodeURIComponent, Python's quote (which keeps a slash) and quote_plus, with digits of both cases. */
const url: Encoder = (text) =>
  [/[\w.~!*'()-]/, /[\w.~-]/, /[\w.~/-]/].flatMap((keep) =>
    [false, true].flatMap((small) => {
      const encoded = hexOf(text, keep, small);
      return [encoded, encoded.replaceAll('%20', '+')];
    }),
  );

/** JSON as JavaScript writes it and as Python does (beyond ASCII as \u00e9), with `/` and with `\/`. */
const json: Encoder = (text) => {
  const plain = JSON.stringify(text).slice(1, -1);
  const ascii = plain.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [plain, ascii, plain.replaceAll('/', '\\/')];
};

/** Python's repr, with either quote; YAML's single quotes. */
const repr: Encoder = (text) => {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(/[\x00-\x1f\x7f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return [escaped, escaped.replaceAll("'", "\\'"), text.replaceAll("'", "''")];
};

/** Quoted for a shell, in the ways of Python's shlex, of `printf %q` and of `set -x`. */
const shell: Encoder = (text) => [
  text.replaceAll("'", "'\\''"),
  text.replaceAll("'", `'"'"'`),
  text.replace(/[^\w@%+=:,./-]/g, '\\$&'),
];

/** HTML and XML, with the names and numbers that are usual for quotes. */
const html: Encoder = (text) => {
  const marked = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return ['&quot;', '&#34;', '"'].flatMap((double) =>
    ['&#39;', '&#x27;', '&apos;', "'"].map((single) => marked.replaceAll('"', double).replaceAll("'", single)),
  );
};

/** For a regular expression, by Python's `re.escape` and by older ones. */
const regex: Encoder = (text) => [
  text.replace(/[-\s()[\]{}?*+|^$\\.&~#]/g, '\\$&'),
  text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  text.replace(/[^A-Za-z0-9_]/g, '\\$&'),
];

const hex: Encoder = (text) => {
  const small = Buffer.from(text).toString('hex');
  return [small, small.toUpperCase()];
};

const ENCODERS: readonly Encoder[] = [base64, url, json, repr, shell, html, regex, hex];
/** What is done to a text that was encoded already: a JSON text in a JSON text, base64 in a URL. */
const AGAIN: readonly Encoder[] = [json, url, html, base64];

/** Encodings of a short secret are no longer than ordinary words, and masking those would garble them. */
const SHORTEST_ENCODED = 6;

/** All forms of a secret, the secret itself first; a form that is the same as another comes once. */
export function secretForms(secret: string): string[] {
  const once = ENCODERS.flatMap((encode) => encode(secret));
  const twice = [secret, ...new Set(once)].flatMap((text) => AGAIN.flatMap((encode) => encode(text)));
  const encoded = [...new Set([...once, ...twice])].filter(
    (text) => text !== secret && text.length >= SHORTEST_ENCODED,
  );
  return [secret, ...encoded];
}
