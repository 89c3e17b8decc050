/** The page of a run in a real Chromium. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { RunEvent, TaskInfo, TaskResult } from '../../engine/events.ts';
import { pageOf } from '../../engine/reporters/html.ts';
import { Collector } from '../../engine/reporters/page/collect.ts';

const CHROMIUM = '/usr/bin/chromium';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const HOSTILE = `<img src=x onerror="window.hit=1"><script>window.hit=1</script></script><script>window.hit=1</script>"'>\x1b[2J\u202e{{run}}javascript:window.hit=1`;

function runOf(hosts: number, tasks: number, words = ''): string {
  const collector = new Collector();
  const names = Array.from({ length: hosts }, (_, i) => `web${String(i).padStart(4, '0')}${words}`);
  const base = { time: 0 };
  const see = (event: RunEvent) => collector.see(event);
  see({
    ...base,
    type: 'run:start',
    playbook: `site.yaml${words}`,
    check: false,
    hosts,
    groups: { [`even${words}`]: names.filter((_, i) => i % 2 === 0) },
  });
  see({ ...base, type: 'play:start', name: `all${words}`, hosts: names });
  for (let t = 0; t < tasks; t++) {
    const task: TaskInfo = {
      id: `t${t}`,
      name: `Task ${t}${words}`,
      action: 'command',
      role: `role${t % 3}${words}`,
      path: `site.yaml:${t}${words}`,
      tags: [`tag${t % 2}${words}`],
    };
    see({ ...base, type: 'task:start', task, source: `- name: Task ${t}${words}` });
    names.forEach((host, h) => {
      const isBad = t === tasks - 2 && h % 10 === 3;
      const status = isBad ? 'failed' : (t + h) % 5 === 0 ? 'changed' : 'ok';
      const values = {
        stdout: `output ${t} ${words}`,
        stderr: words,
        changed: status === 'changed',
        rc: isBad ? 1 : 0,
        invocation: { module_args: { cmd: words } },
      };
      const result: TaskResult = {
        status,
        values,
        duration: 0.1,
        ...(isBad && { msg: `it broke ${words}`, explanation: `--> site.yaml:${t}${words}` }),
      };
      if (status === 'changed')
        result.diff = [{ before: `a\nb${words}\n`, after: 'a\nc\n', before_header: words, after_header: words }];
      if (t === 1) see({ ...base, type: 'task:item', task, host, item: `item${words}`, result });
      see({ ...base, time: t * 100 + 50, type: 'task:result', task, host, result });
    });
  }
  see({ ...base, type: 'message', level: 'warning', text: `careful${words}` });
  see({
    ...base,
    time: tasks * 100,
    type: 'run:end',
    recap: { hosts: {}, exitCode: 2, interrupted: false, duration: tasks / 10 },
  });
  return pageOf(collector.run);
}

describe('the page of a run, in Chromium', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'troupe-page-'));
  let browser: Browser;
  const url = (name: string) => `file://${join(folder, name)}`;

  before(async function () {
    if (!existsSync(CHROMIUM)) return this.skip();
    writeFileSync(join(folder, 'run.html'), runOf(40, 30));
    writeFileSync(join(folder, 'hostile.html'), runOf(5, 5, HOSTILE));
    writeFileSync(join(folder, 'large.html'), runOf(1000, 200));
    const args =
      '--no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage --disable-background-networking --disable-component-update --disable-sync';
    browser = await chromium.launch({ executablePath: CHROMIUM, args: args.split(' ') });
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function opened(
    name: string,
    hash = '',
    size = { width: 1400, height: 900 },
  ): Promise<{ page: Page; faults: string[] }> {
    const page = await browser.newPage({ viewport: size });
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('request', (request) => !request.url().startsWith('file:') && faults.push(`fetched ${request.url()}`));
    await page.goto(url(name) + hash);
    await page.waitForSelector('header h1');
    return { page, faults };
  }

  it('shows the outcome, the matrix with hosts in trouble first, and fetches nothing', async () => {
    const { page, faults } = await opened('run.html');
    expect(await page.textContent('.outcome')).to.equal('failed');
    expect(await page.textContent('[role=rowheader] button')).to.equal('web0003');
    expect(await page.locator('.cell.failed').count()).to.equal(4);
    expect(faults).to.deep.equal([]);
    await page.close();
  });

  it('filters by text, status, group and role, and a link shows the same', async () => {
    const { page } = await opened('run.html');
    await page.check('.filters .failed input');
    await page.fill('input[type=search]', 'web0013');
    expect(await page.locator('[role=rowheader]').allTextContents()).to.deep.equal(['web0013']);
    const hash = new URL(page.url()).hash;
    await page.close();
    const other = await opened('run.html', hash);
    expect(await other.page.locator('[role=rowheader]').allTextContents()).to.deep.equal(['web0013']);
    await other.page.click('text=Reset');
    await other.page.selectOption('select >> nth=0', 'even');
    expect(await other.page.textContent('.corner')).to.include('20 hosts');
    await other.page.close();
  });

  it('is used by the keyboard: arrows go through the cells, Enter opens, Escape closes', async () => {
    const { page } = await opened('run.html');
    await page.focus('.cell[tabindex="0"]');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-colindex') === '3');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside h2');
    expect(await page.textContent('aside'))
      .to.include('item')
      .and.include('output 1');
    await page.keyboard.press('Escape');
    await page.waitForSelector('aside', { state: 'detached' });
    await page.close();
  });

  it('explains failures first, with the items and the lines of the task', async () => {
    const { page } = await opened('run.html', '#view=failures');
    expect(await page.locator('.failure').count()).to.equal(1);
    expect(await page.textContent('.failure'))
      .to.include('it broke')
      .and.include('--> site.yaml:28')
      .and.include('web0013');
    await page.click('.failure h2 button');
    expect(await page.textContent('aside')).to.include('- name: Task 28');
    await page.close();
  });

  it('executes nothing of a hostile run, in any view (S-39)', async () => {
    for (const hash of [
      '',
      '#view=failures',
      '#view=timeline',
      '#view=tasks',
      '#view=hosts',
      '#result=6',
      '#task=3',
      '#host=3',
    ]) {
      const { page, faults } = await opened('hostile.html', hash);
      expect(await page.evaluate('window.hit'), hash).to.equal(undefined);
      expect(await page.locator('img').count()).to.equal(0);
      expect(faults, hash).to.deep.equal([]);
      await page.close();
    }
  });

  for (const [name, size] of Object.entries({
    wide: { width: 1400, height: 900 },
    tablet: { width: 820, height: 1100 },
    phone: { width: 390, height: 800 },
  }))
    for (const scheme of ['light', 'dark'] as const)
      it(`has no finding of axe, ${name}, ${scheme}`, async () => {
        for (const hash of ['', '#view=failures', '#view=timeline', '#view=tasks', '#view=hosts', '#result=85']) {
          const { page } = await opened('run.html', hash, size);
          await page.emulateMedia({ colorScheme: scheme });
          const found = await page.evaluate(
            `${axe}; axe.run().then((r) => r.violations.map((v) => v.id + ': ' + v.nodes[0].html))`,
          );
          expect(found, hash).to.deep.equal([]);
          const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth + 1');
          expect(wide, `${hash} is wider than the screen`).to.equal(false);
          await page.close();
        }
      });

  it('opens 1,000 hosts by 200 tasks with a few hundred elements', async () => {
    const began = Date.now();
    const { page, faults } = await opened('large.html');
    await page.waitForSelector('.cell');
    const took = Date.now() - began;
    expect(await page.textContent('.corner')).to.include('1000 hosts, 200 tasks');
    expect(await page.locator('*').count()).to.be.lessThan(6000);
    const worst = await page.evaluate(async () => {
      const box = document.querySelector('.matrix')!;
      let [slowest, last] = [0, performance.now()];
      for (let i = 0; i < 60; i++) {
        box.scrollTop += 300;
        box.scrollLeft += 50;
        await new Promise(requestAnimationFrame);
        slowest = Math.max(slowest, performance.now() - last);
        last = performance.now();
      }
      return slowest;
    });
    console.log(`      opened in ${took} ms; the slowest frame of 60 while scrolling ${Math.round(worst)} ms`);
    expect(faults).to.deep.equal([]);
    await page.close();
  });
});
