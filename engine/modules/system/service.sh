#: needs units initd
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
      for s_ignored in pattern sleep arguments; do
        eval "[ -z \"\$i_$s_ignored\" ]" || warn "Ignoring \"$s_ignored\" as it is not used in \"systemd\""
      done
      systemd_unit
      ;;
    openrc) openrc_service ;;
    *) initd_service ;;
  esac
}
