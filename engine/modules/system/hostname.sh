#: needs files
# The name of the host now (the kernel's) and after a boot (/etc/hostname, or what this system has instead).
# shellcheck disable=SC2154 # assigned by the request, or by files.sh
do_hostname() {
  sbin_path
  read -r h_now </proc/sys/kernel/hostname
  h_file=/etc/hostname
  h_strategy=$h_use
  if [ -z "$h_strategy" ]; then
    if [ -d /run/systemd/system ] && have hostnamectl; then
      h_strategy=systemd
    elif [ -f /etc/conf.d/hostname ] && have rc-service; then
      h_strategy=openrc
    elif [ -f /etc/sysconfig/network ] && [ ! -e /etc/hostname ]; then
      h_strategy=redhat
    else
      h_strategy=generic
    fi
  fi
  h_kept=
  case $h_strategy in
    openrc)
      h_file=/etc/conf.d/hostname
      h_kept=$(sed -n 's/^hostname=["'\'']\{0,1\}\([^"'\'']*\).*/\1/p' "$h_file")
      ;;
    redhat)
      h_file=/etc/sysconfig/network
      h_kept=$(sed -n 's/^HOSTNAME=["'\'']\{0,1\}\([^"'\'']*\).*/\1/p' "$h_file")
      ;;
    sles)
      h_file=/etc/HOSTNAME
      [ ! -r "$h_file" ] || read -r h_kept <"$h_file"
      ;;
    *) [ ! -r "$h_file" ] || read -r h_kept <"$h_file" || : ;;
  esac
  reply now "$h_now"
  reply kept "$h_kept"
  if [ "$h_now" != "$h_name" ]; then change current; fi
  if [ "$h_kept" != "$h_name" ]; then change permanent; fi
  if ! checking; then
    [ "$h_now" = "$h_name" ] || hostname_now
    [ "$h_kept" = "$h_name" ] || hostname_kept
  fi
  ! have hostname || reply fqdn "$(hostname -f 2>/dev/null)"
}

hostname_now() {
  if [ "$h_strategy" = systemd ]; then
    h_out=$(hostnamectl --transient set-hostname -- "$h_name" 2>&1) || fail "Command failed rc=$?, out=, err=$h_out"
  elif have hostname; then
    h_out=$(hostname -- "$h_name" 2>&1) || h_out=$(hostname "$h_name" 2>&1) || fail "Command failed rc=$?, out=, err=$h_out"
  else
    printf '%s\n' "$h_name" >/proc/sys/kernel/hostname || fail "can't set the name of the running system"
  fi
}

hostname_kept() {
  if [ "$h_strategy" = systemd ]; then
    h_out=$(hostnamectl --static set-hostname -- "$h_name" 2>&1) || fail "Command failed rc=$?, out=, err=$h_out"
    return
  fi
  files_look "$h_file"
  files_new "$h_file"
  case $h_strategy in
    openrc | redhat)
      h_key=hostname
      [ "$h_strategy" = openrc ] || h_key=HOSTNAME
      while IFS= read -r h_line; do
        case $h_line in "$h_key="*) ;; *) printf '%s\n' "$h_line" ;; esac
      done <"$h_file" >&8
      printf '%s="%s"\n' "$h_key" "$h_name" >&8
      ;;
    *) printf '%s\n' "$h_name" >&8 ;;
  esac
  files_replace "$h_file"
}
