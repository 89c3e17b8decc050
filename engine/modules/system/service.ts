import type { Dict } from '../../values.ts';
import { bool, int, requiredBy, str } from '../args.ts';
import { changed, defineModule, type ModuleEnv, shell } from '../define.ts';
import { convertArgs, mainName } from '../parts/arguments.ts';
import { refusalOf } from '../parts/refusal.ts';
import { systemdOnly, unitArgs, unitRules, unitVariables } from '../parts/unit-args.ts';
import { tristate, unitValues } from '../parts/unit-result.ts';

export default defineModule({
  name: 'service',
  doc: `Controls a service under whichever init the host runs: systemd, OpenRC or SysV scripts.

What only systemd knows is handed on to it; another init refuses it.`,
  reference: 'ansible.builtin.service',
  args: {
    name: str({ doc: 'The service.', aliases: ['service', 'unit'] }),
    state: str({
      doc: '`started` and `stopped` do nothing where that is so already; `restarted` and `reloaded` always act.',
      choices: ['reloaded', 'restarted', 'started', 'stopped'],
    }),
    sleep: int({ doc: 'Seconds between stop and start of a restart (SysV scripts).' }),
    pattern: str({ doc: 'Text in the process list that shows that it runs, where its script has no status.' }),
    enabled: bool({ doc: 'Whether it starts at boot.' }),
    runlevel: str({ doc: 'OpenRC: the runlevel.', default: 'default' }),
    arguments: str({ doc: 'Further arguments of an init script.', default: '', aliases: ['args'] }),
    use: str({ doc: 'The service manager; found out by itself if not given.', default: 'auto' }),
    ...systemdOnly,
  },
  rules: [requiredBy('state', ['name']), requiredBy('enabled', ['name'])],
  check: 'full',
  returns: { status: { type: 'dict', doc: 'systemd: properties of the unit before any change.' } },
  examples: `- service:
    name: nginx
    state: started
    enabled: true
`,
  async run(args, env) {
    const use = args.use.replace(/^ansible\.(builtin|legacy)\./, '').replace(/^systemd_service$/, 'systemd');
    const unit = forSystemd(env);
    const script = forScripts(args, env);
    const reply = await env.remote.call(shell('service', import.meta.url), {
      ...unit.variables,
      ...script.variables,
      s_use: use === 'service' ? 'auto' : use,
    });
    if (reply.get('manager') === 'systemd') return changed(reply.changes.length > 0, unitValues(unit.args, reply));
    const { status: _, ...rest } = unitValues(script.args, reply);
    const { enabled } = script.args;
    return changed(reply.changes.length > 0, { ...rest, ...(enabled === undefined ? {} : { enabled }) });
  },
});

/** What was given, with the defaults of the module that is handed on to. */
function given(env: ModuleEnv, module: string): Dict {
  const defaults = env.defaultsOf?.(module) ?? new Map();
  return new Map([...defaults, ...[...env.rawArgs].filter(([key]) => key !== 'use')]);
}

const UNUSED = ['pattern', 'runlevel', 'sleep', 'arguments', 'args'];

/** For a host with systemd; where its module would refuse what is given, the host says so if it has it. */
function forSystemd(env: ModuleEnv) {
  const all = given(env, 'systemd');
  const unused = UNUSED.filter((name) => all.has(name));
  const written: Dict = new Map([...all].filter(([key]) => !UNUSED.includes(String(key))));
  const schema = { name: 'systemd', args: unitArgs, rules: unitRules };
  const { args, problems } = convertArgs(schema, written);
  const refused = problems.length > 0 ? String(refusalOf(schema, written)['msg'] ?? problems.join('; ')) : '';
  const variables = refused === '' ? unitVariables(args as never) : {};
  return {
    args: args as { name?: string; state?: string },
    variables: { ...variables, u_unused: unused, u_refused: refused },
  };
}

interface ScriptArgs {
  name?: string | undefined;
  state?: string | undefined;
  enabled?: boolean | undefined;
  sleep?: number | undefined;
  pattern?: string | undefined;
  runlevel: string;
  arguments: string;
}

/** For OpenRC and scripts of SysV, which know nothing of what systemd alone has. */
function forScripts(args: ScriptArgs, env: ModuleEnv) {
  const defaults = env.defaultsOf?.('sysvinit') ?? new Map();
  const name = args.name ?? (defaults.get('name') as string | undefined);
  const state = args.state ?? (defaults.get('state') as string | undefined);
  const enabled = args.enabled ?? (defaults.get('enabled') as boolean | undefined);
  const foreign = [...env.rawArgs.keys()].filter((key) => mainName(systemdOnly, String(key)) !== undefined).sort();
  let refused = '';
  if (foreign.length > 0)
    refused = `Unsupported parameters for (ansible.legacy.service) module: ${foreign.join(', ')}. Supported parameters include: arguments, enabled, name, pattern, runlevel, sleep, state (args).`;
  else if (name === undefined) refused = 'missing required arguments: name';
  else if (state === undefined && enabled === undefined) refused = "Neither 'state' nor 'enabled' set";
  return {
    args: { name, state, enabled },
    variables: {
      i_name: name,
      i_state: state,
      i_enabled: tristate(enabled),
      i_sleep: args.sleep,
      i_pattern: args.pattern,
      i_runlevel: args.runlevel,
      i_arguments: args.arguments,
      i_refused: refused,
    },
  };
}
