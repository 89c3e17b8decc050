/**
 * Where a recorded case of ansible-core is meant to differ, with the reason; docs/templates.md shows this table. A case differs
 * only by one of these, and each of these must be met by some case.
 */
export interface Difference {
  reason: string;
  cases: RegExp;
  /** We accept and Ansible fails, we fail and Ansible accepts, or both accept with other values. */
  kind: 'more' | 'fails' | 'value';
}

export const DIFFERENCES: Difference[] = [
  {
    reason:
      'An entry of a dict or list whose own template fails is an error where the entry is used, not where its container is.',
    cases: /has_broken|undefined_thing\}/,
    kind: 'more',
  },
  {
    reason: 'Comparing a dict with itself looks at its entries, so one whose template fails is an error.',
    cases: /has_broken == has_broken/,
    kind: 'fails',
  },
  {
    reason: 'A bare range is a list; Ansible refuses to store it.',
    cases: /^\{\{ range\(3\) \}\}$/,
    kind: 'more',
  },
  {
    reason: 'A function written without its parentheses is an error; Ansible prints where it is in memory.',
    cases: /d\.items \}\}|word\.upper \}\}/,
    kind: 'fails',
  },
  {
    reason: "str.format reads keys and plain attributes, never Python's internals such as `__class__`.",
    cases: /\{0\.__class__\}/,
    kind: 'fails',
  },
  {
    reason: 'list.count finds equal items; in ansible-core 2.19 it finds none in a list that came from a variable.',
    cases: /nums\.count\(3\)/,
    kind: 'value',
  },
  {
    reason:
      'groupby takes its default for whatever lacks the attribute; in ansible-core 2.19 the missing attribute fails first.',
    cases: /groupby\("home\.shell", default="-"\)/,
    kind: 'more',
  },
  {
    reason: 'tojson sorts keys of different types by their texts, as to_json does; Jinja2 fails.',
    cases: /int_keys \| tojson/,
    kind: 'more',
  },
  {
    reason: 'The sequence lookup reads hexadecimal numbers in its key=value form too.',
    cases: /start=0x0a/,
    kind: 'more',
  },
  {
    reason: 'The ini lookup takes a quoted value with a space in its one-term form.',
    cases: /section='section one'/,
    kind: 'more',
  },
  {
    reason: 'Set tests and filters take lists of lists and of dicts, compared item by item.',
    cases: /is subset\(\[\[1\]\]\)/,
    kind: 'more',
  },
  {
    reason: 'uri, url and urn are asked of texts; Python answers for 0, none and lists by accident.',
    cases: / is (uri|url|urn)/,
    kind: 'fails',
  },
];
