#: needs pm_rpm
do_dnf() {
  pm_dnf
}
