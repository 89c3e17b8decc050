#: needs units
do_systemd() {
  systemd_unit
}
