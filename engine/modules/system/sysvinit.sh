#: needs initd
do_sysvinit() {
  initd_service
}
