# shellcheck disable=SC2154,SC2086,SC2015 # assigned by the request; parameters are several words
do_modprobe() {
  sbin_path
  case $m_name in *-*) m_kernel=$(printf '%s' "$m_name" | tr - _) ;; *) m_kernel=$m_name ;; esac
  m_loaded=
  if [ -d "/sys/module/$m_kernel" ] || grep -q "^$m_kernel " /proc/modules 2>/dev/null; then
    m_loaded=1
  elif grep -q "/$m_name\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null; then
    m_loaded=1
  fi
  if [ "$m_state" = present ] && [ -z "$m_loaded" ]; then
    change loaded
    checking || m_out=$(modprobe -- "$m_name" $m_params 2>&1) || fail "$m_out" rc "$?"
  elif [ "$m_state" = absent ] && [ -n "$m_loaded" ]; then
    change loaded
    checking || m_out=$(modprobe -r -- "$m_name" 2>&1) || fail "$m_out" rc "$?"
  fi
  case $m_persistent in
    present)
      modprobe_line "/etc/modules-load.d/$m_name.conf" "$m_name"
      [ -z "$m_params" ] || modprobe_line "/etc/modprobe.d/$m_name.conf" "options $m_name $m_params"
      ;;
    absent)
      modprobe_forget "^ *$m_name *\$" /etc/modules-load.d/*.conf /etc/modules
      modprobe_forget "^ *options  *$m_name " /etc/modprobe.d/*.conf
      ;;
  esac
}

modprobe_line() {
  grep -q -x -F -e "$2" "${1%/*}"/*.conf 2>/dev/null && return
  change persistent
  checking || { mkdir -p "${1%/*}" && (umask 022 && printf '%s\n' "$2" >"$1"); } || fail "can't write $1"
}

modprobe_forget() {
  m_pattern=$1
  shift
  for m_file in "$@"; do
    [ -f "$m_file" ] && grep -q -e "$m_pattern" "$m_file" || continue
    change persistent
    checking || sed -i "s/$m_pattern/#&/" "$m_file" || fail "can't change $m_file"
  done
}
