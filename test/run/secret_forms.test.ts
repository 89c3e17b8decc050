import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { Redactor } from '../../engine/run/redact.ts';

const secrets = [
  'canary-4711',
  "it's a secret/1",
  'pä$s wörd & <more> "quotes" \\ 100%',
  'user:canary/4712+x=y',
  'line one of it 4713\nline two of it 4713',
];

const ENCODINGS: Record<string, string> = {
  'json.dumps': 'json.dumps(t)[1:-1]',
  'json.dumps beyond ASCII': 'json.dumps(t, ensure_ascii=False)[1:-1]',
  'json in json': 'json.dumps(json.dumps(t))[3:-3]',
  repr: 'repr(t)[1:-1]',
  'repr of a list': 'repr([t])[2:-2]',
  quote: 'urllib.parse.quote(t)',
  'quote without safe': "urllib.parse.quote(t, safe='')",
  quote_plus: 'urllib.parse.quote_plus(t)',
  base64: 'base64.b64encode(t.encode()).decode()',
  'base64 for URLs': 'base64.urlsafe_b64encode(t.encode()).decode()',
  hex: 't.encode().hex()',
  'html.escape': 'html.escape(t)',
  'html without quotes': 'html.escape(t, quote=False)',
  're.escape': 're.escape(t)',
  'shlex.quote': 'shlex.quote(t)',
  'JSON of base64': 'json.dumps({"a": base64.b64encode(t.encode()).decode()})',
  'HTML of JSON': 'html.escape(json.dumps(t)[1:-1])',
};

/** What Python makes of each secret by each expression: a program that is not ours, started once. */
const encoded = JSON.parse(
  execFileSync(
    'python3',
    [
      '-c',
      `import sys,json,urllib.parse,base64,html,re,shlex
asked=json.load(sys.stdin)
print(json.dumps([[eval(e) for t in asked["secrets"]] for e in asked["expressions"]]))`,
    ],
    { encoding: 'utf8', input: JSON.stringify({ secrets, expressions: Object.values(ENCODINGS) }) },
  ),
) as string[][];

describe('run/secret_forms', () => {
  for (const [at, name] of Object.keys(ENCODINGS).entries())
    it(`masks what ${name} makes of a secret, as Python has it (S-36)`, () => {
      for (const [which, secret] of secrets.entries()) {
        const redactor = new Redactor();
        redactor.add(secret);
        expect(redactor.text(`before ${encoded[at]![which]} after`), secret).to.match(
          /^before \W*("a": ")?\*{8}\W*( after|"})/,
        );
      }
    });

  it('masks the base64 of a longer text, wherever the secret is in it: Authorization (S-36)', () => {
    for (const secret of secrets)
      for (const before of ['', 'u', 'us', 'user:', 'admin:x']) {
        const redactor = new Redactor();
        redactor.add(secret);
        const encoded = Buffer.from(`${before}${secret}:and more`).toString('base64');
        const masked = redactor.text(`Authorization: Basic ${encoded}`);
        const left = Buffer.from(masked.replace(/^.*Basic /, '').split('********')[0]!, 'base64').toString('latin1');
        expect(masked, secret).to.include('********');
        expect(left.length, masked).to.be.at.most(before.length + 2);
      }
  });

  it('masks the password of a URL', () => {
    const { text } = { text: (t: string) => new Redactor().text(t) };
    expect(text('cloning https://bob:hunter2@example.com/x.git and')).to.equal(
      'cloning https://bob:********@example.com/x.git and',
    );
    expect(text('http://a:b@c/ http://d:e@f/')).to.equal('http://a:********@c/ http://d:********@f/');
    expect(text('http://example.com:8080/a@b https://x/')).to.equal('http://example.com:8080/a@b https://x/');
  });

  it('finds overlapping secrets as one, and the longest first', () => {
    const redactor = new Redactor();
    for (const secret of ['abcdef', 'defghi', 'abcd']) redactor.add(secret);
    expect(redactor.text('xabcdefghix abcd')).to.equal('x********x ********');
  });

  it('masks a thousand secrets in a megabyte without trying each at each place', () => {
    const redactor = new Redactor();
    for (let i = 0; i < 1000; i++) redactor.add(`secret-${i}-${i * 7919}`);
    const text = 'a line of output that holds nothing of it\n'.repeat(25_000);
    expect(redactor.text(text)).to.equal(text);
    expect(redactor.text(`${text}secret-7-55433`).endsWith('********')).to.equal(true);
  });
});
