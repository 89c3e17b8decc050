export interface ReferenceOptions {
  cwd?: string;
  env?: Record<string, string>;
  binds?: string[];
  input?: string;
  timeout?: number;
  inherit?: boolean;
}

export interface ReferenceOutcome {
  rc: number | string;
  stdout: string;
  stderr: string;
}

export function ensureReference(say?: (line: string) => void): Promise<string>;
export function runReference(options: ReferenceOptions & { argv: string[] }): Promise<ReferenceOutcome>;
export function runAnsible(options: ReferenceOptions & { program?: string; args: string[] }): Promise<ReferenceOutcome>;
