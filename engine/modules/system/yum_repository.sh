# shellcheck disable=SC2154 # assigned by the request
# Removes a file that has no section left.
do_yum_repository() {
  rm -f -- "$gone" || fail "could not remove $gone"
}
