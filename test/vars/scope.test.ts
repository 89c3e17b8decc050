import { expect } from 'chai';
import { TemplateError, UndefinedError } from '../../engine/errors.ts';
import { Inventory } from '../../engine/inventory/index.ts';
import { evaluateCondition, render, Undefined } from '../../engine/template/index.ts';
import { type Dict, placeOfValue, Source, Template, type Value, VaultText } from '../../engine/values.ts';
import { magicVariables } from '../../engine/vars/magic.ts';
import { OMIT, type ScopeSources, VarScope, VarsDict } from '../../engine/vars/scope.ts';
import { Variables } from '../../engine/vars/variables.ts';
import { encryptVault, parseYaml } from '../../engine/yaml/index.ts';

const yaml = (text: string): Dict => parseYaml(new Source('vars.yml', text)) as Dict;
const template = (text: string): Template => new Template(text, undefined);
const scope = (sources: ScopeSources, options = {}): VarScope => new VarScope(sources, options);
const plays = (text: string, more: ScopeSources = {}, options = {}): VarScope =>
  scope({ playVars: yaml(text), ...more }, options);
const shown = (s: VarScope, text: string): Value => render(template(text), s, s.options);

describe('a scope', () => {
  it('renders on first use, through other variables, to native values', () => {
    const s = plays('a: "{{ b }}"\nb: "{{ c + 1 }}"\nc: 1\nd: ["{{ a }}", x]');
    expect(s.get('a')).to.equal(2);
    expect(s.value('d')).to.deep.equal([2, 'x']);
    expect(s.get('nope')).to.equal(undefined);
  });

  it('never renders what data says, however it gets there', () => {
    const facts = new Map<Value, Value>([['motd', '{{ 7 * 7 }}']]);
    const setFacts = new Map<Value, Value>([['out', new Map<Value, Value>([['stdout', '{{ 7 * 7 }}{% if x %}']])]]);
    const s = plays('copy: "{{ out.stdout }}"\nmotd: "{{ ansible_facts.motd }}|{{ ansible_motd }}"', {
      facts,
      factVars: new Map([['ansible_motd', '{{ 7 * 7 }}']]),
      setFacts,
    });
    expect(s.get('copy')).to.equal('{{ 7 * 7 }}{% if x %}');
    expect(s.get('motd')).to.equal('{{ 7 * 7 }}|{{ 7 * 7 }}');
    expect(shown(s, '{{ copy }}')).to.equal('{{ 7 * 7 }}{% if x %}');
  });

  it('lets a dict refer to itself', () => {
    const s = plays('app: {name: web, dir: "/opt/{{ app.name }}", log: "{{ app.dir }}/log"}');
    expect(shown(s, '{{ app.log }}')).to.equal('/opt/web/log');
    expect(s.value('app')).to.deep.equal(
      new Map([
        ['name', 'web'],
        ['dir', '/opt/web'],
        ['log', '/opt/web/log'],
      ]),
    );
  });

  it('names the chain of variables that need each other', () => {
    const s = plays('a: "{{ b }}"\nb: "x{{ c }}"\nc: "{{ a }}"\nself: "{{ self }}"');
    expect(() => s.value('a')).to.throw(TemplateError, 'these variables need each other: a -> b -> c -> a');
    expect(() => s.value('self')).to.throw(TemplateError, 'this variable needs itself: self -> self');
    expect(() => shown(s, "{{ a | default('d') }}")).to.throw(TemplateError, 'b -> c -> a');
    try {
      s.value('a');
    } catch (error) {
      const { place } = error as TemplateError;
      expect(place!.source.position(place!.offset)).to.deep.equal({ line: 1, column: 5 });
    }
  });

  it('keeps an undefined inside a variable for default and is defined', () => {
    const s = plays('a: "{{ missing }}"');
    expect(shown(s, "{{ a | default('d') }}")).to.equal('d');
    expect(evaluateCondition('a is defined', s, s.options)).to.equal(false);
    expect(s.get('a')).to.be.instanceOf(Undefined);
    expect(() => s.value('a')).to.throw(UndefinedError, 'missing');
  });

  it('says which level decides a name, and where it stands', () => {
    const s = plays('a: 1\nb: 2', { extraVars: new Map([['a', 5]]), roleDefaults: [yaml('c: 3')] });
    expect(s.where('a')?.level.name).to.equal('extra vars');
    const b = s.where('b')!;
    expect([b.level.name, b.place!.source.position(b.place!.offset)]).to.deep.equal([
      'play vars',
      { line: 2, column: 1 },
    ]);
    expect(s.where('c')?.level.name).to.equal('role defaults');
    expect(s.where('nope')).to.equal(undefined);
  });

  it('makes cheap scopes for loop items, stronger than all else', () => {
    const s = plays('label: "{{ item }}!"\nitem: play', { extraVars: new Map([['item', 'extra']]) });
    expect(s.get('label')).to.equal('extra!');
    const inner = s.with(new Map([['item', 'one']]));
    expect(inner.get('label')).to.equal('one!');
    expect(inner.with(new Map([['index', 1]])).get('label')).to.equal('one!');
    expect(s.get('label')).to.equal('extra!');
    expect([...inner.names()]).to.have.members(['item', 'label']);
  });

  it('renders values, but not keys, of dicts', () => {
    const s = plays('k: name\nd: {"{{ k }}": "{{ k }}"}');
    expect(s.value('d')).to.deep.equal(new Map([['{{ k }}', 'name']]));
  });

  it('leaves out entries that are omit', () => {
    const s = scope({ magic: (name) => (name === 'omit' ? (OMIT as unknown as Value) : undefined) });
    expect(s.resolve(yaml('a: "{{ omit }}"\nb: [1, "{{ x | default(omit) }}"]'))).to.deep.equal(new Map([['b', [1]]]));
    expect(s.resolve(template('{{ omit }}'))).to.equal(OMIT);
  });

  it('opens vault texts on use, to inert text, and tells the secret', () => {
    const secret = { id: 'default', password: 'pw' };
    const text = encryptVault('{{ 7 * 7 }}', secret);
    const told: string[] = [];
    const options = { vaultSecrets: [secret], secret: (t: string) => told.push(t) };
    const s = scope({ playVars: new Map<Value, Value>([['v', new VaultText(text, undefined)]]) }, options);
    expect(told).to.deep.equal([]);
    expect(shown(s, '<{{ v }}>')).to.equal('<{{ 7 * 7 }}>');
    expect(s.value('v')).to.equal('{{ 7 * 7 }}');
    expect(told).to.include('{{ 7 * 7 }}');
  });

  it('gives facts as ansible_facts.x and ansible_x, weaker than play vars', () => {
    const facts = new Map<Value, Value>([
      ['os', 'Linux'],
      ['ansible_local', 1],
      ['port', 22],
    ]);
    const factVars = new Map<Value, Value>(
      [...facts].map(([name, value]) => [`ansible_${String(name).replace('ansible_', '')}`, value]),
    );
    const s = scope({ facts, factVars, playVars: new Map([['ansible_port', 5]]) });
    expect([s.get('ansible_os'), s.get('os'), s.get('ansible_local'), s.get('ansible_port')]).to.deep.equal([
      'Linux',
      undefined,
      1,
      5,
    ]);
    expect([...s.names()]).to.include.members(['ansible_facts', 'ansible_os', 'ansible_local']);
  });

  it('has vars, a dict of everything, which does not contain itself', () => {
    const s = plays('a: "{{ b }}"\nb: 1\nbad: "{{ missing }}"');
    expect(shown(s, "{{ vars['a'] }}")).to.equal(1);
    expect(shown(s, "{{ vars | length }} {{ 'vars' in vars.keys() }}")).to.equal('3 False');
    expect(shown(s, "{{ vars.bad | default('d') }}")).to.equal('d');
  });

  it('treats __proto__ and constructor as names like any other', () => {
    const s = scope({ extraVars: new Map<Value, Value>([['__proto__', new Map([['polluted', 1]])]]) });
    expect(s.get('constructor')).to.equal(undefined);
    expect(s.get('__proto__')).to.deep.equal(new Map([['polluted', 1]]));
    expect(({} as { polluted?: number }).polluted).to.equal(undefined);
  });

  it('merges dicts over the levels when asked to', () => {
    const sources = {
      roleDefaults: [yaml('a: {x: 1, y: {p: 1}}\nl: [1]')],
      playVars: yaml('a: {y: {q: 2}, z: 3}\nl: [2]'),
    };
    expect(scope(sources).value('a')).to.deep.equal(yaml('{y: {q: 2}, z: 3}'));
    const merged = scope(sources, { hashBehaviour: 'merge' });
    expect(merged.value('a')).to.deep.equal(yaml('{x: 1, y: {p: 1, q: 2}, z: 3}'));
    expect(merged.value('l')).to.deep.equal([2]);
    const place = placeOfValue(merged.value('a') as Dict, 'x');
    expect(place!.source.position(place!.offset)).to.deep.equal({ line: 1, column: 8 });
  });
});

describe('magic variables and hostvars', () => {
  const inventory = new Inventory(['/inv/hosts']);
  inventory.reading = '/inv/hosts';
  inventory.listHost('a.example.com', inventory.addGroup('web')).vars.set('addr', template('10.0.0.{{ n }}'));
  inventory.listHost('b', inventory.addGroup('web')).vars.set('addr', template('10.0.1.{{ n }}'));
  inventory.hosts.get('a.example.com')!.vars.set('n', 1);
  inventory.hosts.get('b')!.vars.set('n', 2);
  inventory.reconcile();
  const variables = Variables.load({ inventory });
  const scopeOf = (host: string): VarScope => {
    const magic = magicVariables({ inventory, host, hostScope: scopeOf });
    return scope({ host, inventory: variables.forHost(host), magic: magic.get, magicNames: magic.names });
  };
  const a = scopeOf('a.example.com');

  it('know the host and its groups', () => {
    const names = '{{ inventory_hostname }} {{ inventory_hostname_short }} {{ group_names }} {{ inventory_dir }}';
    expect(shown(a, names)).to.equal("a.example.com a ['web'] /inv");
    expect(shown(a, '{{ groups.web }}')).to.deep.equal(['a.example.com', 'b']);
    expect(shown(a, "{{ groups['all'] | length }}")).to.equal(2);
  });

  it('are stronger than extra vars, but for those that belong to the host, as ansible-core 2.19 has it', () => {
    const magic = magicVariables({ inventory, host: 'b' });
    const get = (name: string) => (name === 'playbook_dir' ? '/real' : magic.get(name));
    const more = { magic: get, inventory: variables.forHost('b') };
    const extraVars = new Map([
      ['playbook_dir', 'extra'],
      ['inventory_hostname', 'extra'],
    ]);
    const playVars = new Map([
      ['group_names', 'play'],
      ['groups', 'play'],
    ]);
    const s = scope({ ...more, extraVars, playVars });
    expect(shown(s, '{{ playbook_dir }} {{ inventory_hostname }} {{ group_names }} {{ groups is mapping }}')).to.equal(
      '/real extra play True',
    );
    expect(s.with(new Map([['playbook_dir', 'loop']])).get('playbook_dir')).to.equal('loop');
    expect([s.where('playbook_dir')?.level.name, scope(more).where('inventory_hostname')?.level.name]).to.deep.equal([
      'magic variables',
      'inventory host',
    ]);
  });

  it("render another host's variables with that host's own", () => {
    expect(shown(a, '{{ hostvars.b.addr }} {{ addr }}')).to.equal('10.0.1.2 10.0.0.1');
    expect(shown(a, "{{ groups.web | map('extract', hostvars, 'addr') | list }}")).to.deep.equal([
      '10.0.0.1',
      '10.0.1.2',
    ]);
    expect(shown(a, "{{ hostvars['nope'] is defined }} {{ 'b' in hostvars }} {{ hostvars | length }}")).to.equal(
      'False True 2',
    );
  });

  it('hand out facts and registered results as they are, without a look at every part', () => {
    const facts = new Map<Value, Value>([['motd', '{{ 7 * 7 }}']]);
    const setFacts = new Map<Value, Value>([['r', new Map([['stdout', '{% x %}']])]]);
    const dict = new VarsDict(scope({ facts, setFacts, playVars: yaml('own: ["{{ r.stdout }}"]') }));
    expect(dict.get('ansible_facts')).to.equal(facts);
    expect(dict.get('r')).to.equal(setFacts.get('r'));
    expect(dict.get('own')).to.deep.equal(['{% x %}']);
  });

  it('see what a host learnt meanwhile', async () => {
    expect(shown(a, "{{ hostvars.b.late | default('no') }}")).to.equal('no');
    inventory.hosts.get('b')!.vars.set('late', 'yes');
    await Promise.resolve();
    expect(shown(a, "{{ hostvars.b.late | default('no') }}")).to.equal('yes');
  });
});
