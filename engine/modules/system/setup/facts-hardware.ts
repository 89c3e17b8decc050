/** Facts of the hardware: processors, memory, firmware, disks, mounts, LVM. */
import { fieldText } from '../../parts/mount-table.ts';
import { type FactSource, type Facts, number } from './facts-source.ts';

/** processor, processor_count, _cores, _threads_per_core, _vcpus, _nproc. */
export function processors(source: FactSource): Facts {
  const list: string[] = [];
  const sockets = new Map<string, { siblings: number; cores: number }>();
  let [vendor, model, count] = [0, 0, 0];
  let [physical, siblings, cores] = ['0', 0, 0];
  const store = () => {
    if (siblings || cores) sockets.set(physical, { siblings: siblings || 1, cores: cores || 1 });
    [siblings, cores] = [0, 0];
  };
  for (const line of source.lines('/proc/cpuinfo')) {
    const colon = line.indexOf(':');
    if (colon < 0) {
      store();
      continue;
    }
    const [key, value] = [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    if (['model name', 'Processor', 'vendor_id', 'cpu', 'Vendor', 'processor'].includes(key)) {
      list.push(value);
      if (key === 'vendor_id') vendor++;
      if (key === 'model name') model++;
      if (key === 'processor') count++;
    } else if (key === 'physical id') physical = value;
    else if (key === 'siblings') siblings = Number(value);
    else if (key === 'cpu cores') cores = Number(value);
  }
  store();
  const total = count || Math.max(vendor, model) || 1;
  const first = [...sockets.values()][0];
  const [perSocket, threads] = first ? [first.cores, Math.max(1, Math.floor(first.siblings / first.cores))] : [1, 1];
  const socketCount = sockets.size || total;
  return {
    processor: list,
    processor_count: socketCount,
    processor_cores: perSocket,
    processor_threads_per_core: threads,
    processor_vcpus: threads * socketCount * perSocket,
    processor_nproc: allowed(source) ?? total,
    ...flags(source),
  };
}

function flags(source: FactSource): Facts {
  const line = source.lines('/proc/cpuinfo').find((l) => /^(flags|Features)\s*:/.test(l));
  return line === undefined
    ? {}
    : {
        flags: line
          .slice(line.indexOf(':') + 1)
          .trim()
          .split(' '),
      };
}

/** Processors that this user's processes may run on: `0-3,8`. */
function allowed(source: FactSource): number | undefined {
  const line = source.lines('/proc/self/status').find((l) => l.startsWith('Cpus_allowed_list:'));
  if (!line) return undefined;
  return line
    .slice(line.indexOf(':') + 1)
    .trim()
    .split(',')
    .reduce((sum, range) => {
      const [from, to] = range.split('-').map(Number);
      return sum + (to === undefined ? 1 : to - from! + 1);
    }, 0);
}

/** memtotal_mb, memory_mb, swap. */
export function memory(source: FactSource): Facts {
  const mb: Record<string, number> = {};
  for (const line of source.lines('/proc/meminfo')) {
    const match = /^(\w+):\s+(\d+)/.exec(line);
    if (match) mb[match[1]!] = Math.floor(Number(match[2]) / 1024);
  }
  const at = (name: string) => mb[name] ?? 0;
  const cached = at('Cached') + at('Buffers');
  return {
    memtotal_mb: at('MemTotal'),
    memfree_mb: at('MemFree'),
    swaptotal_mb: at('SwapTotal'),
    swapfree_mb: at('SwapFree'),
    memory_mb: {
      real: { total: at('MemTotal'), used: at('MemTotal') - at('MemFree'), free: at('MemFree') },
      nocache: { free: at('MemFree') + cached, used: at('MemTotal') - at('MemFree') - cached },
      swap: {
        total: at('SwapTotal'),
        free: at('SwapFree'),
        used: at('SwapTotal') - at('SwapFree'),
        cached: at('SwapCached'),
      },
    },
  };
}

const FORM_FACTORS =
  'Unknown,Other,Unknown,Desktop,Low Profile Desktop,Pizza Box,Mini Tower,Tower,Portable,Laptop,Notebook,Hand Held,Docking Station,All In One,Sub Notebook,Space-saving,Lunch Box,Main Server Chassis,Expansion Chassis,Sub Chassis,Bus Expansion Chassis,Peripheral Chassis,RAID Chassis,Rack Mount Chassis,Sealed-case PC,Multi-system,CompactPCI,AdvancedTCA,Blade,Blade Enclosure,Tablet,Convertible,Detachable,IoT Gateway,Embedded PC,Mini PC,Stick PC'.split(
    ',',
  );

/** What the firmware says of the machine. */
export function firmware(source: FactSource): Facts {
  const names = {
    bios_date: 'bios_date',
    bios_vendor: 'bios_vendor',
    bios_version: 'bios_version',
    board_asset_tag: 'board_asset_tag',
    board_name: 'board_name',
    board_serial: 'board_serial',
    board_vendor: 'board_vendor',
    board_version: 'board_version',
    chassis_asset_tag: 'chassis_asset_tag',
    chassis_serial: 'chassis_serial',
    chassis_vendor: 'chassis_vendor',
    chassis_version: 'chassis_version',
    form_factor: 'chassis_type',
    product_name: 'product_name',
    product_serial: 'product_serial',
    product_uuid: 'product_uuid',
    product_version: 'product_version',
    system_vendor: 'sys_vendor',
  };
  const facts: Facts = {};
  for (const [fact, file] of Object.entries(names)) {
    const value = source.line(`/sys/class/dmi/id/${file}`);
    facts[fact] =
      value === undefined ? 'NA' : fact === 'form_factor' ? (FORM_FACTORS[Number(value)] ?? 'unknown') : value;
  }
  return facts;
}

export const uptime = (source: FactSource): Facts => ({
  uptime_seconds: Math.floor(Number((source.line('/proc/uptime') ?? '0').split(' ')[0])),
});

/** A size as Ansible writes it: `8.00 GB`. */
function human(bytes: number): string {
  const units: [number, string][] = [
    [2 ** 60, 'EB'],
    [2 ** 50, 'PB'],
    [2 ** 40, 'TB'],
    [2 ** 30, 'GB'],
    [2 ** 20, 'MB'],
    [2 ** 10, 'KB'],
  ];
  const [limit, name] = units.find(([size]) => bytes >= size) ?? [1, 'Bytes'];
  return `${(bytes / limit).toFixed(2)} ${name}`;
}

interface Links {
  ids: Record<string, string[]>;
  uuids: Record<string, string[]>;
  labels: Record<string, string[]>;
  masters: Record<string, string[]>;
}

/** Names in /dev/disk, by device. */
function deviceLinks(source: FactSource): Links {
  const links: Links = { ids: {}, uuids: {}, labels: {}, masters: {} };
  let into: Record<string, string[]> = {};
  for (const row of source.rows('disks')) {
    const folder = /^\/dev\/disk\/by-(id|uuid|label):$/.exec(row)?.[1];
    if (folder) into = links[folder === 'id' ? 'ids' : folder === 'uuid' ? 'uuids' : 'labels'];
    const link = / (\S+) -> (?:.*\/)?([^/]+)$/.exec(row);
    if (link) into[link[2]!] = [...(into[link[2]!] ?? []), unhex(link[1]!)].sort();
  }
  for (const path of source.reply.all('holder')) {
    const match = /\/([^/]+)\/holders\/([^/]+)$/.exec(path);
    if (match) links.masters[match[1]!] = [...(links.masters[match[1]!] ?? []), match[2]!].sort();
  }
  return links;
}

const unhex = (name: string) =>
  name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** devices and device_links. */
export function devices(source: FactSource): Facts {
  const links = deviceLinks(source);
  const linksOf = (name: string) => ({
    ids: links.ids[name] ?? [],
    uuids: links.uuids[name] ?? [],
    labels: links.labels[name] ?? [],
    masters: links.masters[name] ?? [],
  });
  const virtual = new Set(source.rows('blocks').flatMap((row) => /\/virtual\/block\/(\S+)$/.exec(row)?.[1] ?? []));
  const found: Facts = {};
  for (const path of source.paths(/^\/sys\/block\/[^/]+\/size$/)) {
    const name = path.split('/')[3]!;
    const at = (file: string) => source.line(`/sys/block/${name}/${file}`) ?? null;
    const sectorSize = at('queue/logical_block_size') ?? '512';
    const sectors = Number(at('size') ?? 0);
    const partitions: Facts = {};
    for (const part of source.paths(new RegExp(`^/sys/block/${name.replace(/[^\w-]/g, '.')}/[^/]+/partition$`))) {
      const partName = part.split('/')[4]!;
      const size = Number(at(`${partName}/size`) ?? 0);
      partitions[partName] = {
        start: at(`${partName}/start`),
        sectors: size,
        sectorsize: Number(sectorSize),
        size: human(size * 512),
        uuid: links.uuids[partName]?.[0] ?? null,
        links: linksOf(partName),
        holders: links.masters[partName] ?? [],
      };
    }
    const scheduler = at('queue/scheduler') ?? '';
    found[name] = {
      virtual: virtual.has(name) ? 1 : source.rows('blocks').length > 0 ? 0 : 1,
      vendor: at('device/vendor'),
      model: at('device/model'),
      sas_address: at('device/sas_address'),
      sas_device_handle: at('device/sas_device_handle'),
      removable: at('removable'),
      support_discard: at('queue/discard_granularity'),
      rotational: at('queue/rotational'),
      scheduler_mode: /\[(.*)\]/.exec(scheduler)?.[1] ?? scheduler,
      sectors,
      sectorsize: sectorSize,
      size: human(sectors * 512),
      host: '',
      holders: links.masters[name] ?? [],
      links: linksOf(name),
      partitions,
    };
  }
  return { devices: found, device_links: links };
}

/** mounts with their sizes. */
export function mounts(source: FactSource): Facts {
  const sizes = new Map<string, number[]>();
  for (const row of source.rows('statfs')) {
    const parts = row.split('|');
    sizes.set(parts.slice(5).join('|'), parts.slice(0, 5).map(Number));
  }
  const uuids = deviceLinks(source).uuids;
  const list: Facts[] = [];
  for (const row of source.rows('mounts')) {
    const [device, point, fstype, options, dump, passno] = row.split(' ').map(fieldText) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    if (!(device.startsWith('/') || device.includes(':/')) || fstype === 'none') continue;
    const mount: Facts = {
      mount: point,
      device,
      fstype,
      options,
      dump: number(dump) ?? 0,
      passno: number(passno) ?? 0,
    };
    const size = sizes.get(point);
    if (size) {
      const [block, total, available, inodes, free] = size as [number, number, number, number, number];
      Object.assign(mount, {
        size_total: block * total,
        size_available: block * available,
        block_size: block,
        block_total: total,
        block_available: available,
        block_used: total - available,
        inode_total: inodes,
        inode_available: free,
        inode_used: inodes - free,
      });
    }
    mount['uuid'] = uuids[device.split('/').at(-1)!]?.[0] ?? 'N/A';
    list.push(mount);
  }
  return { mounts: list };
}

/** lvm: volume groups, logical and physical volumes. */
export function lvm(source: FactSource): Facts {
  if (!source.reply.has('vgs')) return { lvm: 'N/A' };
  const rows = (key: string) => source.rows(key).map((row) => row.trim().split(','));
  return {
    lvm: {
      vgs: Object.fromEntries(
        rows('vgs').map((r) => [r[0], { num_pvs: r[1], num_lvs: r[2], size_g: r.at(-2), free_g: r.at(-1) }]),
      ),
      lvs: Object.fromEntries(rows('lvs').map((r) => [r[0], { vg: r[1], size_g: r[3] }])),
      pvs: Object.fromEntries(rows('pvs').map((r) => [r[0], { vg: r[1], size_g: r[4], free_g: r[5] }])),
    },
  };
}
