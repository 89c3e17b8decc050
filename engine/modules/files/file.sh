#: needs files tree
# shellcheck disable=SC2154,SC2015,SC2209,SC2030,SC2031,SC2034,SC2086 # variables of the request

do_file() {
  umask "$files_umask"
  # find takes such a path for an option
  case $path in -*) path=./$path ;; esac
  case $state in
    link | absent) ;;
    *) [ -z "$src" ] || [ ! -d "$path" ] || path=${path%/}/${src##*/} ;;
  esac
  files_look "$path"
  file_before=$f_type
  if [ -z "$state" ]; then
    state=$f_type
    [ "$f_type" != absent ] || state=${recurse:+directory}
    state=${state:-file}
  fi
  [ -z "$recurse" ] || [ "$state" = directory ] || fail "recurse option requires state to be 'directory'" path "$path"
  case $state in
    link | hard) ;;
    *) [ -z "$src" ] || fail "src option requires state to be 'link' or 'hard'" path "$path" ;;
  esac
  if [ "$state" = touch ]; then file_default=now; else file_default=preserve; fi
  mtime=${mtime:-$file_default}
  atime=${atime:-$file_default}
  ! checking || [ "$state" = absent ] || file_warnings
  reply state "$state"
  case $state in
    file) file_file ;;
    directory) file_directory ;;
    link) file_link ;;
    hard) file_hard ;;
    touch) file_touch ;;
    absent) file_absent ;;
  esac
}

# In check mode a user may not be there yet because an earlier task would make it.
file_warnings() {
  if [ -n "$owner" ] && [ "$owner" != "$f_owner" ] && ! id -u -- "$owner" >/dev/null 2>&1; then
    case $owner in *[!0-9]*) file_whose=$owner ;; *) file_whose="with uid $owner" ;; esac
    warn "failed to look up user $file_whose. Create user up to this point in real play"
  fi
  if [ -z "$group" ] || [ "$group" = "$f_group" ]; then return 0; fi
  case $group in
    *[!0-9]*)
      files_group_number "$group" || warn "failed to look up group $group. Create group up to this point in real play"
      ;;
    *) file_group_known || warn "failed to look up group with gid $group. Create group up to this point in real play" ;;
  esac
}

# Whether a group has the number $group.
file_group_known() {
  while IFS=: read -r f_name f_rest f_id f_rest; do
    [ "$f_id" != "$group" ] || return 0
  done </etc/group
  have getent && getent group -- "$group" >/dev/null
}

file_state() {
  [ "$file_before" = "$1" ] || files_note state "$file_before" "$1"
}

file_end() {
  reply path "$path"
  files_info "$path"
}

# Follows the link that $path is.
file_follow() {
  if [ "$f_type" = link ] && [ -n "$follow" ]; then
    file_given=$path
    path=$(files_real "$path") || fail "the link $path cannot be followed" path "$path"
    if [ -e "$path" ] && [ -n "$owner$group$mode$attributes" ]; then
      files_led "$file_given" "$path"
    else
      files_look "$path"
    fi
    file_before=$f_type
  fi
}

file_file() {
  file_follow
  case $f_type in
    file | hard) ;;
    *) fail "file ($path) is $f_type, cannot continue" path "$path" state "$f_type" ;;
  esac
  file_state file
  files_attributes "$path"
  file_times "$path"
  file_end
}

file_touch() {
  if [ "$f_type" = absent ]; then
    change state
    reply path "$path"
    if checking; then
      reply bare 1
      return
    fi
    # Nothing is followed that somebody has put there since; a link to nothing is not `absent`.
    set -C
    { command exec 9>"$path"; } 2>/dev/null || fail 'Error, could not touch target.' path "$path"
    set +C
    command exec 9>&-
    # A file that is not to be had as it was asked for is not left behind.
    trap '[ -z "$file_made" ] || rm -f -- "$file_made"' EXIT
    file_made=$path
    files_look "$path"
  fi
  file_state touch
  file_target=$path
  if [ "$f_type" = link ] && [ -n "$follow" ]; then
    file_target=$(files_real "$path")
    if [ -e "$file_target" ]; then files_led "$path" "$file_target"; else files_look "$file_target"; fi
  fi
  files_attributes "$file_target"
  file_times "$file_target"
  file_made=''
  file_end
}

file_absent() {
  reply path "$path"
  [ "$f_type" != absent ] || return 0
  change state
  files_note state "$f_type" absent
  ! checking || [ ! -e "$path" ] || files_tell "$path"
  if [ "$f_type" = directory ]; then
    if diffing; then
      reply_rest content
      find "$path/" -mindepth 1 -type d -print0
      printf '\0'
      find "$path/" -mindepth 1 ! -type d -print0
    fi
    checking || rm -rf -- "$path" || exit 1
  else
    checking || rm -f -- "$path" || exit 1
  fi
}

file_directory() {
  file_follow
  file_state directory
  case $f_type in
    absent)
      change state
      reply path "$path"
      checking || {
        file_home=$PWD
        file_make
        [ -z "$f_seen" ] || f_seen=$path
        cd -- "$file_home" || exit 1
        files_info "$path"
      }
      return
      ;;
    directory) ;;
    *) fail "$path already exists as a $f_type" path "$path" ;;
  esac
  [ -z "$recurse" ] || {
    file_recurse "$path"
    files_look "$path"
  }
  files_attributes "$path"
  file_times "$path"
  file_end
}

# Makes the folder and those above it that are missing, each with the owner and mode asked for. Each is made in the one before, which
# we are in: its name may lead elsewhere by then.
file_make() {
  file_todo=$path/
  case $path in /*) CDPATH='' cd / && file_todo=${file_todo#/} ;; esac
  file_done=''
  while [ -n "$file_todo" ]; do
    file_part=${file_todo%%/*}
    file_todo=${file_todo#*/}
    [ -n "$file_part" ] || continue
    file_done=$file_done$file_part
    if [ -d "./$file_done" ]; then
      file_done=$file_done/
      continue
    fi
    case $file_done in */*) CDPATH='' cd -- "./${file_done%/*}" || file_failed ;; esac
    file_done=./$file_part
    if [ -n "$mode" ]; then
      # born with its mode; but what is to be given away is open to nobody on the way
      files_mode "$mode" "$files_open_folder" directory
      files_own && [ $((0$f_new & 07000)) = 0 ] || f_new=700
      files_mkdir "$f_new" "$file_done" || file_failed
      files_look "$file_done"
      file_made=$f_inode
      f_real=$f_mode
      f_mode=$files_open_folder
      files_attributes "$file_done"
    else
      mkdir -- "$file_done" || file_failed
      files_look "$file_done"
      file_made=$f_inode
      files_attributes "$file_done"
    fi
    file_times "$file_done"
    [ -n "$file_todo" ] || break
    CDPATH='' cd -P -- "$file_done" && [ "$(stat -c %d.%i .)" = "$file_made" ] ||
      fail "$file_done of $path was replaced by somebody else in the meantime" path "$path"
    file_done=''
  done
}

file_failed() {
  [ -d "$file_done" ] || fail "There was an issue creating $path as requested" path "$path"
}

# file_recurse PATH: owner, group and mode of all below. One find tells what differs; nothing is run for what is right. The mode comes
# first: the folders may be about to get an owner who could meddle with them.
file_recurse() {
  file_home=$PWD
  tree_enter "$1"
  # before the links themselves get another owner
  [ -z "$follow" ] || file_follow_links
  [ -z "$mode" ] || tree_modes "$mode"
  f_id=''
  if [ -n "$owner" ]; then
    files_uid "$owner" "$1"
    tree_chown "! -user $f_id" owner "$f_id"
  fi
  if [ -n "$group" ]; then
    files_gid "$group" "$1"
    tree_chown "! -group $f_id" group ":$f_id"
  fi
  # chown takes the setuid and setgid bits away
  case $mode:$owner$group in *s*:?* | [2-7]???:?* | 0[2-7]???:?*) checking || tree_modes "$mode" ;; esac
  [ -z "$attributes" ] || find . -mindepth 1 ! -type l -exec lsattr -d {} + 2>/dev/null | while read -r f_word f_rest; do
    files_look "$f_rest" && files_flags "$f_rest"
  done
  cd -- "$file_home" || exit 1
}

# What links in the tree lead to gets the same, but not through a link of another user's: it may lead to what is not his.
file_follow_links() {
  file_links=$(find . -type l -print 2>/dev/null)
  [ -n "$file_links" ] || return 0
  file_below=$tree_top
  while IFS= read -r file_one; do
    [ -L "$file_one" ] && [ -e "$file_one" ] || continue
    file_target=$(readlink -f -- "$file_one")
    case $file_target in "$file_below"/*) continue ;; esac
    files_lead "$file_one" "$file_target" || {
      warn "$file_below/${file_one#./} leads to $file_target, which does not belong to the user who made this link: its owner and mode stay"
      continue
    }
    (
      if [ "$f_type" = directory ]; then
        follow=''
        file_recurse "$file_target"
        files_look "$file_target"
      fi
      files_attributes "$file_target"
    ) || exit 1
  done <<EOF
$file_links
EOF
}

file_link() {
  if [ -z "$src" ] && [ -n "$follow" ] && [ -e "$path" ] && [ "$f_type" = link ]; then
    src=$(readlink -- "$path")
  fi
  if [ -n "$src" ]; then
    if [ "$f_type" = directory ]; then f_dir=$path; else files_parent "$path"; fi
    case $src in /*) file_source=$src ;; *) file_source=$f_dir/$src ;; esac
    if [ -z "$force" ] && [ ! -e "$file_source" ]; then
      fail "src file does not exist, use 'force=yes' if you really want to create the link: $file_source" path "$path" src "$src"
    fi
  fi
  case $f_type in
    directory)
      [ -n "$force" ] || fail "refusing to convert from directory to symlink for $path" path "$path"
      [ -z "$(ls -A -- "$path")" ] || fail "the directory $path is not empty, refusing to convert it" path "$path"
      ;;
    file | hard) [ -n "$force" ] || fail "refusing to convert from $f_type to symlink for $path" path "$path" ;;
  esac
  file_state link
  if [ "$f_type" != link ]; then
    [ -n "$src" ] || fail 'src is required for creating new symlinks'
    change state
    checking || file_symlink
  elif [ -n "$src" ]; then
    file_old=$(readlink -- "$path")
    if [ "$file_old" != "$src" ]; then
      files_note src "$file_old" "$src"
      change src
      checking || file_symlink
    fi
  fi
  reply src "$src"
  reply path "$path"
  if checking && [ ! -e "$path" ]; then return 0; fi
  file_target=$path
  [ -z "$follow" ] || [ ! -L "$path" ] || file_target=$(files_real "$path")
  if [ -n "$follow" ] && [ -L "$path" ] && [ ! -e "$file_target" ]; then
    warn 'Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this.'
  elif files_look "$file_target"; then
    [ "$file_target" = "$path" ] || [ -z "$owner$group$mode$attributes" ] || files_led "$path" "$file_target"
    files_attributes "$file_target"
    [ ! -e "$file_target" ] || file_times "$file_target"
  fi
  files_info "$path"
}

file_symlink() {
  f_seen=''
  if [ "$f_type" = absent ]; then
    ln -s -- "$src" "$path" || fail "Error while linking: $path" path "$path"
    return
  fi
  [ "$f_type" != directory ] || rmdir -- "$path" || fail "Error while replacing: $path" path "$path"
  files_parent "$path"
  f_temp=$f_dir/.troupe.$T_NAME.link
  files_trap
  if ln -s -- "$src" "$f_temp" && files_move "$f_temp" "$path" && [ ! -L "$f_temp" ] && [ -L "$path" ]; then
    f_temp=''
  else
    fail "Error while replacing: $path" path "$path"
  fi
}

file_hard() {
  [ "$f_type" = hard ] || [ -n "$src" ] || fail 'src is required for creating new hardlinks'
  [ -z "$src" ] || [ -e "$src" ] || fail 'src does not exist' dest "$path" src "$src"
  file_state hard
  file_make_link=''
  case $f_type in
    absent) file_make_link=1 ;;
    link)
      file_old=$(readlink -- "$path")
      if [ "$file_old" != "$src" ]; then
        files_note src "$file_old" "$src"
        file_make_link=1
      fi
      ;;
    hard)
      if [ -n "$src" ] && [ "$(stat -c %d.%i -- "$src")" != "$f_inode" ]; then
        [ -n "$force" ] || fail 'Cannot link, different hard link exists at destination' dest "$path" src "$src"
        file_make_link=1
      fi
      ;;
    file)
      [ -n "$force" ] || fail "Cannot link, $f_type exists at destination" dest "$path" src "$src"
      file_make_link=1
      ;;
    directory)
      [ -n "$force" ] || fail 'Cannot link: different hard link exists at destination' dest "$path" src "$src"
      file_make_link=1
      ;;
  esac
  if [ -n "$file_make_link" ]; then
    change state
    checking || file_hardlink
  fi
  reply src "$src"
  reply path "$path"
  if checking && [ ! -e "$path" ]; then return 0; fi
  files_look "$path"
  files_attributes "$path"
  file_times "$path"
  files_info "$path"
}

file_hardlink() {
  f_seen=''
  if [ "$f_type" = absent ]; then
    if [ -n "$follow" ] && [ -L "$src" ]; then src=$(readlink -- "$src"); fi
    ln -- "$src" "$path" || fail "Error while linking: $path" path "$path"
    return
  fi
  files_parent "$path"
  f_temp=$f_dir/.troupe.$T_NAME.link
  files_trap
  if ln -- "$src" "$f_temp" && files_move "$f_temp" "$path"; then
    f_temp=''
  else
    fail "Error while replacing: $path" path "$path"
  fi
}

# file_times PATH: $mtime and $atime are `preserve`, `now` or a local time as YYYY-MM-DD hh:mm:ss.
file_times() {
  case $mtime$atime in
    preservepreserve) return 0 ;;
    nownow)
      file_seen "$1"
      checking || file_stamp "$1" || fail 'Error while updating modification or access time' path "$1"
      change mtime
      file_now=$(date +%s)
      files_note mtime "$file_mtime" "$file_now"
      files_note atime "$file_atime" "$file_now"
      return
      ;;
  esac
  file_seen "$1"
  file_time "$1" mtime -m "$mtime" "$file_mtime" "$file_mpart"
  file_time "$1" atime -a "$atime" "$file_atime" "$file_apart"
}

# file_time PATH NAME OPTION WANTED SECONDS FRACTION
file_time() {
  case $4 in
    preserve) return 0 ;;
    now) file_wanted=$(date +%s) ;;
    *) file_wanted=$(date -d "$4" +%s) || fail "Error while obtaining timestamp for time $4" path "$1" ;;
  esac
  if [ "$4" != now ] && [ "$file_wanted" = "$5" ] && [ -z "$6" ]; then return 0; fi
  change "$2"
  files_note "$2" "$5" "$file_wanted"
  checking && return 0
  if [ "$4" = now ]; then file_stamp "$1" "$3"; else file_stamp "$1" "$3" -d "$4"; fi ||
    fail 'Error while updating modification or access time' path "$1"
}

# file_stamp PATH [OPTION...]: touches what files_look has seen, through no link that is there by now.
file_stamp() {
  file_word=$1
  shift
  [ -n "$f_held" ] || files_hold "$file_word"
  if [ -n "$f_held" ]; then touch -c "$@" -- "$f_held"; else touch -c -h "$@" -- "$file_word"; fi
}

file_seen() {
  file_all=$(stat -L -c '%Y:%X:%y:%x' -- "$1") || fail 'Error while updating modification or access time' path "$1"
  file_mtime=${file_all%%:*}
  file_all=${file_all#*:}
  file_atime=${file_all%%:*}
  # "2026-01-01 10:00:00.123000000 +0000" twice: only whether the fraction is zero matters
  file_all=${file_all#*:}
  file_part "${file_all#*.}"
  file_mpart=$f_part
  file_part "${file_all##*.}"
  file_apart=$f_part
}

file_part() {
  f_part=${1%% *}
  case $f_part in *[1-9]*) ;; *) f_part='' ;; esac
}
