# shellcheck disable=SC2154,SC2015 # assigned by the request
do_timezone() {
  sbin_path
  z_folder=/usr/share/zoneinfo
  if [ -n "$z_name" ]; then
    [ -f "$z_folder/$z_name" ] || fail "given timezone \"$z_name\" is not available"
    z_now=
    z_link=$(readlink /etc/localtime 2>/dev/null)
    case $z_link in
      *zoneinfo/*) z_now=${z_link#*zoneinfo/} ;;
      *) if [ -r /etc/timezone ]; then read -r z_now </etc/timezone; fi ;;
    esac
    [ -n "$z_now" ] || [ -e /etc/localtime ] || z_now=UTC
    reply before_name "$z_now"
    reply after_name "$z_name"
    z_text=$z_name
    [ ! -e /etc/timezone ] || read -r z_text </etc/timezone
    if [ "$z_now" != "$z_name" ] || [ "$z_text" != "$z_name" ]; then
      change name
      checking || timezone_set
    fi
  fi
  [ -z "$z_hwclock" ] || timezone_clock
}

timezone_set() {
  if [ -d /run/systemd/system ] && have timedatectl && timedatectl set-timezone "$z_name" 2>/dev/null; then
    :
  else
    ln -s "$z_folder/$z_name" /etc/localtime.troupe && mv -f /etc/localtime.troupe /etc/localtime || fail "can't set /etc/localtime"
  fi
  [ ! -e /etc/timezone ] || printf '%s\n' "$z_name" >/etc/timezone
}

timezone_clock() {
  z_now=UTC
  if [ -r /etc/adjtime ]; then
    while read -r z_line; do case $z_line in LOCAL) z_now=local ;; esac done </etc/adjtime
  fi
  reply before_hwclock "$z_now"
  reply after_hwclock "$z_hwclock"
  [ "$z_now" != "$z_hwclock" ] || return 0
  change hwclock
  checking && return
  if [ "$z_hwclock" = local ]; then z_word=LOCAL z_local=1; else z_word=UTC z_local=0; fi
  if [ -d /run/systemd/system ] && have timedatectl && timedatectl set-local-rtc "$z_local" 2>/dev/null; then return; fi
  { head -n 2 /etc/adjtime 2>/dev/null || printf '0.0 0 0.0\n0\n'; printf '%s\n' "$z_word"; } >/etc/adjtime.troupe &&
    mv -f /etc/adjtime.troupe /etc/adjtime || fail "can't write /etc/adjtime"
}
