/** Facts of virtualization: what this host is a guest of, and what it can host. */
import type { FactSource, Facts } from './facts-source.ts';

/** By what the firmware says: [product, vendor, technology]. */
const FIRMWARE: [product: RegExp, vendor: RegExp, name: string][] = [
  [/^(KVM|KVM Server|Bochs|AHV)$/, /./, 'kvm'],
  [/^(OpenStack Nova|OpenStack Compute)$/, /./, 'openstack'],
  [/^RHEV Hypervisor$|^oVirt/, /./, 'RHEV'],
  [/^(VMware Virtual Platform|VMware7,1|VMware20,1)/, /./, 'VMware'],
  [/./, /^VMware, Inc\.$/, 'VMware'],
  [/^VirtualBox$/, /./, 'virtualbox'],
  [/./, /^innotek GmbH$/, 'virtualbox'],
  [/^(HVM domU|Xen)/, /./, 'xen'],
  [/./, /^Xen$/, 'xen'],
  [/^Virtual Machine$/, /^Microsoft Corporation$/, 'VirtualPC'],
  [/^Parallels (Virtual|ARM)/, /./, 'parallels'],
  [/./, /^Parallels/, 'parallels'],
  [/./, /^(QEMU|Amazon EC2|DigitalOcean|Hetzner|linode|Google)$/, 'kvm'],
];

/** virtualization_type, _role and the lists of technologies. */
export function virtualization(source: FactSource): Facts {
  const guest = new Set<string>();
  const host = new Set<string>();
  const first = container(source, guest);
  const product = source.line('/sys/class/dmi/id/product_name') ?? '';
  const vendor = source.line('/sys/class/dmi/id/sys_vendor') ?? '';
  let type = first;
  const isGuest = (name: string) => {
    guest.add(name);
    type ??= name;
  };
  if (source.has('/proc/xen') || source.line('/sys/hypervisor/type') === 'xen') {
    const dom0 = source.lines('/proc/xen/capabilities').some((line) => line.includes('control_d'));
    if (dom0) host.add('xen');
    else isGuest('xen');
  }
  if (product || vendor) {
    const match = FIRMWARE.find(([p, v]) => p.test(product || ' ') && v.test(vendor || ' '));
    if (match) isGuest(match[2]);
  }
  if (cpuSaysGuest(source) && !type && (product || vendor)) isGuest('kvm');
  const modules = new Set(source.lines('/proc/modules').map((line) => line.split(' ')[0]!));
  if (modules.has('kvm') && source.has('/dev/kvm')) host.add('kvm');
  if (modules.has('vboxdrv')) host.add('virtualbox');
  const role = type ? 'guest' : host.size > 0 ? 'host' : 'NA';
  return {
    virtualization_type: type ?? [...host][0] ?? 'NA',
    virtualization_role: role,
    virtualization_tech_guest: [...guest].sort(),
    virtualization_tech_host: [...host].sort(),
  };
}

const cpuSaysGuest = (source: FactSource) =>
  source.lines('/proc/cpuinfo').some((line) => /^flags\s*:.*\bhypervisor\b/.test(line) || /QEMU|KVM/.test(line));

function container(source: FactSource, guest: Set<string>): string | undefined {
  const declared =
    source.line('/run/systemd/container') ?? /^container=(.*)$/m.exec(source.text('init_environ'))?.[1] ?? undefined;
  const groups = source.lines('/proc/1/cgroup').join('\n');
  let type: string | undefined;
  const is = (name: string, also?: string) => {
    guest.add('container').add(name);
    if (also) guest.add(also);
    type ??= name;
  };
  if (/\/docker(\/|-[0-9a-f]+\.scope)/.test(groups) || source.has('/.dockerenv') || source.has('/.dockerinit'))
    is('docker');
  else if (/\/(lxc|machine\.slice\/machine-lxc)/.test(groups) || declared === 'lxc') is('lxc');
  if (source.has('/run/.containerenv') || declared === 'podman' || declared === 'oci') is('podman');
  if (declared === 'systemd-nspawn') {
    guest.add('container').add('systemd-nspawn');
    type ??= 'container';
  } else if (declared && !type) {
    guest.add('container');
    type = declared === 'docker' ? 'docker' : 'container';
  }
  if (source.has('/proc/vz') && !source.has('/proc/lxc')) {
    if (source.has('/proc/bc')) guest.add('openvz');
    else is('openvz');
  }
  return type;
}
