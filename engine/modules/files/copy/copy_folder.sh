#: needs files tree
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
  eval "set -- $folders"
  [ -d "$dest" ] || mkdir -p -- "$dest" || fail "could not make the folder $dest"
  files_look "$dest"
  tree_at "$dest"
  while [ $# -gt 0 ]; do
    [ -z "$1" ] || copy_folder "$1" "$2" "$3"
    shift 3
  done
  if [ -n "$upload" ]; then
    cd -- "${tree_top:-/}" || exit 1
    tree_stage
    tar -xmof "$upload" || fail "could not unpack the files in $dest"
  fi
  copy_groups
  eval "set -- $place"
  while [ $# -gt 0 ]; do
    tree_go "$2"
    [ ! -d "$t_name" ] || fail "cannot replace the folder $dest/$2 by a file"
    [ -z "$backup" ] || [ ! -e "$t_name" ] || files_backup "$t_name" "$dest/$2"
    $files_mv -- "$t_from/$1" "$t_name" || fail "could not put $dest/$2 in place"
    shift 2
  done
  eval "set -- $links"
  while [ $# -gt 0 ]; do
    tree_go "$1"
    copy_link "$1" "$2"
    shift 2
  done
}

# What is staged is in a folder where nobody else can write; what is there already is held while it changes.
copy_groups() {
  copy_number=0
  while [ "$copy_number" -lt "$groups" ]; do
    eval "copy_where=\$g${copy_number}_where copy_mode=\$g${copy_number}_mode copy_owner=\$g${copy_number}_owner copy_list=\$g${copy_number}_names"
    eval "set -- $copy_list"
    if [ "$copy_where" = staged ]; then
      [ -z "$copy_owner" ] || printf '%s\0' "$@" | xargs -0 chown -- "$copy_owner" || fail 'chown failed' path "$dest"
      [ -z "$copy_mode" ] || printf '%s\0' "$@" | xargs -0 chmod -- "$copy_mode" || fail 'chmod failed' path "$dest"
    else
      copy_staged=$PWD
      for copy_name do copy_give "$copy_name" "$copy_mode" "$copy_owner"; done
      cd -- "$copy_staged" || exit 1
    fi
    copy_number=$((copy_number + 1))
  done
}

# copy_give NAME MODE OWNER: of what is in $dest.
copy_give() {
  tree_go "$1"
  files_look "$t_name" || fail "$dest/$1 was removed by somebody else"
  files_hold "$t_name"
  [ -z "$3" ] || files_chown "$3" "$t_name" || fail 'chown failed' path "$dest"
  [ -z "$2" ] || [ "$f_type" = link ] || files_chmod "$2" "$t_name" || fail 'chmod failed' path "$dest"
  f_held=''
}

# copy_folder NAME MODE OWNER: makes a folder; those above it are there by now.
copy_folder() {
  tree_go "$1"
  [ ! -d "$t_name" ] || return 0
  mkdir -- "$t_name" || fail "could not make the folder $dest/$1"
  [ -z "$2$3" ] || copy_give "$1" "$2" "$3"
}

# copy_link PATH TARGET: makes or replaces a link; never a folder.
copy_link() {
  if [ -d "$t_name" ] && [ ! -L "$t_name" ]; then
    rmdir -- "$t_name" 2>/dev/null || fail "the directory $dest/$1 is not empty, refusing to convert it"
  fi
  copy_new=./.troupe.$T_NAME.link
  ln -s -- "$2" "$copy_new" && $files_mv -- "$copy_new" "$t_name" && [ ! -L "$copy_new" ] || {
    rm -f -- "$copy_new"
    fail "could not make the link $dest/$1"
  }
}
