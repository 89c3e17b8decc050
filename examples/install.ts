// playbooks/install.yaml as TypeScript, by `run convert`. From a clone: ANSIBLE_ROLES_PATH=roles run examples/install.ts -i inventory/hosts
import { block, play, playbook } from 'troupe';
import { import_role } from 'troupe/modules';

export default playbook(
  // Installs etcd on the hosts of the group nodes, or brings it to what the variables say. Safe to run again at any time.
  play(
    'nodes',
    { name: 'Check every host before anything is written', gather_facts: false, become: true, any_errors_fatal: true },
    [
      import_role({ name: 'etcd_preflight' }, { name: 'Look at every host' }),
      import_role({ name: 'etcd_firewall', tasks_from: 'may_close' }, { name: 'Check that no member is cut off by the firewall' }),
      import_role({ name: 'etcd_lock' }, { name: 'Take the lock' }),
      block(
        [
          import_role({ name: 'etcd_firewall' }, { name: 'Open the ports' }),
          import_role({ name: 'etcd_preflight', tasks_from: 'reach' }, { name: 'Connect from each host to each other' }),
        ],
        {
          name: 'Open the ways between the hosts, and try them',
          rescue: [import_role({ name: 'etcd_lock', tasks_from: 'refused' }, { name: 'Refuse the run' })],
        },
      ),
    ],
  ),
  play(
    'nodes',
    { name: 'Install etcd', gather_facts: false, become: true, any_errors_fatal: true },
    [
      import_role({ name: 'etcd_install', tasks_from: 'download' }, { name: 'Download' }),
      import_role({ name: 'etcd_install', tasks_from: 'install_binaries' }, { name: 'Install the binaries' }),
      import_role({ name: 'etcd_install', tasks_from: 'data_dir' }, { name: 'Make the data directory' }),
      import_role({ name: 'etcd_tls' }, { name: 'Issue the certificates' }),
      import_role({ name: 'etcd_install', tasks_from: 'unit_file' }, { name: 'Write the unit file' }),
      import_role({ name: 'etcd_install', tasks_from: 'scripts' }, { name: 'Install the scripts' }),
      import_role({ name: 'etcd_install', tasks_from: 'start' }, { name: 'Start' }),
      import_role({ name: 'etcd_lock', tasks_from: 'end' }, { name: 'Give the lock back' }),
    ],
  ),
);
