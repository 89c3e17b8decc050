import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import githubReporter from '../../engine/reporters/github.ts';
import { reporters } from '../../engine/reporters/index.ts';
import jsonReporter from '../../engine/reporters/json.ts';
import junitReporter from '../../engine/reporters/junit.ts';
import minimalReporter from '../../engine/reporters/minimal.ts';
import onelineReporter from '../../engine/reporters/oneline.ts';
import outputReporter from '../../engine/reporters/output.ts';
import quietReporter from '../../engine/reporters/quiet.ts';
import { failTask, recorded, replay, result, task } from './recorded.ts';

const done = (values: Parameters<typeof result>[1], status: Parameters<typeof result>[0] = 'ok', more = {}) => ({
  type: 'task:result' as const,
  time: 0,
  task: failTask,
  host: 'h',
  result: result(status, values, more),
});

describe('reporters', () => {
  it('of every name load and replay a recorded run', async () => {
    for (const [name, { load }] of Object.entries(reporters)) {
      const { text, errors } = await replay((await load()).default, recorded);
      expect(text + errors, name).to.not.equal('');
    }
  });
});

describe('reporter json', () => {
  it('writes each event as a line that reads back as the same event', async () => {
    const { text } = await replay(jsonReporter, recorded);
    const lines = text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).to.deep.equal(recorded);
  });
});

describe('reporter quiet', () => {
  it('shows failures that count, and the recap', async () => {
    const { text, errors } = await replay(quietReporter, recorded);
    expect(text.split('\n')[0]).to.equal('[n1] Start (site.yml:7): non-zero return code');
    expect(text).to.include('\n    rc: 2\n');
    expect(text).not.to.include('connection refused');
    expect(text).to.include(
      'n1 : ok=2    changed=2    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0   \n',
    );
    expect(errors).to.equal('[WARNING]: something is odd\n');
  });
});

describe('reporter output', () => {
  it('shows what debug says, bare, and failures beside it', async () => {
    const debug = (values: Parameters<typeof result>[1]) => ({
      ...done(values),
      task: task('1', 'Say', 'debug', { shows: 'values' }),
    });
    const { text, errors } = await replay(outputReporter, [
      done({ rc: 0, stdout: 'one' }, 'changed'),
      debug({ msg: 'plain text \x1b[31m' }),
      debug({ state: { b: [1, 'x\u009b'], a: null } }),
      done({}, 'failed', { msg: 'it is not healthy' }),
    ]);
    const [first, ...rest] = text.split('\n');
    expect(first)
      .to.match(/^plain text /)
      .and.not.to.contain('\x1b');
    expect(rest.join('\n')).not.to.match(/[\u0080-\u009f]/);
    expect(JSON.parse(rest.join('\n'))).to.deep.equal({ a: null, b: [1, 'x\u009b'] });
    expect(errors).to.equal('failed: [h] it is not healthy\n');
  });
});

describe('reporter minimal', () => {
  it('shows a command as its output, anything else as JSON', async () => {
    const { text } = await replay(minimalReporter, [
      done({ rc: 0, stdout: 'one\ntwo', stderr: '' }, 'changed'),
      done({ ping: 'pong' }),
      done({ rc: 2, stdout: '', stderr: 'bad' }, 'failed', { msg: 'non-zero return code' }),
      done({}, 'unreachable', { msg: 'no route', explanation: 'is it on?' }),
    ]);
    expect(text).to.equal(
      [
        'h | CHANGED | rc=0 >>',
        'one',
        'two',
        'h | SUCCESS => {',
        '    "changed": false,',
        '    "ping": "pong"',
        '}',
        'h | FAILED | rc=2 >>',
        'bad',
        'non-zero return code',
        'h | UNREACHABLE! => {',
        '    "changed": false,',
        '    "msg": "no route"',
        '}',
        'is it on?',
        '',
      ].join('\n'),
    );
  });
});

describe('reporter oneline', () => {
  it('shows one line a host', async () => {
    const { text } = await replay(onelineReporter, [
      done({ rc: 0, stdout: 'one\ntwo', stderr: 'x' }, 'changed'),
      done({ ping: 'pong' }),
    ]);
    expect(text).to.equal(
      'h | CHANGED | rc=0 | (stdout) one\\ntwo | (stderr) x\nh | SUCCESS => {"changed": false, "ping": "pong"}\n',
    );
  });
});

describe('reporter github', () => {
  it('annotates failures at their line, with reserved characters escaped', async () => {
    const odd = task('9', 'a, b: 100%');
    const { text } = await replay(githubReporter, [
      {
        type: 'task:result',
        time: 0,
        task: odd,
        host: 'h',
        result: result('failed', { rc: 1 }, { msg: '50% of\nit' }),
      },
      done({}, 'failed', { msg: 'known', ignored: true }),
      done({}, 'ok'),
    ]);
    expect(text.trimEnd().split('\n')).to.deep.equal([
      '::error file=site.yml,line=9,title=a%2C b%3A 100%25::h: 50%25 of%0A    it%0A    rc: 1',
      '::warning file=site.yml,line=7,title=Start::h: known',
    ]);
  });
});

describe('reporter junit', () => {
  it('is XML that a parser reads, with the counts of the cases', async () => {
    const hostile = done({ stderr: 'a <b> & "c"\u0000\u0008 ]]> \ud800' }, 'failed', { msg: 'x < y & "z"' });
    const { text } = await replay(junitReporter, [...recorded.slice(0, -1), hostile]);
    const read = `
import sys, json, xml.etree.ElementTree as E
root = E.fromstring(sys.stdin.buffer.read())
suite = root[0]
print(json.dumps({"root": root.attrib, "suite": suite.attrib, "names": [c.get("name") for c in suite],
  "kinds": [[k.tag for k in c] for c in suite], "message": suite[-1][0].get("message"), "text": suite[-1][0].text}))`;
    const seen = JSON.parse(execFileSync('python3', ['-c', read], { input: text, encoding: 'utf8' })) as {
      root: Record<string, string>;
      suite: Record<string, string>;
      names: string[];
      kinds: string[][];
      message: string;
      text: string;
    };
    expect(seen.root).to.deep.equal({ tests: '7', failures: '2', errors: '0', skipped: '1', time: '1.750' });
    expect(seen.suite['name']).to.equal('etcd');
    expect(seen.suite['timestamp']).to.equal('2026-01-02T03:04:05');
    expect(seen.names[0]).to.equal('[n1] etcd : Install');
    expect(seen.kinds).to.deep.equal([[], [], [], ['skipped'], ['failure'], [], ['failure']]);
    expect(seen.message).to.equal('x < y & "z"');
    expect(seen.text).to.include('a <b> & "c"\\x00\\x08 ]]> \ufffd');
  });
});
