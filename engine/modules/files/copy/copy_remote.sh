#: needs files copy_file tree
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
    checking || copy_whole
  else
    copy_differences
  fi
  reply dest "$copy_return"
  if [ -e "$copy_to" ] && [ -n "$owner$group" ]; then
    (
      copy_owner
    ) || exit 1
  fi
  [ ! -e "$copy_return" ] || {
    files_look "$copy_return"
    owner='' group='' files_attributes "$copy_return"
    files_info "$copy_return"
  }
}

# The whole tree is made in a folder of ours beside its place, where nobody can change it under our hands, and moved from there.
copy_whole() {
  case $copy_from in /*) ;; *) copy_from=$PWD/$copy_from ;; esac
  copy_home=$PWD
  files_parent "$copy_to"
  mkdir -p -- "$f_dir" && cd -- "$f_dir" || fail "could not copy $src to $dest"
  tree_stage
  cp -R $copy_links -p -- "$copy_from" ./new || fail "could not copy $src to $dest"
  chown -R -h -- "$files_me" ./new 2>/dev/null
  copy_name=${copy_to%/}
  files_move ./new "../${copy_name##*/}" || fail "could not copy $src to $dest"
  tree_unstage
  cd -- "$copy_home" || exit 1
}

# In a subshell: it changes folders.
copy_owner() {
  files_look "$copy_to"
  copy_owner=$owner copy_group=$group
  copy_uid='' copy_gid=''
  [ -z "$owner" ] || { files_uid "$owner" "$copy_to" && copy_uid=$f_id; }
  [ -z "$group" ] || { files_gid "$group" "$copy_to" && copy_gid=$f_id; }
  [ "$f_type" = directory ] || return 0
  copy_home=$PWD
  tree_enter "$copy_to"
  [ -z "$copy_uid" ] || tree_chown "! -user $copy_uid" owner "$copy_uid"
  [ -z "$copy_gid" ] || tree_chown "! -group $copy_gid" owner ":$copy_gid"
  cd -- "$copy_home" || exit 1
  mode='' attributes='' files_attributes "$copy_to"
}

# Copies what is missing or differs, one file at a time; find's own shell does it, so that any name will do.
copy_differences() {
  case $copy_to in /*) copy_absolute=$copy_to ;; *) copy_absolute=$PWD/$copy_to ;; esac
  copy_apply=yes
  ! checking || copy_apply=no
  copy_real=$(CDPATH='' cd -P -- "$copy_absolute" && pwd) || fail "could not look into $copy_to"
  copy_real=${copy_real%/}
  copy_found=$(cd -- "$copy_from" && find $copy_links . -mindepth 1 -exec sh -c "$tree_text"'
    to=$0 apply=$1 links=$2 me=$3 rename=$4 drawn=$5 from=$PWD uid=${3%:*}
    shift 5
    for f do
      f=${f#./} d=$to/${f#./} n=./${f##*/} t=./.troupe.$drawn.0
      if [ "$apply" != no ]; then
        # the folder it goes to, entered so that it stays the same one
        case $f in */*) in=$to/${f%/*} ;; *) in=$to ;; esac
        go "$in" || { printf "failed\n"; continue; }
        d=$n
      fi
      f=$from/$f
      if [ -d "$f" ] && { [ ! -L "$f" ] || [ "$links" = -L ]; }; then
        [ ! -d "$d" ] || continue
        [ "$apply" = no ] || mkdir -- "$d" || printf "failed\n"
      elif [ -L "$f" ] && [ "$links" = -P ]; then
        [ ! -e "$d" ] && [ ! -L "$d" ] || continue
        [ "$apply" = no ] || { cp -P -- "$f" "$t" && $rename -- "$t" "$d"; } || printf "failed\n"
      else
        cmp -s -- "$f" "$d" && continue
        [ "$apply" = no ] || {
          u=$(umask)
          umask 077
          set -C
          { command exec 8>"$t"; } 2>/dev/null && set +C && umask "$u" && cp -p -- "$f" /proc/self/fd/8 &&
            { chown -- "$me" /proc/self/fd/8 2>/dev/null || :; } && $rename -- "$t" "$d" || {
            printf "failed\n"
            rm -f -- "$t"
          }
          set +C
          umask "$u"
        }
      fi
      printf "changed\n"
    done' "$copy_real" "$copy_apply" "$copy_links" "$files_me" "$files_mv" "$T_NAME" {} +)
  case $copy_found in
    *failed*) fail "could not copy $src to $dest" ;;
    ?*) change content ;;
  esac
}
