// Labs in tests: each function belongs in a describe and returns how to reach what it has started.
import { type Lab, type LabOptions, startLab, whyNoLab } from './lab.mjs';
import { type Mirror, startMirror } from './mirror.mjs';

let shared: Promise<Lab> | undefined;
let mirror: Promise<Mirror> | undefined;

/**
 * Skips the suite with the reason where no lab can run; under CI that is a failure instead. Call it in a before hook.
 * Conformance tests use it too: the reference needs what the lab needs.
 */
export function needLab(test: Mocha.Context): void {
  const reason = whyNoLab();
  if (!reason) return;
  if (process.env['CI']) throw new Error(`CI must run the lab tests: ${reason}`);
  process.stdout.write(`skipped: ${reason}\n`);
  test.skip();
}

/** The lab of three plain hosts that all lab tests of this run share. It ends with the process. */
export function useLab(): () => Lab {
  let lab: Lab | undefined;
  before(async function () {
    this.timeout(300_000);
    needLab(this);
    shared ??= startLab({ hosts: 3 });
    lab = await shared;
  });
  return () => lab!;
}

/** The mirror of etcd's releases beside the shared lab; the suite needs useLab() as well. */
export function useMirror(): () => Mirror {
  let here: Mirror | undefined;
  before(async function () {
    this.timeout(300_000);
    needLab(this);
    shared ??= startLab({ hosts: 3 });
    mirror ??= shared.then((lab) => startMirror(lab));
    here = await mirror;
  });
  return () => here!;
}

/** A lab for this suite alone, stopped after it: for other images, or for what would break hosts for others. */
export function useOwnLab(options: LabOptions = {}): () => Lab {
  let lab: Lab | undefined;
  before(async function () {
    this.timeout(300_000);
    needLab(this);
    lab = await startLab(options);
  });
  after(async function () {
    this.timeout(60_000);
    await lab?.stop();
  });
  return () => lab!;
}
