import { cryptMethods } from '../check/keywords.ts';
import { AuthorError, type Finding, mistake, UsageError } from '../errors.ts';
import type { Recap, RunEvent } from '../events.ts';
import type { HostOrder } from '../inventory/index.ts';
import { strategies } from '../playbook/load.ts';
import type { Play, Task } from '../playbook/nodes.ts';
import { evaluate, parseExpression, toText } from '../template/index.ts';
import {
  type Dict,
  isDict,
  isList,
  type Json,
  type Place,
  placeOfValue,
  Template,
  toPlain,
  type Value,
} from '../values.ts';
import { Broadcast } from './broadcast.ts';
import type { RunOptions } from './options.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { Session } from './session.ts';
import { asBoolean } from './task/conditions.ts';
import { type PlayView, scopeFor } from './view/scopes.ts';
import { batches, PlayRun, varsFilesOf } from './walk/play.ts';
import { Interrupted } from './walk/signals.ts';

/** A run under way: its events, for as many readers as like, and its end. */
export interface Run extends AsyncIterable<RunEvent> {
  readonly recap: Promise<Recap>;
}

/** Runs a playbook. Mistakes found before a host is touched reject `recap` and the iteration with an AuthorError. */
export function runPlaybook(options: RunOptions): Run {
  const events = new Broadcast<RunEvent>();
  const recap = carryOut(options, events);
  recap.then(
    () => events.end(),
    (error: unknown) => events.end(error),
  );
  // Whoever only iterates must not be met by an unhandled rejection: the iteration throws the same error.
  recap.catch(() => {});
  return { recap, [Symbol.asyncIterator]: () => events[Symbol.asyncIterator]() };
}

async function carryOut(options: RunOptions, events: Broadcast<RunEvent>): Promise<Recap> {
  const prepared = await prepare(options, events);
  const { session } = prepared;
  try {
    const errors = prepared.findings.filter((f) => !f.warning);
    if (errors.length > 0) throw new AuthorError(prepared.findings);
    requireHosts(session);
    for (const finding of prepared.findings) session.warn(warningText(finding));
    await playAll(prepared);
    session.keepFacts();
    return ended(session, session.signal.aborted);
  } catch (error) {
    if (error instanceof Interrupted) return ended(session, true);
    // A mistake that only the run could show: how far each host came is told all the same.
    if (session.seen.size > 0) ended(session, false);
    throw error;
  } finally {
    session.pool.close();
  }
}

/** As ansible-playbook: a limit that no host of the inventory meets is a mistake of the command line. */
function requireHosts(session: Session): void {
  const { inventory, limit } = session;
  if (
    limit === undefined ||
    inventory.select('all', limit).length > 0 ||
    inventory.select('localhost', limit).length > 0
  )
    return;
  const [warning] = inventory.warnings.splice(0);
  throw new UsageError(`\`--limit ${session.options.limit}\` leaves no host of the inventory`, warning?.help);
}

function ended(session: Session, interrupted: boolean): Recap {
  const recap = recapOf(session, interrupted);
  session.emit({ type: 'run:end', recap });
  return recap;
}

function warningText(finding: Finding): string {
  const place = finding.place?.source.position(finding.place.offset);
  const where = finding.place && place ? ` (${finding.place.source.file}:${place.line}:${place.column})` : '';
  return `${finding.message}${where}${finding.help ? `; ${finding.help}` : ''}`;
}

async function playAll({ session, playbooks }: Prepared): Promise<void> {
  const starting = { reached: false };
  for (const { file, plays } of playbooks) {
    session.emit({
      type: 'run:start',
      playbook: file,
      check: session.options.check ?? false,
      hosts: session.inventory.hosts.size,
    });
    for (const play of plays) {
      const goesOn = await runPlay(session, play, starting);
      if (!goesOn) return;
    }
  }
}

/** The hosts of a play's pattern that are still in the run. */
export function hostsOf(session: Session, play: Play): string[] {
  return matchedHosts(session, play).filter((name) => !isLost(session, name));
}

const isLost = (session: Session, name: string): boolean => session.host(name).failed || session.host(name).unreachable;

/** All hosts of a play's pattern, those that have failed too; in the play's order, or as the inventory has them. */
function matchedHosts(session: Session, play: Play, ordered = true): string[] {
  const written = play.own.get('hosts');
  const pattern = written instanceof Template ? renderPlayValue(session, play, written) : written;
  const patterns = patternsOf(pattern, placeOfValue(play.own, 'hosts'));
  // No pattern at all means every host to the inventory.
  if (patterns.length === 0) return [];
  const order = ordered ? play.own.get('order') : undefined;
  const options = order === undefined || order === null ? {} : { order: String(order) as HostOrder };
  return session.inventory.select(patterns, session.limit, options).map((host) => host.name);
}

/** The patterns of `hosts`; an empty one would run the play somewhere that nobody named. */
function patternsOf(hosts: Value | undefined, place: Place | undefined): string[] {
  return (isList(hosts as Value) ? (hosts as Value[]) : [hosts ?? null]).map((pattern) => {
    if (pattern !== null && String(pattern).trim() !== '') return String(pattern);
    throw mistake('`hosts` is empty', place, 'name a group or host of the inventory, or `all`, or `localhost`');
  });
}

function renderPlayValue(session: Session, play: Play, value: Value): Value {
  const view = viewOf(session, play, [], [], new Map());
  return scopeFor(session, view, play, session.host('localhost')).resolve(value);
}

function viewOf(session: Session, play: Play, all: string[], batch: readonly string[], promptVars: Dict): PlayView {
  const files = new Map<string, Dict[]>();
  const view: PlayView = {
    play,
    name: play.name,
    allHosts: all,
    batch,
    promptVars,
    liveHosts: () => batch.filter((name) => session.host(name).active),
    varsFiles: (host) => {
      let found = files.get(host);
      if (!found) {
        files.set(host, []);
        found = varsFilesOf(session, view, session.host(host));
        files.set(host, found);
      }
      return found;
    },
  };
  return view;
}

/** Runs one play; false if the run ends with it. */
async function runPlay(session: Session, play: Play, starting: { reached: boolean }): Promise<boolean> {
  const all = matchedHosts(session, play);
  const shown = shownPlayName(session, play);
  session.warnOfInventory();
  if (all.length === 0) {
    session.emit({ type: 'play:no-hosts', name: shown, pattern: String(toPlain(play.own.get('hosts') ?? '')) });
    return true;
  }
  const promptVars = await promptsOf(session, play);
  const written = play.own.get('serial');
  const serial = written === undefined ? undefined : renderPlayValue(session, play, written);
  const groups = batches(
    all,
    isList(serial as Value) ? (serial as Value[]).map((v) => renderPlayValue(session, play, v)) : serial,
  );
  const strategy = String(toPlain(play.own.get('strategy') ?? session.options.strategy ?? 'linear')).replace(
    'ansible.builtin.',
    '',
  );
  if (!strategies.includes(strategy)) throw mistake(`there is no strategy \`${strategy}\``, play.place);
  const reporter = reporterOf(session, play);
  const gatherTask = gathers(session, play) ? factTask(session, play) : undefined;
  for (const [i, hosts] of groups.entries()) {
    session.emit({
      type: 'play:start',
      name: shown,
      hosts: hosts.filter((name) => !isLost(session, name)),
      ...(groups.length > 1 ? { serial: { batch: i + 1, of: groups.length } } : {}),
      ...(reporter ? { reporter } : {}),
    });
    const view = { ...viewOf(session, play, matchedHosts(session, play, false), hosts, promptVars), name: shown };
    const before = hosts.filter((name) => isLost(session, name)).length;
    const run = new PlayRun(session, play, view, strategy, gatherTask, starting);
    await run.walkAll();
    if (session.signal.aborted) throw new Interrupted();
    // Hosts that had failed in an earlier play count for the batch, and not among those that fail now.
    if (hosts.filter((name) => isLost(session, name)).length - before === hosts.length) return false;
    if (run.playEnded) break;
    if (run.stopped) return false;
  }
  return true;
}

function shownPlayName(session: Session, play: Play): string {
  const name = play.own.get('name');
  if (name instanceof Template) {
    try {
      return String(renderPlayValue(session, play, name));
    } catch {
      return name.text;
    }
  }
  if (name !== undefined && name !== null) return String(name);
  const written = play.own.get('hosts');
  // A template's value is shown as Python prints it, a list of several patterns as it would be written in one.
  if (written instanceof Template) return toText(renderPlayValue(session, play, written));
  return isList(written as Value)
    ? (written as Value[]).map((h) => String(toPlain(h))).join(',')
    : String(toPlain(written ?? ''));
}

/** A playbook whose output is meant for programs says so by a variable of its play. */
function reporterOf(session: Session, play: Play): string | undefined {
  const vars = play.own.get('vars');
  if (!isDict(vars as Value) || !(vars as Dict).has('troupe_reporter')) return undefined;
  return String(toPlain(renderPlayValue(session, play, (vars as Dict).get('troupe_reporter')!)) ?? '') || undefined;
}

function gathers(session: Session, play: Play): boolean {
  const written = play.own.get('gather_facts');
  if (written === undefined || written === null) return session.options.gathering !== 'explicit';
  return asBoolean(written instanceof Template ? renderPlayValue(session, play, written) : written);
}

/** The task that a play with gather_facts begins with. */
function factTask(session: Session, play: Play): Task {
  const args: Dict = new Map();
  for (const keyword of ['gather_subset', 'gather_timeout', 'fact_path']) {
    const value = play.own.get(keyword);
    if (value !== undefined && value !== null) args.set(keyword, value);
  }
  return {
    kind: 'task',
    id: session.loader.id(),
    file: play.file,
    own: new Map<Value, Value>([
      ['name', 'Gathering Facts'],
      ['tags', ['always']],
    ]),
    parent: play,
    place: play.place,
    role: undefined,
    action: 'ansible.builtin.setup',
    args,
    actionPlace: play.place,
    loop: undefined,
    handler: false,
    listen: [],
    directory: play.directory,
  };
}

/** An answer as its `encrypt` wants it kept: as a hash for a file of passwords. */
function encrypted(session: Session, play: Play, entry: Dict, answer: string): Value {
  const method = entry.get('encrypt');
  if (method === undefined || method === null) return answer;
  const scope = scopeFor(session, viewOf(session, play, [], [], new Map()), play, session.host('localhost'));
  const salt = entry.get('salt') ?? null;
  const given: Dict = new Map<Value, Value>([
    ['answer', answer],
    ['method', cryptMethods[String(method)]!],
    ['salt', salt],
    ['size', entry.get('salt_size') ?? 8],
  ]);
  const expression =
    salt === null ? 'answer | password_hash(method, salt_size=size)' : 'answer | password_hash(method, salt)';
  const inner = scope.with(given);
  return inner.resolve(evaluate(parseExpression(expression), inner, inner.options));
}

/** Answers to vars_prompt. */
async function promptsOf(session: Session, play: Play): Promise<Dict> {
  const answers: Dict = new Map();
  const list = play.own.get('vars_prompt');
  if (!isList(list)) return answers;
  for (const [i, item] of list.entries()) {
    if (!(item instanceof Map)) continue;
    if (typeof item.get('name') !== 'string')
      throw mistake(
        'an entry of `vars_prompt` needs the name of its variable',
        placeOfValue(list, i),
        'add `name: ...`',
      );
    const name = String(item.get('name'));
    if (session.extraVars.has(name)) continue;
    const fallback = item.get('default');
    const standard =
      fallback === undefined || fallback === null ? undefined : toText(renderPlayValue(session, play, fallback));
    const keep = (answer: string) => void answers.set(name, encrypted(session, play, item, answer));
    const secret = item.get('private') === undefined ? true : asBoolean(item.get('private'));
    if (!session.options.ask) {
      if (standard === undefined)
        throw mistake(
          `the play asks for \`${name}\`, and nobody is there to answer`,
          undefined,
          `give it with -e ${name}=...`,
        );
      keep(standard);
      continue;
    }
    const text = String(toPlain(item.get('prompt') ?? name)) + (standard !== undefined ? ` [${standard}]` : '') + ': ';
    const answer = await session.options.ask({
      text,
      secret,
      confirm: asBoolean(item.get('confirm')),
      ...(standard === undefined ? {} : { default: standard }),
    });
    if (secret) session.redactor.add(answer);
    keep(answer === '' && standard !== undefined ? standard : answer);
  }
  return answers;
}

/** Counts of all hosts that took part, and the exit code that follows from them. */
export function recapOf(session: Session, interrupted: boolean): Recap {
  const hosts: Recap['hosts'] = {};
  const reached: { [host: string]: string } = {};
  let failed = false;
  let unreachable = false;
  const came = interrupted ? [...session.hosts.keys()].filter((name) => session.host(name).reached !== '') : [];
  for (const name of new Set([...session.seen, ...came])) {
    const state = session.host(name);
    hosts[name] = { ...state.recap };
    reached[name] = state.reached;
    failed ||= state.failed;
    unreachable ||= state.unreachable;
  }
  const recap: Recap = {
    hosts,
    exitCode: interrupted ? 130 : unreachable ? 4 : failed ? 2 : 0,
    interrupted,
    duration: (Date.now() - session.startTime) / 1000,
  };
  if (interrupted) recap.reached = reached;
  if (session.stats.size > 0) recap.stats = toPlain(session.stats) as { [key: string]: Json };
  return recap;
}
