#: needs pm_others
do_apk() {
  pm_apk
}
