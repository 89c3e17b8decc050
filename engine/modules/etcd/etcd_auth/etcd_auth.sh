# shellcheck disable=SC2154 # variables of the request
etcd_auth_settings() {
  [ -n "$cacert" ] && export ETCDCTL_CACERT="$cacert"
  [ -n "$cert" ] && export ETCDCTL_CERT="$cert"
  [ -n "$key" ] && export ETCDCTL_KEY="$key"
  export ETCDCTL_ENDPOINTS="$endpoints" ETCDCTL_DIAL_TIMEOUT="${timeout}s" ETCDCTL_COMMAND_TIMEOUT="${timeout}s" NO_PROXY='*'
  have "$etcdctl" || fail "there is no $etcdctl on this host; has etcd been installed on it?"
}

# What there is: whether authentication is on, and of each name that is wanted what it has.
etcd_auth_look() {
  etcd_auth_said=$("$etcdctl" auth status -w json 2>&1) || fail "etcdctl auth status: $etcd_auth_said"
  reply status "$etcd_auth_said"
  reply users "$("$etcdctl" user list -w json 2>&1)"
  reply roles "$("$etcdctl" role list -w json 2>&1)"
  printf '%s\n' "$wanted_roles" | while IFS= read -r etcd_auth_name; do
    [ -z "$etcd_auth_name" ] || reply role "$("$etcdctl" role get "$etcd_auth_name" -w json 2>&1)"
  done
  printf '%s\n' "$wanted_users" | while IFS= read -r etcd_auth_name; do
    [ -z "$etcd_auth_name" ] || reply user "$("$etcdctl" user get "$etcd_auth_name" -w json 2>&1)"
  done
  # A password can be tried only where authentication is on. It goes by the environment, and into no argument.
  printf '%s\n' "$passwords" | while IFS=' ' read -r etcd_auth_name etcd_auth_password; do
    [ -n "$etcd_auth_name" ] || continue
    etcd_auth_said=$(ETCDCTL_USER="$etcd_auth_name" ETCDCTL_PASSWORD="$etcd_auth_password" "$etcdctl" get --limit=1 --keys-only x 2>&1)
    case $etcd_auth_said in *'authentication failed'*) reply password wrong ;; *) reply password right ;; esac
  done
}

etcd_auth_do() {
  etcd_auth_said=$("$etcdctl" "$@" 2>&1 </dev/null) && return 0
  # Done already, by a try whose answer was lost.
  case $etcd_auth_said in
    *'already exists'* | *'already granted'* | *'not found'* | *'is not granted'* | *'authentication is not enabled'*) return 0 ;;
  esac
  fail "etcdctl $1 $2: $(printf '%s\n' "$etcd_auth_said" | tail -n 1)"
}

# Each line is one thing to do; its fields have spaces and the like escaped as printf's %b reads them.
etcd_auth_apply() {
  while IFS=' ' read -r etcd_auth_what etcd_auth_a etcd_auth_b etcd_auth_c etcd_auth_d; do
    etcd_auth_a=$(printf '%b.' "$etcd_auth_a") etcd_auth_a=${etcd_auth_a%.}
    etcd_auth_c=$(printf '%b.' "$etcd_auth_c") etcd_auth_c=${etcd_auth_c%.}
    etcd_auth_d=$(printf '%b.' "$etcd_auth_d") etcd_auth_d=${etcd_auth_d%.}
    case $etcd_auth_what in
      role-add) etcd_auth_do role add -- "$etcd_auth_a" ;;
      role-delete) etcd_auth_do role delete -- "$etcd_auth_a" ;;
      # b is the type, c the key, d the end of the range: none, or with --prefix or --from-key in its place.
      role-grant | role-revoke)
        set -- role "${etcd_auth_what#role-}-permission"
        case $etcd_auth_d in
          --*) set -- "$@" "$etcd_auth_d" -- "$etcd_auth_a" ;;
          *) set -- "$@" -- "$etcd_auth_a" ;;
        esac
        [ "$etcd_auth_what" = role-revoke ] || set -- "$@" "$etcd_auth_b"
        set -- "$@" "$etcd_auth_c"
        case $etcd_auth_d in '' | --*) ;; *) set -- "$@" "$etcd_auth_d" ;; esac
        etcd_auth_do "$@"
        ;;
      user-add-without) etcd_auth_do user add --no-password -- "$etcd_auth_a" ;;
      user-add | user-passwd)
        etcd_auth_said=$(printf '%s\n' "$etcd_auth_c" | "$etcdctl" user "${etcd_auth_what#user-}" --interactive=false -- "$etcd_auth_a" 2>&1) ||
          case $etcd_auth_said in
            *'already exists'*) ;;
            *) fail "etcdctl user ${etcd_auth_what#user-} $etcd_auth_a: $(printf '%s\n' "$etcd_auth_said" | tail -n 1)" ;;
          esac
        ;;
      user-delete) etcd_auth_do user delete -- "$etcd_auth_a" ;;
      user-grant) etcd_auth_do user grant-role -- "$etcd_auth_a" "$etcd_auth_c" ;;
      user-revoke) etcd_auth_do user revoke-role -- "$etcd_auth_a" "$etcd_auth_c" ;;
      disable) etcd_auth_do auth disable ;;
      enable)
        etcd_auth_do auth enable
        # Who cannot work on it any more has locked itself out: back at once, by the password of root.
        etcd_auth_said=$("$etcdctl" user list 2>&1) || {
          ETCDCTL_USER=root ETCDCTL_PASSWORD="$etcd_auth_c" "$etcdctl" auth disable >/dev/null 2>&1
          fail "with authentication on, this host cannot work on the cluster (authentication is off again): $(printf '%s\n' "$etcd_auth_said" | tail -n 1)"
        }
        ;;
    esac
  done <<EOF
$operations
EOF
}

do_etcd_auth() {
  etcd_auth_settings
  "etcd_auth_$phase"
}
