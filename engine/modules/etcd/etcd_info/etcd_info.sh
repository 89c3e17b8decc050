# shellcheck disable=SC2154 # variables of the request
do_etcd_info() {
  [ -n "$cacert" ] && export ETCDCTL_CACERT="$cacert"
  [ -n "$cert" ] && export ETCDCTL_CERT="$cert"
  [ -n "$key" ] && export ETCDCTL_KEY="$key"
  [ -n "$user" ] && export ETCDCTL_USER="$user"
  export ETCDCTL_ENDPOINTS="$endpoints" ETCDCTL_DIAL_TIMEOUT="${timeout}s" ETCDCTL_COMMAND_TIMEOUT="${timeout}s"
  # A proxy of the host's environment is for what lies outside.
  export NO_PROXY='*'
  have "$etcdctl" || fail "there is no $etcdctl on this host; has etcd been installed on it?"
  # Warnings of etcdctl come on stderr among the answers; the controller picks the answers out.
  etcd_members=$("$etcdctl" member list -w json 2>&1)
  etcd_rc=$?
  reply members "$etcd_members"
  # Where nobody answers, three more questions would only take three more time-outs.
  [ "$etcd_rc" = 0 ] || return 0
  # Both at once: each waits for its time-out where a member is dead.
  "$etcdctl" endpoint health -w json 2>&1 | {
    reply status "$("$etcdctl" endpoint status -w json 2>&1)"
    reply health "$(cat)"
  }
  reply alarms "$("$etcdctl" alarm list -w json 2>&1)"
}
