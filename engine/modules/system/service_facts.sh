do_service_facts() {
  sbin_path
  export LC_ALL=C
  if [ -d /run/systemd/system ] && have systemctl; then
    reply units "$(systemctl list-units --no-pager --no-legend --plain --type service --all)"
    v_files=$(systemctl list-unit-files --no-pager --no-legend --type service --all)
    reply files "$v_files"
    set --
    # shellcheck disable=SC2086 # a list
    while read -r v_name _; do
      case $v_name in *@.service | '') ;; *) set -- "$@" "$v_name" ;; esac
    done <<EOF
$v_files
EOF
    for v_name in "$@"; do reply asked "$v_name"; done
    [ $# = 0 ] || reply active "$(systemctl show -p ActiveState --value -- "$@")"
    ! have service || reply sysv "$(service --status-all 2>/dev/null)"
    return
  fi
  if have rc-status; then
    reply openrc "$(rc-status -a -s 2>/dev/null)"
  elif have service; then
    reply sysv "$(service --status-all 2>&1)"
  fi
}
