#: needs units initd
# shellcheck disable=SC2154 # variables of the request
# Which init runs the host is seen from what is there, without a process.
do_service() {
  s_manager=$s_use
  if [ "$s_manager" = auto ]; then
    if [ -d /run/systemd/system ] && have systemctl; then
      s_manager=systemd
    elif have rc-service && { [ -d /run/openrc ] || [ -d /lib/rc ] || [ -d /etc/runlevels ]; }; then
      s_manager=openrc
    elif [ -d /etc/init.d ]; then
      s_manager=sysvinit
    elif have systemctl; then
      s_manager=systemd
    else
      fail 'no service manager found: neither systemd nor OpenRC nor /etc/init.d is on this host'
    fi
  fi
  reply manager "$s_manager"
  case $s_manager in
    systemd)
      eval "set -- $u_unused"
      for s_ignored do warn "Ignoring \"$s_ignored\" as it is not used in \"systemd\""; done
      [ -z "$u_refused" ] || fail "$u_refused"
      systemd_unit
      ;;
    *)
      [ -z "$i_refused" ] || fail "$i_refused"
      if [ "$s_manager" = openrc ]; then openrc_service; else initd_service; fi
      ;;
  esac
}
