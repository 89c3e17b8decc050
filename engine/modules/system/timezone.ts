import { ModuleFailure } from '../../errors.ts';
import { atLeastOneOf, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { stateText } from '../parts/attributes.ts';

export default defineModule({
  name: 'timezone',
  doc: 'Sets the time zone of the host, and whether its hardware clock runs in UTC.',
  reference: 'community.general.timezone',
  args: {
    name: str({ doc: 'The zone, such as Europe/Berlin.' }),
    hwclock: str({ doc: 'What the hardware clock shows.', aliases: ['rtc'], choices: ['local', 'UTC'] }),
  },
  rules: [atLeastOneOf('hwclock', 'name')],
  check: 'full',
  examples: `- timezone:
    name: Europe/Berlin
`,
  async run({ name, hwclock }, { remote, diff }) {
    if (name !== undefined && (!/^[A-Za-z0-9_+/-]+$/.test(name) || name.startsWith('/') || name.includes('..'))) {
      throw new ModuleFailure(`timezone: '${name}' can't be the name of a zone`);
    }
    const reply = await remote.call(shell('timezone', import.meta.url), { z_name: name, z_hwclock: hwclock });
    const state = (which: string) => ({
      ...(name === undefined ? {} : { name: reply.get(`${which}_name`) }),
      ...(hwclock === undefined ? {} : { hwclock: reply.get(`${which}_hwclock`) }),
    });
    const isChanged = reply.changes.length > 0;
    const states = { before: state('before'), after: state('after') };
    const shown = { before: stateText(states.before), after: stateText(states.after) };
    return changed(isChanged, { diff: states }, isChanged && diff ? [shown] : undefined);
  },
});
