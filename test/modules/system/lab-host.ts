/** A lab host as a TestHost: for modules that change what this machine must keep (users, units, packages). */
import { type Lab, openLab, startLab } from '../../lab/lab.mjs';
import { needLab } from '../../lab/shared.ts';
import { type HostOptions, TestHost } from './host.ts';

const opened = new Map<string, Promise<Lab>>();

/** A host of this image, started for the tests of this folder or, where `test/lab/cli.mjs up --name modules-IMAGE` made one, that. */
export function useLabHost(image: 'plain' | 'python' | 'busybox' = 'plain', options: HostOptions = {}) {
  let host: TestHost | undefined;
  before(async function () {
    this.timeout(300_000);
    needLab(this);
    let lab = opened.get(image);
    if (!lab) {
      const open = openLab(`modules-${image}`);
      lab = open ? Promise.resolve(open) : startLab({ hosts: 1, image });
      opened.set(image, lab);
    }
    host = new TestHost({ shell: sshTo(await lab), ...options });
  });
  return () => host!;
}

function sshTo(lab: Lab): string[] {
  const name = lab.hosts[0]!;
  const given = ['-F', 'none', '-i', lab.keyFile, '-o', `UserKnownHostsFile=${lab.knownHostsFile}`];
  const control = ['-o', 'ControlMaster=auto', '-o', `ControlPath=/tmp/.troupe-%C`, '-o', 'ControlPersist=5'];
  return ['ssh', ...given, ...control, '-o', 'BatchMode=yes', `root@${name.address}`, 'sh'];
}
