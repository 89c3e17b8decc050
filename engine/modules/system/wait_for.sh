#: needs files
# Waits on the host itself, in one request: a local port is looked up in /proc/net, another is connected to with what the
# host has. Time is read from /proc/uptime, which costs no process.
# shellcheck disable=SC2016 # the inner bash expands its own arguments

do_wait_for() {
  w_now && w_start=$w_time
  w_end=$((w_start + w_timeout))
  [ "$w_delay" = 0 ] || sleep "$w_delay"
  if [ -n "$w_port" ] && [ "$w_state" != drained ]; then w_choose; fi
  if [ -z "$w_port$w_path" ]; then
    [ "$w_state" = drained ] || sleep "$w_timeout"
    w_finish
  fi
  while w_now && [ "$w_time" -lt "$w_end" ]; do
    case $w_state in
      started | present) w_present && w_finish ;;
      stopped | absent) w_present || w_finish ;;
      drained) w_drained && w_finish ;;
    esac
    sleep "$w_sleep"
  done
  w_now
  reply elapsed "$((w_time - w_start))"
  reply timeout 1
}

w_finish() {
  w_now
  reply elapsed "$((w_time - w_start))"
  [ -z "$w_path" ] || files_info "$w_path"
  exit 0
}

w_now() {
  read -r w_time _ </proc/uptime
  w_time=${w_time%.*}
}

w_present() {
  if [ -n "$w_path" ]; then
    [ -e "$w_path" ] || return 1
    [ -n "$w_search" ] || return 0
    w_found=$(w_grep <"$w_path") || return 1
    reply found "$w_found"
  elif [ -n "$w_search" ]; then
    w_found=$(w_talk | w_grep) || return 1
    reply found "$w_found"
  else
    w_connect
  fi
}

# The first line that matches.
w_grep() {
  grep -a -m 1 -E -e "$w_search" 2>/dev/null
}

w_choose() {
  w_local=
  case $w_host in
    127.* | localhost | ::1 | 0.0.0.0) [ -n "$w_search" ] || { [ -r /proc/net/tcp ] && w_local=1; } ;;
  esac
  [ -z "$w_local" ] || { w_hex=$(printf '%04X' "$w_port"); return; }
  w_tool=
  if have bash && have timeout; then
    w_tool=bash
  elif have nc; then
    w_tool=nc
  elif [ -n "$w_search" ]; then
    :
  elif have curl; then
    w_tool=curl
  elif have wget && have timeout; then
    w_tool=wget
  fi
  [ -n "$w_tool" ] || fail "to reach $w_host:$w_port from this host, one of bash, nc, curl or wget is needed, and none is here"
}

# A socket that listens (0A) on this port of the loopback or of every address.
w_listens() {
  grep -q -E "^ *[0-9]+: (00000000|0100007F|[0-9A-F]{6}7F|0{32}|0{24}01000000|0{16}FFFF00000100007F):$w_hex [0-9A-F]+:[0-9A-F]+ 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

w_connect() {
  if [ -n "$w_local" ]; then
    w_listens
    return
  fi
  case $w_tool in
    bash) timeout "$w_connect_timeout" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$w_host" "$w_port" 2>/dev/null ;;
    nc)
      nc -z -w "$w_connect_timeout" "$w_host" "$w_port" </dev/null >/dev/null 2>&1
      w_rc=$?
      # busybox without -z
      if [ "$w_rc" != 0 ] && nc -z 2>&1 </dev/null | grep -q -e 'invalid option' -e 'unrecognized'; then
        nc -w "$w_connect_timeout" "$w_host" "$w_port" </dev/null >/dev/null 2>&1
        w_rc=$?
      fi
      return "$w_rc"
      ;;
    curl)
      curl -s --connect-timeout "$w_connect_timeout" -m "$w_connect_timeout" "telnet://$w_host:$w_port" </dev/null >/dev/null 2>&1
      w_rc=$?
      # 28 after a connection is the end of -m; without one, curl says so in time_connect.
      case $w_rc in 0 | 48 | 49 | 55 | 56) return 0 ;; *) return 1 ;; esac
      ;;
    wget)
      timeout "$w_connect_timeout" wget -q -O /dev/null "http://$w_host:$w_port/" </dev/null >/dev/null 2>&1
      w_rc=$?
      [ "$w_rc" != 4 ] && [ "$w_rc" != 1 ] && [ "$w_rc" -lt 124 ]
      ;;
  esac
}

# What the other side says first.
w_talk() {
  w_now
  w_left=$((w_end - w_time))
  [ "$w_left" -gt 0 ] || w_left=1
  [ "$w_left" -le 5 ] || w_left=5
  case $w_tool in
    bash) timeout "$w_left" bash -c 'exec 3<>"/dev/tcp/$0/$1" && cat <&3' "$w_host" "$w_port" 2>/dev/null ;;
    nc) { sleep "$w_left"; } | nc -w "$w_left" "$w_host" "$w_port" 2>/dev/null ;;
  esac
  return 0
}

# Whether no connection of the given states is left at the port; excluded addresses come as they stand in /proc/net.
w_drained() {
  w_hex=$(printf '%04X' "$w_port")
  w_lines=$(grep -h -E "^ *[0-9]+: ${w_local_hex:-[0-9A-F]+}:$w_hex [0-9A-F]+:[0-9A-F]+ ($w_states) " /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  [ -n "$w_lines" ] || return 0
  [ -n "$w_exclude" ] || return 1
  printf '%s\n' "$w_lines" | grep -q -v -E "^ *[0-9]+: [0-9A-F:]+ ($w_exclude):" && return 1
  return 0
}
