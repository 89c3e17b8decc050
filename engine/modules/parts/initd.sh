# Services of SysV init scripts and of OpenRC.
# shellcheck disable=SC2034,SC2154,SC2086,SC2015,SC2119,SC2120 # variables are shared by functions; some are split on purpose
# i_name i_state i_enabled (1, 0 or empty) i_pattern i_sleep i_arguments i_runlevel i_runlevels

initd_running_by_pattern() {
  for i_file in /proc/[0-9]*/cmdline; do
    i_line=$(tr '\0' ' ' <"$i_file" 2>/dev/null)
    case $i_line in *"$1"*) [ "$i_file" = "/proc/$$/cmdline" ] || return 0 ;; esac
  done
  return 1
}

# Sets i_running from what the script's own `status` says, which every script words differently.
initd_look() {
  i_running=
  if [ -n "$i_pattern" ]; then
    initd_running_by_pattern "$i_pattern" && i_running=1
    return 0
  fi
  i_out=$("$i_script" status 2>/dev/null)
  i_rc=$?
  i_lower=$(printf '%s' "$i_out" | tr '[:upper:]' '[:lower:]')
  case $i_out in *"
"*) i_lower= ;; esac
  while :; do case $i_lower in *"$i_name"*) i_lower=${i_lower%%"$i_name"*}${i_lower#*"$i_name"} ;; *) break ;; esac; done
  case $i_lower in
    *stop* | *'is dead '* | *'dead but '* | *'could not access pid file'* | *inactive*) return 0 ;;
    *'not '*) ;;
    *run* | *start* | *active*) i_running=1 && return 0 ;;
  esac
  [ "$i_rc" != 0 ] || i_running=1
}

initd_enabled() {
  if [ -d /etc/rc0.d ]; then i_base=/etc; else i_base=/etc/init.d; fi
  # shellcheck disable=SC2231 # a pattern
  for i_link in "$i_base"/rc${1:-[0-9S]}.d/S??"$i_name"; do
    if [ -e "$i_link" ] || [ -L "$i_link" ]; then return 0; fi
  done
  return 1
}

# initd_tool enable|disable [runlevel...]
initd_tool() {
  i_verb=$1
  shift
  if have update-rc.d; then
    if [ $# -gt 0 ]; then
      update-rc.d "$i_name" "$i_verb" "$@"
    elif [ "$i_verb" = enable ]; then
      update-rc.d "$i_name" defaults && update-rc.d "$i_name" enable
    else
      update-rc.d "$i_name" disable
    fi
  elif have chkconfig; then
    i_levels=$(printf '%s' "$@")
    if [ "$i_verb" = enable ]; then i_word=on; else i_word=off; fi
    chkconfig ${i_levels:+--level "$i_levels"} "$i_name" "$i_word"
  else
    printf 'neither update-rc.d nor chkconfig is on this host\n' >&2
    return 1
  fi
}

initd_enable() {
  eval "set -- $i_runlevels"
  i_differs=
  if [ $# -eq 0 ]; then
    if initd_enabled; then i_now=1; else i_now=0; fi
    [ "$i_now" = "$i_enabled" ] || i_differs=1
  fi
  for i_level in "$@"; do
    if initd_enabled "$i_level"; then i_now=1; else i_now=0; fi
    [ "$i_now" = "$i_enabled" ] || i_differs=1
  done
  [ -n "$i_differs" ] || return 0
  change enabled
  checking && return
  if [ "$i_enabled" = 1 ]; then i_verb=enable; else i_verb=disable; fi
  i_out=$(initd_tool "$i_verb" "$@" 2>&1) || fail "Unable to $i_verb service $i_name: $i_out"
  reply enabled_rc 0 && reply enabled_stdout "$i_out"
}

initd_act() {
  i_out=$("$i_script" "$1" $i_arguments 2>&1) || fail "Failed to $1 service: $i_name" rc "$?" stdout "$i_out"
  reply state_stdout "$i_out"
}

initd_state() {
  initd_look
  case $i_state in
    started) [ -z "$i_running" ] || return 0 ;;
    stopped) [ -n "$i_running" ] || return 0 ;;
  esac
  change state
  checking && return
  case $i_state in
    started) initd_act start ;;
    stopped) initd_act stop ;;
    reloaded) if [ -n "$i_running" ]; then initd_act reload; else initd_act start; fi ;;
    # An init script's own `restart` often gives up where `stop` finds nothing to stop.
    restarted)
      [ -z "$i_running" ] || initd_act stop
      [ -z "$i_sleep" ] || sleep "$i_sleep"
      initd_act start
      ;;
  esac
}

initd_service() {
  case $i_name in /*) i_script=$i_name ;; *) i_script=/etc/init.d/$i_name ;; esac
  [ -e "$i_script" ] || fail "Could not find the requested service $i_name: "
  [ -z "$i_enabled" ] || initd_enable
  [ -z "$i_state" ] || initd_state
}

openrc_service() {
  [ -e "/etc/init.d/$i_name" ] || fail "Could not find the requested service $i_name: host"
  if [ -n "$i_enabled" ]; then
    i_now=0
    [ -e "/etc/runlevels/$i_runlevel/$i_name" ] && i_now=1
    if [ "$i_now" != "$i_enabled" ]; then
      change enabled
      i_verb=delete
      [ "$i_enabled" = 1 ] && i_verb=add
      if ! checking; then
        i_out=$(rc-update "$i_verb" "$i_name" "$i_runlevel" 2>&1) || fail "failure: rc-update $i_verb $i_name: $i_out"
      fi
    fi
  fi
  [ -n "$i_state" ] || return 0
  i_running=
  if [ -n "$i_pattern" ]; then
    initd_running_by_pattern "$i_pattern" && i_running=1
  else
    case $(rc-service "$i_name" status 2>&1) in *started*) i_running=1 ;; esac
  fi
  i_verb=
  case $i_state in
    started) [ -n "$i_running" ] || i_verb=start ;;
    stopped) [ -z "$i_running" ] || i_verb=stop ;;
    restarted) i_verb=${i_running:+re}start ;;
    reloaded) if [ -n "$i_running" ]; then i_verb=reload; else i_verb=start; fi ;;
  esac
  [ -n "$i_verb" ] || return 0
  change state
  checking && return
  i_out=$(rc-service "$i_name" "$i_verb" $i_arguments 2>&1) || fail "Failed to $i_verb service $i_name: $i_out"
}
