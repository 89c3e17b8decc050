/** What every reporter is: an async function over the public event stream that writes to an Output. */
import type { RunEvent } from '../events.ts';

/** Where a reporter writes: the screen, or a file. */
export interface Output {
  write(text: string): void;
  /** Beside the report: warnings. On a screen this is stderr. */
  error(text: string): void;
  /** A line that a CI system is to obey, as GitHub's `::error`; in `write` such a line is made harmless. */
  command?(line: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
  readonly colors: boolean;
  /** True while the user is being asked something: nothing may be drawn over the question. */
  readonly asking?: boolean;
}

export interface ReportSettings {
  /** Number of `-v`. */
  verbosity: number;
  /** Show the output of long commands while they run. */
  live: boolean;
  /** Seconds of silence after which a line says what is still running; 0 for never. For logs, where no progress line is. */
  heartbeat: number;
}

export type Reporter = (events: AsyncIterable<RunEvent>, out: Output, settings: ReportSettings) => Promise<void>;
