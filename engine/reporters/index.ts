/** The reporters by name; each is loaded only when it is asked for. */
import { plainNames } from './names.ts';
import { withoutReplayed } from './replayed.ts';
import type { Reporter } from './reporter.ts';

export type { Output, Reporter, ReportSettings } from './reporter.ts';

type Load = () => Promise<{ default: Reporter }>;

/** A reporter for people: names come to it safe to print. */
const named =
  (load: Load): Load =>
  async () => {
    const { default: report } = await load();
    return { default: (events, out, settings) => report(plainNames(withoutReplayed(events)), out, settings) };
  };

interface Known {
  doc: string;
  load: Load;
}

/** One line of documentation and the file of each reporter. */
export const reporters: Record<string, Known> = {
  default: { doc: 'what each task did on each host, as Ansible shows it', load: named(() => import('./default.ts')) },
  quiet: { doc: 'failures and the recap', load: named(() => import('./quiet.ts')) },
  output: { doc: 'only what tasks of debug say, bare, for programs', load: named(() => import('./output.ts')) },
  json: { doc: 'each event as one line of JSON', load: () => import('./json.ts') },
  minimal: { doc: 'one block of text for each result', load: named(() => import('./minimal.ts')) },
  oneline: { doc: 'one line for each result', load: named(() => import('./oneline.ts')) },
  junit: { doc: 'JUnit XML, a case for each task on each host', load: named(() => import('./junit.ts')) },
  html: { doc: 'a page that stands alone', load: named(() => import('./html.ts')) },
  plan: { doc: 'a run in check mode as what would change, by host', load: named(() => import('./plan.ts')) },
  github: { doc: "annotations for GitHub's workflows", load: named(() => import('./github.ts')) },
};
