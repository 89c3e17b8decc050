/** Groups of `module_defaults`: those that Ansible's collections have, so that a misspelt one is told from one without effect here. */

/** Groups that need no collection's name, and where their modules live. */
const SHORT = 'aws acme azure cpm docker gcp k8s os ovirt vmware'.split(' ');

const OF_COLLECTIONS =
  'amazon.aws.aws awx.awx.controller azure.azcollection.all cisco.aci.all cisco.mso.mso cisco.mso.ndo cisco.mso.all ' +
  'cloudscale_ch.cloud.cloudscale community.aws.aws community.crypto.acme community.digitalocean.all community.dns.hetzner ' +
  'community.dns.hosttech community.docker.docker community.general.consul community.general.proxmox community.general.keycloak ' +
  'community.grafana.grafana community.hashi_vault.vault community.hrobot.robot community.hrobot.api community.mongodb.atlas ' +
  'community.mongodb.mongodb community.mongodb.all community.mysql.all community.okd.okd community.postgresql.all ' +
  'community.proxmox.proxmox community.rabbitmq.rabbitmq community.routeros.api community.vmware.vmware community.zabbix.zabbix ' +
  'google.cloud.gcp hetzner.hcloud.all kubernetes.core.helm kubernetes.core.k8s microsoft.ad.domain ' +
  'netapp.cloudmanager.netapp_cloudmanager netapp.ontap.netapp_ontap netapp.storagegrid.netapp_storagegrid netbox.netbox.netbox ' +
  'ngine_io.cloudstack.cloudstack openstack.cloud.openstack ovirt.ovirt.ovirt telekom_mms.icinga_director.icinga ' +
  'theforeman.foreman.foreman vmware.vmware_rest.vmware_rest vultr.cloud.vultr wti.remote.cpm';

/** Every group by its name, `aws` and `amazon.aws.aws`. None of their modules is one of ours, so their defaults apply to nothing. */
export const moduleGroups: ReadonlySet<string> = new Set([
  ...SHORT.flatMap((name) => [name, `ansible.builtin.${name}`]),
  ...OF_COLLECTIONS.split(' '),
]);
