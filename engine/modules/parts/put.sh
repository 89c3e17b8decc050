#: needs files
# Puts a whole small file in place, atomically, or removes it: $dest, $content, $mode; $backup keeps a dated copy.
# shellcheck disable=SC2154,SC2034 # assigned by the request, or by files.sh
do_put() {
  if [ -n "$remove" ]; then
    [ -z "$backup" ] || files_backup "$dest"
    rm -f -- "$dest" || fail "can't remove $dest"
    return
  fi
  [ ! -L "$dest" ] || dest=$(readlink -f -- "$dest")
  files_look "$dest"
  if [ "$f_type" = absent ]; then
    files_parent "$dest"
    [ -d "$f_dir" ] || (umask 022 && mkdir -p -- "$f_dir") || fail "can't make $f_dir"
  elif [ -n "$backup" ]; then
    files_backup "$dest"
  fi
  size=''
  files_put "$dest"
}
