import { ModuleFailure } from '../../errors.ts';
import { type Dict, fromPlain } from '../../values.ts';
import { defineModule, shell } from '../define.ts';

interface Service {
  name: string;
  state: string;
  status?: string;
  source: string;
}

export default defineModule({
  name: 'service_facts',
  doc: 'Gathers the state of every service into the fact `services`.',
  reference: 'ansible.builtin.service_facts',
  args: {},
  check: 'full',
  traits: { observes: true },
  returns: { ansible_facts: '`services`: name, state, status and source, by name.' },
  examples: `- service_facts:
- debug:
    msg: "{{ ansible_facts.services['ssh.service'].state }}"
`,
  async run(_, { remote }) {
    const reply = await remote.call(shell('service_facts', import.meta.url));
    const services: Record<string, Service> = {};
    for (const line of reply.get('units').split('\n')) addUnit(services, line);
    // systemctl answers in the order it was asked, a blank line between two.
    const states = reply.get('active').split(/\n+/);
    const active = new Map(reply.all('asked').map((name, i) => [name, states[i]]));
    for (const line of reply.get('files').split('\n')) addFile(services, line, active);
    for (const line of reply.get('sysv').split('\n')) {
      const match = /^\s*\[\s*([+?-])\s*\]\s+(\S+)/.exec(line);
      if (!match) continue;
      services[match[2]!] = { name: match[2]!, state: match[1] === '+' ? 'running' : 'stopped', source: 'sysv' };
    }
    for (const line of reply.get('openrc').split('\n')) {
      const match = /^\s*(\S+)\s+\[\s*(\w+)/.exec(line);
      if (match)
        services[match[1]!] = {
          name: match[1]!,
          state: match[2] === 'started' ? 'running' : match[2]!,
          source: 'openrc',
        };
    }
    if (Object.keys(services).length === 0 && !reply.has('units')) {
      throw new ModuleFailure(
        'Failed to find any services. This can be due to privileges or some other configuration issue.',
      );
    }
    const facts = { services };
    return { changed: false, values: { ansible_facts: facts }, facts: fromPlain(facts) as Dict };
  },
});

function addUnit(services: Record<string, Service>, line: string): void {
  const match = /^[●*x\s]*(\S+\.service)\s+(\S+)\s+(\S+)\s+(\S+)/.exec(line);
  if (!match) return;
  const [name, load, active, sub] = match.slice(1) as [string, string, string, string];
  const state = sub === 'running' ? 'running' : 'stopped';
  const status = load === 'not-found' ? 'not-found' : active;
  services[name] = { name, state, status, source: 'systemd' };
}

function addFile(services: Record<string, Service>, line: string, active: Map<string, string | undefined>): void {
  const match = /^(\S+\.service)\s+(\S+)/.exec(line);
  if (!match) return;
  const [name, status] = [match[1]!, match[2]!];
  const known = services[name];
  if (!known) services[name] = { name, state: active.get(name) || 'unknown', status, source: 'systemd' };
  else if (known.status !== 'failed' && known.status !== 'not-found') known.status = status;
}
