#: needs accounts
do_group() {
  sbin_path
  if group_find_named "$n_name"; then
    [ "$n_state" = present ] || group_remove
    [ "$n_state" != present ] || group_modify
  elif [ "$n_state" = present ]; then
    group_create
  fi
  if [ "$n_state" = present ] && group_find_named "$n_name"; then reply gid "$g_gid"; fi
}

# By name only: a group named 100 is not the one with that number.
group_find_named() {
  group_find "$1" && [ "$g_name" = "$1" ]
}

group_run() {
  change "$n_state"
  checking && return
  n_out=$("$@" 2>&1) || fail "$n_out" name "$n_name"
}

group_remove() {
  if have groupdel; then
    group_run groupdel ${n_force:+-f} -- "$n_name"
  else
    have delgroup || fail 'neither groupdel nor delgroup is on this host' name "$n_name"
    group_run delgroup "$n_name"
  fi
}

group_create() {
  if have groupadd; then
    set -- groupadd
    [ -z "$n_gid" ] || set -- "$@" -g "$n_gid"
    [ -z "$n_gid" ] || [ -z "$n_non_unique" ] || set -- "$@" -o
    [ -z "$n_system" ] || set -- "$@" -r
    [ -z "$n_gid_min" ] || set -- "$@" -K "GID_MIN=$n_gid_min"
    [ -z "$n_gid_max" ] || set -- "$@" -K "GID_MAX=$n_gid_max"
    group_run "$@" -- "$n_name"
  else
    have addgroup || fail 'neither groupadd nor addgroup is on this host' name "$n_name"
    set -- addgroup
    [ -z "$n_gid" ] || set -- "$@" -g "$n_gid"
    [ -z "$n_system" ] || set -- "$@" -S
    group_run "$@" "$n_name"
  fi
}

group_modify() {
  if [ -z "$n_gid" ] || [ "$n_gid" = "$g_gid" ]; then return 0; fi
  if have groupmod; then
    group_run groupmod -g "$n_gid" ${n_non_unique:+-o} -- "$n_name"
  else
    n_line="$g_name:$g_word:$n_gid:$g_members"
    if [ -z "$n_non_unique" ] && group_find "$n_gid" && [ "$g_gid" = "$n_gid" ]; then fail "GID '$n_gid' already exists"; fi
    change present
    checking || account_rewrite /etc/group "$n_name" "$n_line"
  fi
}
