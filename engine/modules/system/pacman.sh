#: needs pm_others
do_pacman() {
  pm_pacman
}
