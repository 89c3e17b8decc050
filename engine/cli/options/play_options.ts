/** The options of `run PLAYBOOK`: ansible-playbook's, under the same letters. */
import type { Option } from './option_table.ts';

const RUN = 'What to run, and where';
const CONNECT = 'How to connect';
const BECOME = 'Becoming another user';
const VAULT = 'Secrets';
const LOOK = 'Looking without running';
const SHOW = 'What is shown';

/** Options that say which hosts and how they are reached, common to playbooks and `run module`. */
export const hostOptions: readonly Option[] = [
  {
    name: 'inventory',
    short: 'i',
    also: ['inventory-file'],
    value: 'FILE|HOSTS,',
    repeat: 'list',
    group: RUN,
    doc: 'inventory file, folder or program, or hosts with a comma (`-i db1,db2` or `-i db1,`); may be given several times',
  },
  {
    name: 'limit',
    short: 'l',
    value: 'PATTERN',
    group: RUN,
    doc: 'only hosts that this pattern means too; `@FILE` reads it from a file',
  },
  {
    name: 'extra-vars',
    short: 'e',
    value: 'VARS',
    repeat: 'list',
    group: RUN,
    doc: 'variables that win over all others: `name=value ...`, JSON or YAML, or `@FILE`',
  },
  { name: 'check', short: 'C', group: RUN, doc: 'predict what would change, and change nothing' },
  { name: 'diff', short: 'D', group: RUN, doc: 'show what changes inside files' },
  { name: 'forks', short: 'f', value: 'N', group: RUN, doc: 'how many hosts work at the same time (50)' },
  { name: 'user', short: 'u', value: 'NAME', group: CONNECT, doc: 'log in as this user' },
  { name: 'private-key', also: ['key-file'], value: 'FILE', group: CONNECT, doc: 'private key to log in with' },
  { name: 'ask-pass', short: 'k', group: CONNECT, doc: 'ask for the login password' },
  {
    name: 'connection-password-file',
    also: ['conn-pass-file'],
    value: 'FILE',
    group: CONNECT,
    doc: 'file, or program, that holds the login password',
  },
  {
    name: 'connection',
    short: 'c',
    value: 'ssh|local',
    group: CONNECT,
    doc: 'how hosts are reached unless the inventory says it',
  },
  { name: 'timeout', short: 'T', value: 'SECONDS', group: CONNECT, doc: 'how long a connection may take to open (10)' },
  {
    name: 'ssh-common-args',
    also: ['ssh-extra-args'],
    value: 'ARGS',
    group: CONNECT,
    doc: 'options as for ssh: `-o ProxyJump=bastion`',
  },
  { name: 'ssh-config', value: 'FILE', group: CONNECT, doc: 'read this file in place of ~/.ssh/config' },
  {
    name: 'accept-new',
    group: CONNECT,
    doc: 'trust hosts that are not in known_hosts and remember their keys; a changed key is refused even so',
  },
  { name: 'become', short: 'b', group: BECOME, doc: 'run tasks as another user' },
  { name: 'become-user', value: 'NAME', group: BECOME, doc: 'that user (root)' },
  { name: 'become-method', value: 'sudo|su|doas', group: BECOME, doc: 'the program that does it (sudo)' },
  { name: 'ask-become-pass', short: 'K', group: BECOME, doc: 'ask for the password that it needs' },
  {
    name: 'become-password-file',
    also: ['become-pass-file'],
    value: 'FILE',
    group: BECOME,
    doc: 'file, or program, that holds this password',
  },
  {
    name: 'vault-id',
    value: 'ID@SOURCE',
    repeat: 'list',
    group: VAULT,
    doc: 'vault password: `ID@prompt`, `ID@FILE`; may be given several times',
  },
  { name: 'ask-vault-pass', short: 'J', also: ['ask-vault-password'], group: VAULT, doc: 'ask for the vault password' },
  {
    name: 'vault-password-file',
    also: ['vault-pass-file'],
    value: 'FILE',
    repeat: 'list',
    group: VAULT,
    doc: 'file, or program, that holds the vault password',
  },
];

/** What every command takes, and those that show nothing more take for naught: scripts written for Ansible give it to all of them. */
export const verboseOption: Option = {
  name: 'verbose',
  short: 'v',
  repeat: 'count',
  group: SHOW,
  doc: 'show more: results (-v), places (-vv), whole results (-vvv), connections (-vvvv)',
};

const general: readonly Option[] = [
  verboseOption,
  { name: 'no-color', group: SHOW, doc: 'no colours; so does the variable NO_COLOR' },
  { name: 'version', group: SHOW, doc: 'show the version' },
  { name: 'help', short: 'h', group: SHOW, doc: 'show this help' },
];

const modulePath: Option = {
  name: 'module-path',
  short: 'M',
  value: 'DIR',
  group: RUN,
  doc: '',
  refused: 'put modules in a folder `library/` beside the playbook or in the role',
};

/** Why there is no --playbook-dir. */
export const HERE = 'the folder that you stand in is taken for it: its group_vars/, host_vars/ and library/ are read';

export const playOptions: readonly Option[] = [
  ...hostOptions,
  {
    name: 'tags',
    short: 't',
    value: 'TAGS',
    repeat: 'list',
    group: RUN,
    doc: 'only tasks with one of these tags, comma-separated',
  },
  { name: 'skip-tags', value: 'TAGS', repeat: 'list', group: RUN, doc: 'no tasks with one of these tags' },
  { name: 'start-at-task', value: 'NAME', group: RUN, doc: 'begin at the task with this name' },
  { name: 'step', group: RUN, doc: 'ask before each task' },
  { name: 'force-handlers', group: RUN, doc: 'run notified handlers even if a task fails' },
  {
    name: 'flush-cache',
    group: RUN,
    doc: 'forget the facts kept from earlier runs',
  },
  {
    name: 'resume',
    group: RUN,
    doc: 'go on with the last run that did not end well, or with the one whose RUN-ID is given, where it stopped',
  },
  {
    name: 'resume-anyway',
    group: RUN,
    doc: 'with --resume: even if tasks that are done have changed; they are run again',
  },
  {
    name: 'rerun-uncertain',
    group: RUN,
    doc: 'with --resume: run commands again that had begun when the run ended, and may have done their work',
  },
  { name: 'syntax-check', group: LOOK, doc: 'check the playbook, its roles and files, and stop' },
  { name: 'list-hosts', group: LOOK, doc: 'list the hosts of each play' },
  { name: 'list-tasks', group: LOOK, doc: 'list the tasks that would run' },
  { name: 'list-tags', group: LOOK, doc: 'list all tags' },
  {
    name: 'reporter',
    value: 'NAME[=FILE]',
    repeat: 'list',
    group: SHOW,
    doc: 'default, quiet, output, json, minimal, oneline, junit, html, github, or ./FILE.js of your own; with =FILE it is written there; may be given several times',
  },
  { name: 'live', also: ['output'], group: SHOW, doc: 'show the output of commands while they run' },
  { name: 'no-record', group: SHOW, doc: 'keep no record of this run (`run history` lists those that are kept)' },
  ...general,
  modulePath,
  {
    name: 'sftp-extra-args',
    value: 'ARGS',
    group: CONNECT,
    doc: '',
    refused: 'files travel over the ssh connection itself: no sftp program runs',
  },
  {
    name: 'scp-extra-args',
    value: 'ARGS',
    group: CONNECT,
    doc: '',
    refused: 'files travel over the ssh connection itself: no scp program runs',
  },
];

/** `run module`: ad hoc, without a playbook. */
export const moduleOptions: readonly Option[] = [
  { name: 'module-name', short: 'm', value: 'NAME', group: RUN, doc: 'the module (command)' },
  {
    name: 'args',
    short: 'a',
    value: 'ARGS',
    group: RUN,
    doc: 'its arguments: `name=value ...`, JSON, or the free text of command and shell',
  },
  ...hostOptions,
  {
    name: 'background',
    short: 'B',
    value: 'SECONDS',
    group: RUN,
    doc: 'let it run in the background, so long at most',
  },
  { name: 'poll', short: 'P', value: 'SECONDS', group: RUN, doc: 'with -B: how often to look (15); 0: do not wait' },
  { name: 'task-timeout', value: 'SECONDS', group: RUN, doc: 'how long the module may take' },
  { name: 'list-hosts', group: LOOK, doc: 'list the hosts that the pattern means' },
  { name: 'one-line', short: 'o', group: SHOW, doc: 'one line for each host' },
  {
    name: 'reporter',
    value: 'NAME[=FILE]',
    repeat: 'list',
    group: SHOW,
    doc: 'another reporter, as for playbooks',
  },
  { name: 'live', also: ['output'], group: SHOW, doc: 'show the output of commands while they run' },
  ...general,
  modulePath,
  {
    name: 'tree',
    short: 't',
    value: 'DIR',
    group: SHOW,
    doc: '',
    refused: 'write the results with `--reporter json=FILE`',
  },
  { name: 'playbook-dir', value: 'DIR', group: RUN, doc: '', refused: HERE },
];
