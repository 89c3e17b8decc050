#: needs files
# shellcheck disable=SC2154,SC2015,SC2034,SC2086,SC2119,SC2120 # variables of the request

# Looks at, or puts in place, the many files of a folder. $names are paths below $dest; of each one: its type by a letter, then
# the state of all that are there, then the checksums of the files, each in the order of $names.
do_copy_folder() {
  umask "$files_umask"
  case $dest in -*) dest=./$dest ;; esac
  dest=${dest%/}
  reply dest "$dest/"
  if [ -n "$plan" ]; then
    copy_apply
    return
  fi
  [ ! -e "$dest" ] || [ -d "$dest" ] || fail "$dest is not a directory"
  reply umask "$files_umask"
  eval "set -- $names"
  copy_letters=''
  copy_count=$#
  while [ "$copy_count" -gt 0 ]; do
    copy_count=$((copy_count - 1))
    copy_path=$dest/$1
    shift
    if [ -L "$copy_path" ]; then
      if [ -d "$copy_path" ]; then copy_letters=${copy_letters}L; else copy_letters=${copy_letters}l; fi
      reply link "$(readlink -- "$copy_path")"
    elif [ -d "$copy_path" ]; then
      copy_letters=${copy_letters}d
      set -- "$@" "$copy_path"
    elif [ -f "$copy_path" ] && [ -r "$copy_path" ]; then
      copy_letters=${copy_letters}f
      set -- "$@" "$copy_path"
    elif [ -e "$copy_path" ]; then
      copy_letters=${copy_letters}o
    else
      copy_letters=${copy_letters}-
    fi
  done
  reply types "$copy_letters"
  [ $# = 0 ] || {
    reply states "$(printf '%s\0' "$@" | xargs -0 stat -c '%a:%u:%g:%U:%G' --)"
    copy_count=$#
    while [ "$copy_count" -gt 0 ]; do
      copy_count=$((copy_count - 1))
      [ -d "$1" ] || set -- "$@" "$1"
      shift
    done
    [ $# = 0 ] || reply sums "$(printf '%s\0' "$@" | xargs -0 sha1sum --)"
  }
}

# What $plan says: folders to make (path, mode, owner), links (path, target), files from the upload to put in place (number,
# path), and $groups of files or folders that get the same mode and owner ($g0_where, $g0_mode, $g0_owner, $g0_names ...).
copy_apply() {
  files_trap
  eval "set -- $folders"
  while [ $# -gt 0 ]; do
    copy_folder "$dest${1:+/$1}" "$2" "$3"
    shift 3
  done
  if [ -n "$upload" ]; then
    f_temp=$(umask 077 && mktemp -d "$dest/.troupe.XXXXXX") || fail "Destination $dest not writable"
    tar -xmof "$upload" -C "$f_temp" && rm -f -- "$upload" || {
      rm -f -- "$upload"
      fail "could not unpack the files in $dest"
    }
  fi
  copy_number=0
  while [ "$copy_number" -lt "$groups" ]; do
    eval "copy_where=\$g${copy_number}_where copy_mode=\$g${copy_number}_mode copy_owner=\$g${copy_number}_owner copy_list=\$g${copy_number}_names"
    eval "set -- $copy_list"
    if [ "$copy_where" = staged ]; then cd -- "$f_temp" || exit 1; fi
    if [ "$copy_where" = there ]; then cd -- "$dest" || exit 1; fi
    [ -z "$copy_owner" ] || printf '%s\0' "$@" | xargs -0 chown -- "$copy_owner" || fail 'chown failed' path "$dest"
    [ -z "$copy_mode" ] || printf '%s\0' "$@" | xargs -0 chmod -- "$copy_mode" || fail 'chmod failed' path "$dest"
    cd - >/dev/null || exit 1
    copy_number=$((copy_number + 1))
  done
  eval "set -- $place"
  while [ $# -gt 0 ]; do
    [ ! -d "$dest/$2" ] || fail "cannot replace the folder $dest/$2 by a file"
    [ -z "$backup" ] || [ ! -e "$dest/$2" ] || files_backup "$dest/$2"
    $files_mv -- "$f_temp/$1" "$dest/$2" || fail "could not put $dest/$2 in place"
    shift 2
  done
  eval "set -- $links"
  while [ $# -gt 0 ]; do
    copy_link "$dest/$1" "$2"
    shift 2
  done
}

# copy_folder PATH MODE OWNER: makes a folder with all above it.
copy_folder() {
  [ ! -d "$1" ] || return 0
  mkdir -p -- "$1" || fail "could not make the folder $1"
  [ -z "$3" ] || chown -- "$3" "$1" || fail 'chown failed' path "$1"
  [ -z "$2" ] || chmod -- "$2" "$1" || fail 'chmod failed' path "$1"
}

# copy_link PATH TARGET: makes or replaces a link; never a folder.
copy_link() {
  if [ -d "$1" ] && [ ! -L "$1" ]; then
    rmdir -- "$1" 2>/dev/null || fail "the directory $1 is not empty, refusing to convert it"
  fi
  files_parent "$1"
  copy_new=$f_dir/.troupe.$$.link
  ln -s -- "$2" "$copy_new" && $files_mv -- "$copy_new" "$1" && [ ! -L "$copy_new" ] || {
    rm -f -- "$copy_new"
    fail "could not make the link $1"
  }
}
