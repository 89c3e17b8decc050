import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { runPlaybook } from '../../engine/index.ts';
import { kubernetesFaults, type Manifest, manifests } from '../support/kubernetes.ts';
import { withProject } from '../support/play.ts';

const playbooks = fileURLToPath(new URL('../../playbooks/', import.meta.url));

/** As a user's inventory has it: no host of it is asked anything. */
const inventory = (...ips: string[]) =>
  `[nodes]\n${ips.map((ip, i) => `node-${i} ip="${ip}" fqdn="node-${i}.lab.test"\n`).join('')}`;
const three = inventory('192.0.2.1', '192.0.2.2', '192.0.2.3');

/** Stands for kubectl, of which there is none here: notes its words, and answers as kubectl apply does. */
const fakeKubectl = (answer: string) => `#!/bin/sh
printf '%s\\n' "$*" >>"\${0%/*}/../kubectl.words"
echo '${answer}'
`;

interface Site {
  folder: string;
  play(playbook: string, vars?: Record<string, unknown>): Promise<{ changed: number; said: string }>;
  read(name: string): string;
}

/** A folder with an inventory, in which playbooks are run with a PATH that begins with our kubectl. */
function inSite<T>(use: (site: Site) => Promise<T>, { hosts = three, answer = 'service/x configured' } = {}) {
  return withProject({ hosts }, async (folder) => {
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin', 'kubectl'), fakeKubectl(answer), { mode: 0o755 });
    return use({
      folder,
      read: (name) => readFileSync(join(folder, 'kubernetes', name), 'utf8'),
      async play(playbook, vars = {}) {
        const run = runPlaybook({
          playbook: join(playbooks, playbook),
          inventory: 'hosts',
          cwd: folder,
          gathering: 'explicit',
          extraVars: vars,
          environment: { PATH: `${folder}/bin:${process.env['PATH']}`, HOME: folder },
        });
        let said = '';
        for await (const event of run)
          if (event.type === 'task:result' || event.type === 'task:item') said += `${JSON.stringify(event.result)}\n`;
        const recap = await run.recap;
        const local = recap.hosts['localhost']!;
        expect(local.failed + local.unreachable, said).to.equal(0);
        return { changed: local.changed, said };
      },
    });
  });
}

const kinds = (documents: Manifest[]) => documents.map((one) => one.kind);
const fine = async (documents: Manifest[]) =>
  expect(await kubernetesFaults(documents)).to.deep.equal(documents.map(() => []));

describe('kubernetes-service.yaml', function () {
  this.timeout(60_000);

  it('writes a Service and the slice with the members’ addresses, as Kubernetes has them', () =>
    inSite(async (site) => {
      const { changed, said } = await site.play('kubernetes-service.yaml', { etcd_port_client: '12379' });
      expect(changed).to.equal(2);
      for (const line of [
        'KV_BACKEND=etcd',
        'KV_ADDR=node-0.lab.test:12379,node-1.lab.test:12379,node-2.lab.test:12379',
        'kvBackend.address: storageos-etcd.storageos.svc:12379',
      ])
        expect(said).to.contain(line);
      const documents = manifests(site.read('service.yaml'));
      await fine(documents);
      expect(kinds(documents)).to.deep.equal(['Service', 'EndpointSlice']);
      const [service, slice] = documents as [Manifest, Manifest];
      // A Service with a selector, or a slice whose label, namespace or name of the port is another, would bind nothing.
      expect(service['spec']).not.to.have.property('selector');
      expect(slice['metadata'].labels['kubernetes.io/service-name']).to.equal(service['metadata'].name);
      expect(slice['metadata'].namespace).to.equal(service['metadata'].namespace);
      expect(slice['ports'][0]).to.deep.equal({ name: 'client', port: 12379, protocol: 'TCP' });
      expect(service['spec'].ports[0]).to.include({ name: 'client', port: 12379, targetPort: 12379 });
      expect(slice['endpoints'].flatMap((one: { addresses: string[] }) => one.addresses)).to.deep.equal([
        '192.0.2.1',
        '192.0.2.2',
        '192.0.2.3',
      ]);
      expect((await site.play('kubernetes-service.yaml', { etcd_port_client: '12379' })).changed).to.equal(0);
      expect(existsSync(join(site.folder, 'kubectl.words'))).to.equal(false);
    }));

  it('writes Endpoints for an old Kubernetes, and a slice of IPv6', async () => {
    await inSite(async (site) => {
      await site.play('kubernetes-service.yaml', { etcd_kubernetes_endpoints: 'endpoints' });
      const documents = manifests(site.read('service.yaml'));
      await fine(documents);
      expect(kinds(documents)).to.deep.equal(['Service', 'Endpoints']);
      // Endpoints belong to the Service of the same name.
      expect(documents[1]!['metadata'].name).to.equal(documents[0]!['metadata'].name);
      expect(documents[1]!['subsets'][0].addresses).to.have.length(3);
    });
    await inSite(
      async (site) => {
        await site.play('kubernetes-service.yaml');
        const documents = manifests(site.read('service.yaml'));
        await fine(documents);
        expect(documents[1]!['addressType']).to.equal('IPv6');
      },
      { hosts: inventory('2001:db8::1', '2001:db8::2', '2001:db8::3') },
    );
  });

  it('with TLS, writes a Secret with a client’s certificate, for nobody else to read', () =>
    inSite(async (site) => {
      const vars = { tls: { enabled: true } };
      await site.play('create_ca.yaml', vars);
      const { said } = await site.play('kubernetes-service.yaml', vars);
      expect(said).not.to.contain('PRIVATE KEY');
      const documents = manifests(site.read('secret.yaml'));
      await fine(documents);
      expect(kinds(documents)).to.deep.equal(['Secret']);
      const decoded = Object.entries(documents[0]!['data'] as Record<string, string>).map(
        ([name, text]) => `${name} ${/BEGIN [A-Z ]+/.exec(Buffer.from(text, 'base64').toString())?.[0]}`,
      );
      expect(decoded).to.deep.equal([
        'etcd-client-ca.crt BEGIN CERTIFICATE',
        'etcd-client.crt BEGIN CERTIFICATE',
        'etcd-client.key BEGIN EC PRIVATE KEY',
      ]);
      expect(statSync(join(site.folder, 'kubernetes', 'secret.yaml')).mode & 0o777).to.equal(0o600);
      expect((await site.play('kubernetes-service.yaml', vars)).changed).to.equal(0);
    }));

  it('applies with kubectl when asked, and tells by its answer whether that changed anything', async () => {
    const vars = { tls: { enabled: true }, etcd_kubernetes_apply: true };
    const words = (folder: string) =>
      ['service', 'secret'].map((name) => `apply -f ${folder}/kubernetes/${name}.yaml\n`).join('');
    await inSite(async (site) => {
      await site.play('create_ca.yaml', vars);
      await site.play('kubernetes-service.yaml', vars);
      expect(readFileSync(join(site.folder, 'kubectl.words'), 'utf8')).to.equal(words(site.folder));
      expect((await site.play('kubernetes-service.yaml', vars)).changed).to.equal(1);
    });
    await inSite(
      async (site) => {
        await site.play('create_ca.yaml', vars);
        await site.play('kubernetes-service.yaml', vars);
        expect((await site.play('kubernetes-service.yaml', vars)).changed).to.equal(0);
      },
      { answer: 'service/x unchanged' },
    );
  });
});

describe('kubernetes-testing.yaml', function () {
  this.timeout(60_000);

  it('writes a throw-away cluster, as Kubernetes has it, whose parts fit one another', () =>
    inSite(async (site) => {
      const { said } = await site.play('kubernetes-testing.yaml', { etcd_version: '3.5.33' });
      expect(said).to.contain('storageos-etcd-client.storageos-etcd.svc:2379');
      expect(said).to.contain('NOT FOR PRODUCTION');
      expect(site.read('testing.yaml')).to.contain('NOT FOR PRODUCTION');
      const documents = manifests(site.read('testing.yaml'));
      await fine(documents);
      expect(kinds(documents)).to.deep.equal(['Namespace', 'Service', 'Service', 'PodDisruptionBudget', 'StatefulSet']);
      const [namespace, headless, client, budget, set] = documents as [
        Manifest,
        Manifest,
        Manifest,
        Manifest,
        Manifest,
      ];
      const pod = set['spec'].template;
      const [container] = pod.spec.containers;
      for (const one of [headless, client, budget, set])
        expect(one['metadata'].namespace).to.equal(namespace['metadata'].name);
      for (const selector of [
        headless['spec'].selector,
        client['spec'].selector,
        budget['spec'].selector.matchLabels,
        set['spec'].selector.matchLabels,
      ])
        expect(pod.metadata.labels).to.deep.include(selector);
      expect(headless['spec'].clusterIP).to.equal('None');
      expect(set['spec'].serviceName).to.equal(headless['metadata'].name);
      expect(client['metadata'].name).to.equal('storageos-etcd-client');
      const ports = container.ports.map((port: { name: string }) => port.name);
      for (const port of [...headless['spec'].ports, ...client['spec'].ports])
        expect(ports).to.include(port.targetPort);
      expect(set['spec'].volumeClaimTemplates[0].metadata.name).to.equal(container.volumeMounts[0].name);
      expect([set['spec'].replicas, budget['spec'].minAvailable]).to.deep.equal([3, 2]);
      expect(pod.spec.securityContext).to.include({ runAsNonRoot: true, runAsUser: 10001 });
      const members = [0, 1, 2].map(
        (i) => `storageos-etcd-${i}=http://storageos-etcd-${i}.storageos-etcd.storageos-etcd.svc:2380`,
      );
      for (const flag of [
        `--initial-cluster=${members.join(',')}`,
        '--quota-backend-bytes=8589934592',
        '--auto-compaction-mode=revision',
        '--auto-compaction-retention=1000',
      ])
        expect(container.command).to.include(flag);
      expect(container.image).to.equal('quay.io/coreos/etcd:v3.5.33');
    }));

  it('follows its variables, and is applied with kubectl when asked', () =>
    inSite(async (site) => {
      await site.play('kubernetes-testing.yaml', {
        etcd_testing_members: 5,
        etcd_testing_storage_class: 'fast',
        etcd_testing_storage: '500Mi',
        etcd_kubernetes_apply: true,
      });
      const documents = manifests(site.read('testing.yaml'));
      await fine(documents);
      expect(documents[3]!['spec'].minAvailable).to.equal(3);
      expect(documents[4]!['spec'].volumeClaimTemplates[0].spec).to.deep.include({ storageClassName: 'fast' });
      expect(readFileSync(join(site.folder, 'kubectl.words'), 'utf8')).to.equal(
        `apply -f ${site.folder}/kubernetes/testing.yaml\n`,
      );
    }));
});

describe('the check of manifests', function () {
  this.timeout(60_000);

  it('finds what Kubernetes would refuse or ignore', () =>
    inSite(async (site) => {
      await site.play('kubernetes-testing.yaml');
      await site.play('kubernetes-service.yaml');
      const good = manifests(site.read('testing.yaml'));
      const [service, slice] = manifests(site.read('service.yaml')) as [Manifest, Manifest];
      const wrong = (one: Manifest, change: (copy: Manifest) => void, says: RegExp) => {
        const copy = structuredClone(one);
        change(copy);
        return { copy, says };
      };
      const cases = [
        wrong(good[4]!, (it) => (it['spec'].replica = 3), /'"replica"' does not exist in type/),
        wrong(good[4]!, (it) => (it['spec'].replicas = '3'), /'string' is not assignable to type 'number'/),
        wrong(good[4]!, (it) => delete it['spec'].serviceName, /'serviceName' is missing/),
        wrong(
          good[4]!,
          (it) => (it['spec'].template.spec.containers[0].securityContext.runAsNonroot = true),
          /'"runAsNonroot"' does not exist in type/,
        ),
        wrong(
          good[4]!,
          (it) => (it['spec'].volumeClaimTemplates[0].spec.resources.requests.storage = '12 GB'),
          /no quantity of storage: "12 GB"/,
        ),
        wrong(good[3]!, (it) => (it.apiVersion = 'policy/v1beta1'), /no such apiVersion/),
        wrong(good[3]!, (it) => (it.kind = 'PodDisruptionBudgets'), /no exported member named 'PodDisruptionBudgets'/),
        wrong(service, (it) => (it['spec'].ports[0].port = 70000), /no port: 70000/),
        wrong(service, (it) => (it['metadata'].name = 'Storage_OS'), /no DNS label: "Storage_OS"/),
        wrong(service, (it) => delete it['metadata'].name, /'name' is missing/),
        wrong(slice, (it) => (it['addressType'] = 'IPv6'), /not of its type: "192.0.2.1"/),
        wrong(slice, (it) => delete it['endpoints'], /'endpoints' is missing/),
        wrong(
          { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace: 'b' }, data: { key: 'not base64!' } },
          () => {},
          /no base64 in key/,
        ),
      ];
      const faults = await kubernetesFaults(cases.map(({ copy }) => copy));
      for (const [i, { says }] of cases.entries()) expect(faults[i]!.join('\n')).to.match(says);
    }));
});
