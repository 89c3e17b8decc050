#: needs files
# shellcheck disable=SC2154,SC2034 # variables of the request

# Tells what is there; a small file that the controller does not have yet comes along at once.
do_fetch() {
  reply source "$src"
  if [ -d "$src" ]; then
    reply type directory
    return
  fi
  if [ ! -e "$src" ]; then
    reply type absent
    return
  fi
  if [ ! -r "$src" ]; then
    reply type unreadable
    return
  fi
  files_sha1 "$src"
  reply type file
  reply checksum "$f_sum"
  [ "$f_sum" != "$known" ] || return 0
  if [ "$(stat -L -c %s -- "$src")" -le "$limit" ]; then
    reply_rest content
    cat -- "$src"
  fi
}
