// Compiled by install.test.ts against the installed package: every function of the public API with the types that it needs.
import {
  type Ask,
  args,
  type ControllerFiles,
  changed,
  type Dict,
  defineModule,
  type Effect,
  type Finding,
  type Inventory,
  type ListedPlay,
  type LoadedPlaybook,
  loadInventory,
  loadPlaybook,
  type Output,
  type Question,
  type Recap,
  type Reporter,
  type Run,
  type RunEvent,
  type RunOptions,
  runPlaybook,
  UsageError,
} from 'troupe';

const ask: Ask = async (question: Question) => (question.secret ? 'secret' : 'answer');
const options: RunOptions = { playbook: 'site.yaml', inventory: ['hosts'], check: true, ask };

const reporter: Reporter = async (events: AsyncIterable<RunEvent>, output: Output): Promise<void> => {
  for await (const event of events) if (event.type === 'task:result') output.write(`${event.host}\n`);
};

export async function main(output: Output): Promise<number> {
  try {
    const run: Run = runPlaybook(options);
    await reporter(run, output, { verbosity: 0, live: false, heartbeat: 0 });
    const recap: Recap = await run.recap;
    return Object.values(recap.hosts).filter(({ failed }) => failed > 0).length;
  } catch (error) {
    if (error instanceof UsageError) output.error(error.message);
    throw error;
  }
}

export async function list(): Promise<readonly ListedPlay[]> {
  const loaded: LoadedPlaybook = await loadPlaybook(options);
  const findings: readonly Finding[] = loaded.findings;
  if (findings.length > 0) return [];
  return loaded.playbooks.flatMap(({ plays }) => plays);
}

export async function hosts(): Promise<Inventory> {
  return loadInventory(['hosts'], { cwd: process.cwd() });
}

export const effects = (list: readonly Effect[], values: Dict, files: ControllerFiles): unknown => [
  list,
  values,
  files,
];

export default defineModule({
  name: 'marker',
  doc: 'Keeps a line of text.',
  args: { text: args.str({ doc: 'The line.', required: true }) },
  check: 'full',
  async run({ text }, { remote }) {
    const { stdout } = await remote.raw('true');
    return changed(false, { text: text.toUpperCase(), stdout: stdout.toString() });
  },
});
