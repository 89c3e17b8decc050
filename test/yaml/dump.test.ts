import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { float, Source, Template, Timestamp, type Value, VaultText } from '../../engine/values.ts';
import { parseYaml, toYaml } from '../../engine/yaml/index.ts';

type Typed =
  | null
  | boolean
  | string
  | { float: string }
  | { int: string }
  | { list: Typed[]; same?: string }
  | { dict: [Typed, Typed][]; same?: string };
interface Recorded {
  styles: { nice?: boolean; [option: string]: unknown }[];
  cases: { value: Typed; outputs: string[] }[];
}

const recorded = JSON.parse(readFileSync(new URL('dumped.json', import.meta.url), 'utf8')) as Recorded;

/** The recorded value; what was one object in Python is one here. */
function recordedValue(typed: Typed, shared: Map<string, Value>): Value {
  if (typed === null || typeof typed !== 'object') return typed;
  if ('float' in typed) return float(Number(typed.float.replace('inf', 'Infinity')));
  if ('int' in typed) return Number.isSafeInteger(Number(typed.int)) ? Number(typed.int) : BigInt(typed.int);
  const known = typed.same === undefined ? undefined : shared.get(typed.same);
  if (known !== undefined) return known;
  const value: Value =
    'list' in typed
      ? typed.list.map((item) => recordedValue(item, shared))
      : new Map(typed.dict.map(([k, v]) => [recordedValue(k, shared), recordedValue(v, shared)]));
  if (typed.same !== undefined) shared.set(typed.same, value);
  return value;
}

describe('YAML text as to_yaml and to_nice_yaml write it', () => {
  for (const [index, style] of recorded.styles.entries()) {
    it(`${JSON.stringify(style)}: ${recorded.cases.length} values`, () => {
      const { nice, ...options } = style;
      const defaults = nice ? { indent: 4, default_flow_style: false } : {};
      for (const { value, outputs } of recorded.cases) {
        const ours = toYaml(recordedValue(value, new Map()), { ...defaults, ...options });
        expect(ours, JSON.stringify(value)).to.equal(outputs[index]);
      }
    });
  }

  it('writes vault texts with their tag, templates as their text, timestamps as dates', () => {
    const value = new Map<Value, Value>([
      ['v', new VaultText('$ANSIBLE_VAULT;1.1;AES256\n6162\n', undefined)],
      ['t', new Template('{{ x }}', undefined)],
      ['d', new Timestamp('2001-12-14', new Date(0), true)],
    ]);
    const text = toYaml(value);
    expect(text).to.equal("d: 2001-12-14\nt: '{{ x }}'\nv: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n");
    expect(parseYaml(new Source('t', text))).to.be.instanceOf(Map);
  });
});
