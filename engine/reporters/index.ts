/** The reporters by name; each is loaded only when it is asked for. */
import type { Reporter } from './reporter.ts';

export type { Output, Reporter, ReportSettings } from './reporter.ts';

interface Known {
  doc: string;
  load(): Promise<{ default: Reporter }>;
}

/** One line of documentation and the file of each reporter. */
export const reporters: Record<string, Known> = {
  default: { doc: 'what each task did on each host, as Ansible shows it', load: () => import('./default.ts') },
  quiet: { doc: 'failures and the recap', load: () => import('./quiet.ts') },
  json: { doc: 'each event as one line of JSON', load: () => import('./json.ts') },
  minimal: { doc: 'one block of text for each result', load: () => import('./minimal.ts') },
  oneline: { doc: 'one line for each result', load: () => import('./oneline.ts') },
  junit: { doc: 'JUnit XML, a case for each task on each host', load: () => import('./junit.ts') },
  html: { doc: 'a page that stands alone', load: () => import('./html.ts') },
  github: { doc: "annotations for GitHub's workflows", load: () => import('./github.ts') },
};
