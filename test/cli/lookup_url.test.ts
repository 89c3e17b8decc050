import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { command, project } from './console.ts';

/** A server in a process of its own: the lookup waits for its answer without letting anything else happen here. */
const server = `
const pages = { '/a': 'one\\ntwo\\n', '/nonl': 'one\\ntwo', '/crlf': 'a\\r\\nb\\r\\n\\r\\n', '/empty': '', '/blank': '\\n\\nx\\n\\n', '/tpl': '{{ 7*7 }}\\n' };
require('node:http').createServer((asked, reply) => {
  const { 'x-a': own = '-', authorization = '-', host } = asked.headers;
  if (asked.url === '/redir') return reply.writeHead(302, { location: '/a' }).end();
  if (asked.url === '/away') return reply.writeHead(302, { location: 'http://localhost:' + host.split(':')[1] + '/hdr' }).end();
  const page = asked.url === '/hdr' ? own + ' ' + authorization : pages[asked.url];
  reply.writeHead(page === undefined ? 404 : 200).end(page);
}).listen(0, function () { console.log(this.address().port); });
`;

describe('the url lookup', () => {
  let child: ChildProcess;
  let port: string;
  before(async () => {
    child = spawn(process.execPath, ['-e', server], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [first] = (await once(child.stdout!, 'data')) as [Buffer];
    port = first.toString().trim();
  });
  after(() => child.kill());

  /** What debug shows of an expression. */
  async function shown(expressions: string[]): Promise<{ msg: unknown; code: number; err: string }> {
    const msg = expressions.map((text) => `{{ ${text} }}`);
    const play = [
      { hosts: 'h1', gather_facts: false, vars: { u: `http://127.0.0.1:${port}` }, tasks: [{ debug: { msg } }] },
    ];
    const here = project({ 'p.yml': JSON.stringify(play), hosts: 'h1 ansible_connection=local\n' });
    try {
      const { out, code, err } = await command(['p.yml', '-i', 'hosts', '--reporter', 'json'], { cwd: here.path });
      const results = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string; result?: { values: { msg: unknown } } });
      return { msg: results.find(({ type }) => type === 'task:result')?.result?.values.msg, code, err };
    } finally {
      here.remove();
    }
  }

  it('gives lines and texts as ansible-core 2.19 does', async () => {
    const { msg } = await shown([
      "lookup('url', u ~ '/a')",
      "query('url', u ~ '/a', u ~ '/nonl')",
      "query('url', u ~ '/a', split_lines=false)",
      "query('url', u ~ '/crlf')",
      "query('url', u ~ '/empty')",
      "query('url', u ~ '/blank')",
      "lookup('url', u ~ '/tpl')",
      "lookup('url', u ~ '/redir')",
      "lookup('url', u ~ '/hdr', headers={'X-A': 'yes'})",
      "lookup('url', u ~ '/hdr', username='bob', password='hunter2', force_basic_auth=true)",
      "lookup('url', u ~ '/404', errors='ignore') is none",
    ]);
    expect(msg).to.deep.equal([
      'one,two',
      ['one', 'two', 'one', 'two'],
      ['one\ntwo\n'],
      ['a', 'b', ''],
      [],
      ['', '', 'x', ''],
      '{{ 7*7 }}',
      'one,two',
      'yes -',
      '- Basic Ym9iOmh1bnRlcjI=',
      true,
    ]);
  });

  it('gives no password to another host that it is sent to', async () => {
    const { msg } = await shown(["lookup('url', u ~ '/away', username='bob', password='hunter2')"]);
    expect(msg).to.deep.equal(['- -']);
  });

  it('says what the server answered', async () => {
    const { msg, code } = await shown(["lookup('url', u ~ '/404')"]);
    expect(code).to.equal(2);
    expect(msg).to.equal(`the lookup url: \`http://127.0.0.1:${port}/404\` answered 404`);
  });
});
