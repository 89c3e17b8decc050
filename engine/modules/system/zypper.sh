#: needs pm_rpm
do_zypper() {
  pm_zypper
}
