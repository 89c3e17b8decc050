#: needs files copy_file
# shellcheck disable=SC2154,SC2015,SC2034,SC2086 # variables of the request

# Copies a file or folder of this host to another place on it.
do_copy_remote() {
  umask "$files_umask"
  reply src "$src"
  [ -e "$src" ] || fail "Source $src not found"
  [ -r "$src" ] || fail "Source $src not readable"
  [ "$mode" != preserve ] || mode=0$(stat -L -c %a -- "$src")
  if [ -d "$src" ]; then
    copy_tree
    return
  fi
  [ -f "$src" ] || fail "Cannot copy invalid source '$src': not a file"
  files_sum md5 "$src"
  reply md5sum "$f_sum"
  files_sha1 "$src"
  sum=$f_sum
  reply checksum "$sum"
  [ -z "$expected" ] || [ "$expected" = "$sum" ] ||
    fail 'Copied file does not match the expected checksum. Transfer failed.' checksum "$sum" expected_checksum "$expected"
  name=${src##*/}
  do_copy_file
}

# A folder: what is in it if its name ends with a slash, else the folder itself.
copy_tree() {
  reply folder 1
  case $dest in -*) dest=./$dest ;; esac
  case $src in -*) src=./$src ;; esac
  copy_return=$dest
  if [ -d "$dest" ]; then
    case $src in */) copy_return=${dest%/}/ ;; *) copy_return=${dest%/}/${src##*/} ;; esac
  fi
  if [ "${src%/}" = "$src" ] && { [ -d "$dest" ] || [ "${dest%/}" != "$dest" ] || [ ! -e "$dest" ]; }; then
    copy_to=${dest%/}/${src##*/}
  else
    copy_to=${dest%/}
  fi
  [ ! -f "$dest" ] || fail "remote_src: $src is a folder and $dest is a file"
  copy_from=${src%/}
  copy_links=-P
  [ "$local_follow" != yes ] || copy_links=-L
  if [ ! -e "$copy_to" ]; then
    change content
    checking || {
      files_parent "$copy_to"
      mkdir -p -- "$f_dir" && cp -R $copy_links -p -- "$copy_from" "$copy_to" || fail "could not copy $src to $dest"
      chown -R -h -- "$files_me" "$copy_to" 2>/dev/null
    }
  else
    copy_differences
  fi
  reply dest "$copy_return"
  if [ -e "$copy_to" ] && [ -n "$owner$group" ]; then copy_owner; fi
  [ ! -e "$copy_return" ] || {
    files_look "$copy_return"
    owner='' group='' files_attributes "$copy_return"
    files_info "$copy_return"
  }
}

copy_owner() {
  copy_wanted=''
  set --
  if [ -n "$owner" ]; then
    files_uid "$owner" "$copy_to"
    copy_wanted=$f_id
    set -- ! -user "$f_id"
  fi
  if [ -n "$group" ]; then
    files_gid "$group" "$copy_to"
    copy_wanted=$copy_wanted:$f_id
    [ $# = 0 ] || set -- "$@" -o
    set -- "$@" ! -group "$f_id"
  fi
  [ -n "$(find "$copy_to" '(' "$@" ')' -print 2>/dev/null | head -n 1)" ] || return 0
  change owner
  checking || chown -R -h -- "$copy_wanted" "$copy_to" || fail 'chown failed' path "$copy_to"
}

# Copies what is missing or differs, one file at a time; find's own shell does it, so that any name will do.
copy_differences() {
  case $copy_to in /*) copy_absolute=$copy_to ;; *) copy_absolute=$PWD/$copy_to ;; esac
  copy_apply=yes
  ! checking || copy_apply=no
  copy_found=$(cd -- "$copy_from" && find $copy_links . -mindepth 1 -exec sh -c '
    to=$0 apply=$1 links=$2 me=$3 rename=$4
    shift 4
    for f do
      d=$to/$f
      if [ -d "$f" ] && { [ ! -L "$f" ] || [ "$links" = -L ]; }; then
        [ ! -d "$d" ] || continue
        [ "$apply" = no ] || mkdir -- "$d" || printf "failed\n"
      else
        if [ -L "$f" ] && [ "$links" = -P ]; then
          [ ! -e "$d" ] && [ ! -L "$d" ] || continue
        elif cmp -s -- "$f" "$d"; then
          continue
        fi
        [ "$apply" = no ] || {
          t=$(umask 077 && mktemp -d "${d%/*}/.troupe.XXXXXX") && cp $links -p -- "$f" "$t/new" &&
            { chown -h -- "$me" "$t/new" 2>/dev/null || :; } && $rename -- "$t/new" "$d" || printf "failed\n"
          [ ! -d "$t" ] || rm -rf -- "$t"
        }
      fi
      printf "changed\n"
    done' "$copy_absolute" "$copy_apply" "$copy_links" "$files_me" "$files_mv" {} +)
  case $copy_found in
    *failed*) fail "could not copy $src to $dest" ;;
    ?*) change content ;;
  esac
}
