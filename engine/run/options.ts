/** What a caller may ask of a run. */
import type { Ask } from '../modules/define.ts';
import type { Dict } from '../values.ts';

/** What a run is to do; only `playbook` is needed. Relative paths start from `cwd`. */
export interface RunOptions {
  /** Playbook files, in order. */
  playbook: string | readonly string[];
  /** Playbooks that are in no file (`run module`): their text by absolute path. */
  texts?: ReadonlyMap<string, string>;
  /** Inventory files, folders or host lists. */
  inventory?: string | readonly string[];
  /** The inventory is the settings' choice: what of it cannot be read is only a warning. */
  inventoryOfSettings?: boolean;
  /** Folder that relative paths start from; the process's by default. */
  cwd?: string;
  /** The ansible.cfg that was read. */
  settingsFile?: string;
  /** `-e`: strongest variables; a text is data, a Map from parseYaml may hold templates of an `@file`. */
  extraVars?: Dict | Record<string, unknown>;
  /** `--limit`: only hosts that this pattern matches too. */
  limit?: string;
  /** Only tasks with one of these tags. */
  tags?: readonly string[];
  /** No tasks with one of these tags. */
  skipTags?: readonly string[];
  /** Check mode: predict what would change, and change nothing. */
  check?: boolean;
  /** Results carry what changes inside files. */
  diff?: boolean;
  /** Hosts that work at the same time (50). */
  forks?: number;
  /** Becoming another user: for hosts and tasks that do not say it themselves. */
  become?: { enabled?: boolean; user?: string; method?: string; flags?: string; exe?: string; password?: string };
  /** Log in as this user, where the inventory names none. */
  user?: string;
  /** The login password. */
  password?: string;
  /** Private key to log in with. */
  privateKeyFile?: string;
  /** How hosts are reached unless the inventory says it: `ssh` (the default), `openssh` or `local`. */
  connection?: string;
  /** Port of hosts that name none. */
  port?: number;
  /** Seconds to wait for a connection (10). */
  timeout?: number;
  /** Options as for the program ssh, in one string: `-o ProxyJump=bastion`. */
  sshCommonArgs?: string;
  /** Number of `-v`: what modules and `ansible_verbosity` see. */
  verbosity?: number;
  /** Begin at the task with this name, or the first whose name this glob matches. */
  startAtTask?: string;
  /** Ask before each task; needs `ask`. */
  step?: boolean;
  /** Run notified handlers even on hosts on which a task failed. */
  forceHandlers?: boolean;
  /** Forget the facts kept from earlier runs. */
  flushCache?: boolean;
  /** Folder in which facts are kept between runs, and for how many seconds (86400; 0: for ever). */
  factCache?: { folder: string; timeout?: number; prefix?: string };
  /** Gather facts unless a play says otherwise (`implicit`, the default), or only if it says so (`explicit`). */
  gathering?: 'implicit' | 'explicit' | 'smart';
  /** `any_errors_fatal` of every play that does not set it itself. */
  anyErrorsFatal?: boolean;
  /** `no_log` of every play that does not set it itself. */
  noLog?: boolean;
  /** Seconds that a task may take; 0: as long as it likes. */
  taskTimeout?: number;
  /** MiB of output that a task may bring from a host before it is ended (64). */
  outputLimit?: number;
  /** Seconds between looks at a task with `async` (15). */
  poll?: number;
  /** Folders of modules besides `library/` beside the playbook and in roles. */
  libraries?: readonly string[];
  /** Folders of roles besides those beside the playbook. */
  rolesPath?: readonly string[];
  /** Whether variables of roles are not seen by the rest of the play; without it only those of included roles are not. */
  privateRoleVars?: boolean;
  /** Folders in which collections are installed, besides `collections/` beside the playbook. */
  collectionsPath?: readonly string[];
  /** What a key that stands twice in a mapping is; the last one counts (a warning). */
  duplicateKeys?: 'warn' | 'error' | 'ignore';
  /** What a pattern of hosts is that matches nothing (a warning). */
  hostPatternMismatch?: 'warning' | 'error' | 'ignore' | undefined;
  /** What becomes of a dictionary that is defined twice: the stronger one (the default), or both merged. */
  hashBehaviour?: 'replace' | 'merge';
  /** Vault passwords, each tried in turn; the one whose id a file names comes first. */
  vault?: readonly VaultSecretOption[];
  /** Further texts to redact in everything that is reported. */
  secrets?: readonly string[];
  /** How SSH connections are made. */
  ssh?: {
    /** ~/.ssh/config if not given; false: none. */
    configFile?: string | false;
    /** Hosts that are not in known_hosts: refused (the default), or their keys taken and remembered; `off` takes any and remembers none. */
    hostKeyChecking?: 'strict' | 'accept-new' | 'off';
    /** Socket of the agent. */
    agent?: string;
    /** Folder with `.ssh/`, in place of the user's home. */
    home?: string;
    /** How often a connection that fails is tried again (0). */
    retries?: number;
  };
  /** The controller's environment, for `lookup('env')`, pipes and local shells. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Live output of commands as task:output events. */
  liveOutput?: boolean;
  /** Aborting it ends the run cleanly: what is under way is ended, the recap says how far each host came. */
  signal?: AbortSignal;
  /** Asks the person at the terminal: vars_prompt, pause, passphrases. */
  ask?: Ask;
  /** Shows the task debugger's prompt and takes a line; undefined at the end of the input. Without it nothing stops. */
  debug?: (prompt: string) => Promise<string | undefined>;
  /** The debugger stops at every failure, as with `strategy: debug`. */
  taskDebugger?: boolean;
  /** Keep a record of the run: a directory of its own below `folder`, of which the newest 100 are kept. */
  record?: RecordOptions;
  /** Plan the run: check mode with diffs, in which what only a real run can know stays unknown. */
  plan?: PlanOptions;
  /** Go on with an earlier run: what its record says is done is not done again. */
  resume?: ResumeOptions;
  /** Strategy of plays that name none. */
  strategy?: string;
}

/** What becomes of a plan. */
export interface PlanOptions {
  /** The file that it is written to, and the words of the command line that it is of. */
  write?: { file: string; words: readonly string[] };
  /** A file of a plan to compare this one with: hosts for which it is another one are in `drifted` of the recap. */
  compare?: string;
}

/** The run to go on with. */
export interface ResumeOptions {
  /** The directory of its record. */
  folder: string;
  /** Even if tasks that are done have changed since: they are run again. */
  anyway?: boolean;
  /** Run again what had begun and may not be repeated unasked: commands. */
  rerunUncertain?: boolean;
}

/** Where a record is kept, and what it says of who called. */
export interface RecordOptions {
  folder: string;
  /** The newest so many are kept (100). */
  keep?: number;
  /** The command line's words. */
  words?: readonly string[];
  /** Who runs it: the user of this process if not given. */
  by?: string;
  /** Of the program. */
  version?: string;
}

/** One vault password. */
export interface VaultSecretOption {
  /** `default` if it has no other. */
  id: string;
  password: string;
}
