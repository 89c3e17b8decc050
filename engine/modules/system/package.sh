#: needs pm_apt pm_rpm pm_others
# shellcheck disable=SC2154 # assigned by the request
do_package() {
  sbin_path
  k_manager=${k_use:-auto}
  if [ "$k_manager" = auto ]; then
    for k_word in apt-get:apt dnf5:dnf dnf:dnf yum:yum microdnf:dnf zypper:zypper apk:apk pacman:pacman; do
      have "${k_word%:*}" && k_manager=${k_word#*:} && break
    done
  fi
  if [ -n "$k_ask" ]; then
    [ "$k_manager" = auto ] && fail 'Could not detect a package manager. Try using the "use" option.'
    reply manager "$k_manager"
    return
  fi
  case $k_manager in
    apt | dnf | yum | zypper | apk | pacman) "pm_$k_manager" ;;
    dnf4 | dnf5) pm_dnf ;;
    auto) fail 'Could not detect a package manager. Try using the "use" option.' ;;
    *) fail "Could not find a matching action for the \"$k_manager\" package manager." ;;
  esac
}
