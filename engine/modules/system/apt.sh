#: needs pm_apt
do_apt() {
  pm_apt
}
