/** How findings are gathered: at once a reason to refuse the run, or a warning of what will fail when it is reached. */
import type { Finding } from '../errors.ts';

export type Report = (finding: Finding) => void;

/** What nothing is sure to meet is a warning now; its task fails when it is reached. */
export function lenient(report: Report): Report {
  return (finding) => report({ ...finding, warning: true, later: !finding.warning || finding.later === true });
}

/** Each finding once, however many hosts and plays it was found for; of one that was also found to be fatal, that. */
export function unique(findings: readonly Finding[]): Finding[] {
  const seen = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.message}\0${finding.place?.source.file}\0${finding.place?.offset}`;
    const known = seen.get(key);
    if (!known || (known.warning && !finding.warning)) seen.set(key, finding);
  }
  return [...seen.values()];
}
