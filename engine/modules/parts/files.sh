# What modules that write files share: look at a path, give it owner, mode and attributes, replace it atomically.
#
# Results of files_look are in f_type, f_mode ...; what a request asks for comes in $owner, $group, $mode, $attributes,
# $seuser, $serole, $setype, $selevel. The lines below run once per shell.
# shellcheck disable=SC2034,SC2154,SC2209,SC2046,SC2086,SC2015 # variables of requests; words meant to be split
files_ids=$(id)
files_my_name=${files_ids#*uid=}
files_my_group=${files_ids#*gid=}
files_me=${files_my_name%%[!0-9]*}:${files_my_group%%[!0-9]*}
case $files_my_name in [0-9]*'('*) files_my_name=${files_my_name#*'('} files_my_name=${files_my_name%%')'*} ;; esac
case $files_my_group in [0-9]*'('*) files_my_group=${files_my_group#*'('} files_my_group=${files_my_group%%')'*} ;; esac
# A file that gets no mode is never open for all to write, however careless the host's umask is.
files_umask=$(printf %o $((0$(umask) | 022)))
files_open=$(printf %o $((0666 & ~0$files_umask)))
files_open_folder=$(printf %o $((0777 & ~0$files_umask)))
files_newline='
'
files_cp=
case $(cp --version 2>/dev/null) in *coreutils*) files_cp=1 ;; esac
files_mv='mv -f'
case $(mv --help 2>&1) in *-T*) files_mv='mv -fT' ;; esac

f_real=''
f_held=''
f_by=''

files_assign() {
  f_mode=${1-} f_uid=${2-} f_gid=${3-} f_size=${4-} f_links=${5-} f_inode=${6-} f_owner=${7-} f_group=${8-} f_raw=${9-}
}

# files_look PATH: what is there, links not followed. False if nothing is. f_seen is the path as long as that is still true.
files_look() {
  f_seen=''
  f_mode='' f_uid='' f_gid='' f_size='' f_links='' f_inode='' f_owner='' f_group=''
  f_type=absent
  [ -e "$1" ] || [ -L "$1" ] || return 1
  # One look tells type, owner and inode: two looks may be at two things where another user exchanges what is there.
  IFS=:
  files_assign $(LC_ALL=C stat -c '%a:%u:%g:%s:%h:%d.%i:%U:%G:%f' -- "$1" 2>/dev/null)
  unset IFS
  case $f_raw in
    '') return 1 ;;
    a???) f_type=link ;;
    4???) f_type=directory ;;
    *) f_type=file ;;
  esac
  f_seen=$1
  [ "$f_type" != file ] || [ "$f_links" = 1 ] || f_type=hard
}

# files_info PATH: replies with the state of PATH as Ansible's add_path_info reports it.
files_info() {
  [ -e "$1" ] || return 0
  [ "$f_seen" = "$1" ] || files_look "$1" || return 0
  files_tell "$1"
}

# files_chown OWNER:GROUP PATH: what files_look has seen is no longer so.
files_chown() {
  f_seen=''
  if [ -n "$f_held" ]; then chown -- "$1" "$f_held"; else chown -h -- "$1" "$2"; fi
}

# files_hold PATH: opens what files_look has seen and makes f_held the name of the open file, so that it keeps the owner and mode
# it is about to get whatever PATH leads to by then. Who may write to the folder could have put a link there since. For a link
# itself f_held stays empty, and for what can't be opened: a socket, a device, or a file that a plain user may not read.
files_hold() {
  f_held=''
  [ "$f_type" != link ] || return 0
  if [ -p "$1" ]; then
    # read and write: a FIFO without a writer would keep us waiting
    { command exec 9<>"$1"; } 2>/dev/null && f_held=/proc/self/fd/9
  elif [ -f "$1" ] || [ -d "$1" ]; then
    { command exec 9<"$1"; } 2>/dev/null && f_held=/proc/self/fd/9
  fi
  if [ -n "$f_held" ]; then
    [ "$(stat -L -c %d.%i -- "$f_held")" = "$f_inode" ] || fail "$1 was replaced by somebody else in the meantime" path "$1"
  elif [ "${files_me%%:*}" = 0 ]; then
    files_alone "$1" || fail "$1 can't be opened, and other users may write in its folder: its owner and mode stay" path "$1"
  fi
}

# files_alone PATH: nobody else may put anything in its folder.
files_alone() {
  files_parent "$1"
  case $(stat -L -c '%u %A' -- "$f_dir") in
    [!0]* | 0?*' '* | 0' '?????w* | 0' '????????w*) return 1 ;;
  esac
}

# files_chmod MODE PATH: with five digits, because GNU's chmod keeps a folder's setgid bit with fewer. The kernel may refuse the
# setuid and setgid bits; all other bits are then as they were asked for.
files_chmod() {
  chmod -- "0000$1" "${f_held:-$2}" || return 1
  if [ $((0$1 & 06000)) = 0 ]; then f_mode=$1; else f_seen=''; fi
}

# files_tell PATH: the same from what files_look has already seen.
files_tell() {
  reply info "$f_type:$f_mode:$f_uid:$f_gid:$f_size:$f_owner:$f_group"
  files_selinux || return 0
  reply secontext "$(stat -c %C -- "$1")"
}

# files_trusts USER: whether what files_look has seen may be changed through a link that the user with this number has made.
files_trusts() {
  case $1 in 0 | "${files_me%:*}" | "$f_uid") return 0 ;; esac
  return 1
}

# files_lead PATH REAL: PATH is a link, and REAL is where it leads, whose owner or mode may now be changed, unless a link on the way is
# another user's and REAL is not his: then f_maker is that user's number, and this is false. files_look has seen REAL afterwards.
files_lead() {
  f_target=$1
  f_makers=''
  f_hops=0
  while files_look "$f_target" && [ "$f_type" = link ] && [ "$f_hops" -lt 40 ]; do
    f_hops=$((f_hops + 1))
    f_link=$f_inode
    f_makers="$f_makers $f_uid"
    f_next=$(readlink -- "$f_target")
    files_look "$f_target"
    # what was read is what this link says only if it was there before and after
    [ "$f_type:$f_inode" = "link:$f_link" ] || fail "$1 was replaced by somebody else in the meantime" path "$1"
    files_parent "$f_target"
    # Whose folder it is could have exchanged it for a moment, whoever made it.
    f_makers="$f_makers $(stat -c %u -- "$f_dir")"
    case $f_next in /*) f_target=$f_next ;; *) f_target=$f_dir/$f_next ;; esac
  done
  f_link=$f_inode
  files_look "$2"
  [ "$f_type" = link ] || [ "$f_inode" != "$f_link" ] && fail "$1 was replaced by somebody else in the meantime" path "$1"
  for f_maker in $f_makers; do files_trusts "$f_maker" || return 1; done
}

# files_led PATH REAL: the same, or the task fails.
files_led() {
  files_lead "$1" "$2" || fail "$1 leads to $2, which belongs to $f_owner, by a link of the user with the number $f_maker: it is not changed through it" path "$1"
}

files_selinux() {
  [ -e /sys/fs/selinux/enforce ]
}

# files_note NAME BEFORE AFTER: a line of the diff.
files_note() {
  reply "before_$1" "$2"
  reply "after_$1" "$3"
}

# files_uid NAME PATH: f_id becomes the user's number.
files_uid() {
  case $1 in
    *[!0-9]*) ;;
    *)
      f_id=$1
      return
      ;;
  esac
  if [ "$1" = "$f_owner" ]; then
    f_id=$f_uid
  else
    f_id=$(id -u -- "$1" 2>/dev/null) || fail "chown failed: failed to look up user $1" path "$2"
  fi
}

# files_gid NAME PATH: f_id becomes the group's number.
files_gid() {
  case $1 in
    *[!0-9]*) ;;
    *)
      f_id=$1
      return
      ;;
  esac
  if [ "$1" = "$f_group" ]; then
    f_id=$f_gid
    return
  fi
  files_group_number "$1" || fail "chgrp failed: failed to look up group $1" path "$2"
}

files_group_number() {
  while IFS=: read -r f_name f_rest f_id f_rest; do
    [ "$f_name" != "$1" ] || return 0
  done </etc/group
  have getent || return 1
  f_id=$(getent group -- "$1") || return 1
  f_id=${f_id#*:*:}
  f_id=${f_id%%:*}
}

# files_symbolic MODE CURRENT DIRECTORY: f_new becomes the octal mode that a symbolic one makes of CURRENT (octal).
files_symbolic() {
  f_new=$((0$2))
  f_clauses=$1,
  while [ -n "$f_clauses" ]; do
    f_ops=${f_clauses%%,*}
    f_clauses=${f_clauses#*,}
    f_who=${f_ops%%[-+=]*}
    f_ops=${f_ops#"$f_who"}
    f_mask=0777
    case $f_who in
      '')
        f_who=ugo
        f_mask=$((0777 & ~0$files_umask))
        ;;
      *a*) f_who=ugo ;;
    esac
    while [ -n "$f_ops" ]; do
      f_perms=${f_ops#?}
      f_op=${f_ops%"$f_perms"}
      f_perms=${f_perms%%[-+=]*}
      f_ops=${f_ops#?"$f_perms"}
      case $f_who in *u*) files_operate 6 04000 0 ;; esac
      case $f_who in *g*) files_operate 3 02000 0 ;; esac
      case $f_who in *o*) files_operate 0 0 01000 ;; esac
    done
  done
  files_octal "$f_new"
  f_new=$f_octal
}

# files_operate SHIFT SETID STICKY: one operator for one of user, group, others.
files_operate() {
  f_bits=0
  f_some=0
  f_todo=$f_perms
  while [ -n "$f_todo" ]; do
    case $f_todo in
      r*) f_bits=$((f_bits | (4 << $1 & f_mask))) ;;
      w*) f_bits=$((f_bits | (2 << $1 & f_mask))) ;;
      x*) f_bits=$((f_bits | (1 << $1 & f_mask))) ;;
      X*) [ -z "$f_isdir" ] && [ $((f_new & 0111)) = 0 ] || f_bits=$((f_bits | 1 << $1)) ;;
      s*) f_bits=$((f_bits | $2)) ;;
      t*) f_bits=$((f_bits | $3)) ;;
      u*) f_bits=$((f_bits | (f_new >> 6 & 7) << $1)) ;;
      g*) f_bits=$((f_bits | (f_new >> 3 & 7) << $1)) ;;
      o*) f_bits=$((f_bits | (f_new & 7) << $1)) ;;
    esac
    f_todo=${f_todo#?}
  done
  f_some=$((7 << $1 | $2 | $3))
  case $f_op in
    +) f_new=$((f_new | f_bits)) ;;
    -) f_new=$((f_new & ~f_bits)) ;;
    =) f_new=$((f_new & ~f_some | f_bits)) ;;
  esac
}

# files_mode MODE CURRENT TYPE: f_new becomes the mode wanted, octal without leading zeros.
files_mode() {
  f_isdir=''
  [ "$3" != directory ] || f_isdir=1
  case $1 in
    [0-7]*)
      # printf would cost a process
      f_new=$1
      while :; do
        case $f_new in 0?*) f_new=${f_new#0} ;; *) break ;; esac
      done
      ;;
    *) files_symbolic "$1" "$2" "$f_isdir" ;;
  esac
}

# files_same_mode A B: equal as numbers.
files_same_mode() {
  [ $((0$1)) = $((0$2)) ]
}

# files_attributes PATH: gives what files_look has seen the owner, group, mode and attributes that are asked for. $f_real is the
# mode it has where $f_mode is the one to compare with: a folder that was just made.
files_attributes() {
  files_context "$1"
  f_chown=''
  if [ -n "$owner" ]; then
    files_uid "$owner" "$1"
    if [ "$f_id" != "$f_uid" ]; then
      change owner
      files_note owner "$f_uid" "$f_id"
      f_chown=$f_id
    fi
  fi
  if [ -n "$group" ]; then
    files_gid "$group" "$1"
    if [ "$f_id" != "$f_gid" ]; then
      change group
      files_note group "$f_gid" "$f_id"
      f_chown=$f_chown:$f_id
    fi
  fi
  f_held=''
  if [ -n "$f_chown" ] && ! checking; then
    files_hold "$1"
    files_chown "$f_chown" "$1" || fail 'chown failed' path "$1"
  fi
  if [ -n "$mode" ] && [ "$f_type" != link ]; then
    files_mode "$mode" "$f_mode" "$f_type"
    f_wrong=''
    if ! files_same_mode "$f_new" "$f_mode"; then
      change mode
      files_note mode "$f_mode" "$f_new"
      f_wrong=1
    elif [ -n "$f_chown" ] && [ $((0$f_new & 06000)) != 0 ] && ! checking; then
      # chown has taken the setuid and setgid bits away
      files_octal $((0$f_mode & ~06000))
      files_note mode "$f_octal" "$f_new"
      f_wrong=1
    fi
    if [ -n "$f_real" ]; then
      f_wrong=''
      f_mode=$f_real
      files_same_mode "$f_new" "$f_real" || f_wrong=1
      f_real=''
    fi
    [ -z "$f_wrong" ] || checking || {
      [ -n "$f_held" ] || files_hold "$1"
      files_chmod "$f_new" "$1" || fail 'chmod failed' path "$1"
    }
  fi
  f_held=''
  [ -z "$attributes" ] || files_flags "$1"
}

# files_flags PATH: chattr.
files_flags() {
  f_flags=''
  ! have lsattr || f_flags=$(lsattr -d -- "$1" 2>/dev/null)
  f_flags=${f_flags%% *}
  f_plain=''
  while [ -n "$f_flags" ]; do
    case $f_flags in -*) ;; *) f_plain=$f_plain${f_flags%"${f_flags#?}"} ;; esac
    f_flags=${f_flags#?}
  done
  case $attributes in
    [-+=]*)
      f_flags=${attributes#?}
      f_op=${attributes%"$f_flags"}
      ;;
    *)
      f_flags=$attributes
      f_op='='
      ;;
  esac
  [ -n "$f_flags" ] || return 0
  [ "$f_plain" != "$f_flags" ] || [ "$f_op" = - ] || return 0
  have chattr || return 0
  change attributes
  files_note attributes "$f_plain" "$f_op$f_flags"
  checking && return
  # chattr knows no `--`
  case $1 in -*) f_word=./$1 ;; *) f_word=$1 ;; esac
  chattr "$f_op$f_flags" "$f_word" >&2 || fail 'chattr failed' path "$1"
}

# files_context PATH: SELinux labels, where the system has them.
files_context() {
  [ -n "$seuser$serole$setype$selevel" ] && files_selinux || return 0
  f_label=$(stat -c %C -- "$1")
  f_wished=$(matchpathcon -n -- "$1" 2>/dev/null) || f_wished=$f_label
  IFS=:
  files_label $f_label
  f_oldu=$f_lu f_oldr=$f_lr f_oldt=$f_lt f_oldl=$f_ll
  files_label $f_wished
  unset IFS
  case $seuser in '') f_lu=$f_oldu ;; _default) ;; *) f_lu=$seuser ;; esac
  case $serole in '') f_lr=$f_oldr ;; _default) ;; *) f_lr=$serole ;; esac
  case $setype in '') f_lt=$f_oldt ;; _default) ;; *) f_lt=$setype ;; esac
  case $selevel in '') f_ll=$f_oldl ;; _default) ;; *) f_ll=$selevel ;; esac
  f_wished=$f_lu:$f_lr:$f_lt:$f_ll
  [ "$f_wished" != "$f_label" ] || return 0
  change secontext
  files_note secontext "$f_label" "$f_wished"
  checking || chcon -h -- "$f_wished" "$1" || fail 'set selinux context failed' path "$1"
}

files_label() {
  f_lu=$1 f_lr=$2 f_lt=$3
  [ $# -lt 3 ] || shift 3
  f_ll=$*
}

# files_sha1 PATH: f_sum becomes the checksum of a file; empty if it can't be read.
files_sha1() {
  files_sum sha1 "$1"
}

# files_sum ALGORITHM PATH: the same for md5, sha1, sha224, sha256, sha384, sha512.
files_sum() {
  if have "$1sum"; then
    f_sum=$("$1sum" <"$2") || f_sum=''
  elif have openssl; then
    f_sum=$(openssl dgst -r "-$1" <"$2") || f_sum=''
  else
    fail "neither $1sum nor openssl is there to compute a checksum; install coreutils or busybox"
  fi
  f_sum=${f_sum%% *}
}

# files_real PATH: prints where a path leads in the end, be it there or not (busybox's readlink gets the latter wrong).
files_real() {
  f_path=$1
  f_hops=0
  while [ -L "$f_path" ] && [ ! -e "$f_path" ] && [ "$f_hops" -lt 40 ]; do
    f_hops=$((f_hops + 1))
    files_parent "$f_path"
    f_path=$(readlink -- "$f_path")
    case $f_path in /*) ;; *) f_path=$f_dir/$f_path ;; esac
  done
  if [ -e "$f_path" ]; then
    readlink -f -- "$f_path"
    return
  fi
  files_parent "$f_path"
  [ ! -d "$f_dir" ] || f_path=$(readlink -f -- "$f_dir")/${f_path##*/}
  printf '%s\n' "$f_path"
}

# files_parent PATH: f_dir becomes the folder that holds it.
files_parent() {
  case $1 in
    */*)
      f_dir=${1%/*}
      [ -n "$f_dir" ] || f_dir=/
      ;;
    *) f_dir=. ;;
  esac
}

# files_cleanup: leaves no temporary file behind, however the request ends.
files_cleanup() {
  case $f_temp in
    '') ;;
    "$T_TMP"/*) rm -rf -- "$f_temp" ;;
    # never into a folder that somebody has put in its place
    *) rm -f -- "$f_temp" ;;
  esac
}

files_trap() {
  trap files_cleanup EXIT
  trap 'exit 143' HUP INT TERM PIPE
}

# files_new PATH: f_temp becomes a new empty file of mode 0600 beside PATH.
files_new() {
  files_create "$1" 600
}

# files_create PATH MODE: f_temp becomes a new empty file beside PATH, born with MODE (no more than 666). Its name holds what the
# controller has drawn for this request, so nobody can have put something there, and `set -C` opens it with O_EXCL.
#
# It is open as descriptor 8 from here on, and all that it gets it gets by that: content by >&8, owner and mode by $f_by. The name
# is told to anyone who watches the folder, and who may write to it can put a link in its place at any time; we only remove
# the name, or rename it, which follows no link.
files_create() {
  files_parent "$1"
  files_trap
  files_open "$f_dir" "$2" || {
    # what can't be renamed to its place can still be written there
    [ -n "$unsafe_writes" ] && [ -f "$1" ] && temp_folder && files_open "$T_TMP" 600
  } || fail "Destination $f_dir not writable"
}

files_open() {
  f_count=0
  while :; do
    f_temp=$1/.troupe.$T_NAME.$f_count
    [ -e "$f_temp" ] || [ -L "$f_temp" ] || break
    f_count=$((f_count + 1))
  done
  files_octal $((0777 & ~0$2))
  umask "$f_octal"
  set -C
  f_opened=''
  # `command`: a failed redirection of `exec` alone would end the shell
  { command exec 8>"$f_temp"; } 2>/dev/null && f_opened=1
  set +C
  umask "$files_umask"
  [ -n "$f_opened" ] || {
    f_temp=''
    return 1
  }
  files_by
}

# files_by: f_by becomes a name of descriptor 8 that no other user can make lead elsewhere.
files_by() {
  f_by=/proc/self/fd/8
  [ -f "$f_by" ] || fail '/proc is not mounted on this host: without it no file can be put in place safely'
}

# files_adopt UPLOAD: the file that the controller has sent beside its place becomes f_temp, if it is still the one ($upload_is).
files_adopt() {
  files_trap
  f_temp=$1
  { [ ! -L "$1" ] && [ -f "$1" ] && command exec 8<"$1"; } 2>/dev/null || fail "$1 was removed by somebody else"
  files_by
  [ "$(stat -L -c %d.%i -- "$f_by")" = "$upload_is" ] || fail "$1 was replaced by somebody else in the meantime"
}

# files_upload PATH: the content that was sent ($upload) becomes f_temp: as it is where it lies beside PATH, else copied.
files_upload() {
  files_parent "$1"
  case $upload in
    "${f_dir%/}"/*) files_adopt "$upload" ;;
    *)
      files_new "$1"
      cat <"$upload" >&8 || fail "could not write to $f_dir"
      rm -f -- "$upload"
      ;;
  esac
}

# files_mkdir MODE PATH: born with its mode. Not by -m: busybox's mkdir runs chmod on the name afterwards.
files_mkdir() {
  files_octal $((0777 & ~0$1))
  umask "$f_octal"
  mkdir -- "$2"
  f_rc=$?
  umask "$files_umask"
  return "$f_rc"
}

# files_octal NUMBER: f_octal becomes its octal digits; printf would cost a process.
files_octal() {
  f_octal=$(($1 >> 9 & 7))$(($1 >> 6 & 7))$(($1 >> 3 & 7))$(($1 & 7))
  f_octal=${f_octal#0}
}

# files_own: the owner and group asked for, if any, are those of this shell.
files_own() {
  case $owner in '' | "${files_me%:*}" | "$files_my_name") ;; *) return 1 ;; esac
  case $group in '' | "${files_me#*:}" | "$files_my_group") ;; *) return 1 ;; esac
  [ -z "$validate$attributes$seuser$serole$setype$selevel" ]
}

# files_put PATH: puts $content there, where files_look has looked. What nobody has to judge or to be given away takes few
# processes: the new file is born with its mode, or takes what the old one has, before it gets its content.
files_put() {
  f_final=''
  if files_own; then
    if [ "$f_type" = absent ]; then f_final=$files_open; elif [ "$f_uid:$f_gid" = "$files_me" ]; then f_final=$f_mode; fi
  fi
  if [ -n "$f_final" ] && [ -n "$mode" ]; then
    files_mode "$mode" "$f_final" file
    f_was=$f_final
    f_final=$f_new
  else
    f_was=''
  fi
  # not by others, and not what a file can't be born with or be written to afterwards
  if [ -z "$f_final" ] || [ $((0$f_final & 07311)) != 128 ]; then
    files_new "$1"
    printf %s "$content" >&8 || fail "could not write to $f_dir"
    [ -z "$validate" ] || files_validate
    files_replace "$1"
    return
  fi
  [ -z "$f_was" ] || files_same_mode "$f_was" "$f_final" || files_note mode "$f_was" "$f_final"
  if [ "$f_type" = absent ] || [ -n "$mode" ]; then
    files_bear "$1"
  else
    files_create "$1" 600
    files_inherit "$1"
  fi
  printf %s "$content" >&8 || fail "could not write to $f_dir"
  files_rename "$1"
  if [ -n "$f_renamed" ] && [ -n "$size" ]; then
    f_size=$size
    f_type=file
    f_seen=$1
  fi
}

# files_bear PATH: the new file with the mode $f_final. One look tells whether it has it: a folder may give its files a group,
# which stays unless another was there or is asked for, or an access list, which must not widen the mode.
files_bear() {
  f_had=''
  [ "$f_type" = absent ] && [ -z "$group" ] || f_had=$files_me
  files_create "$1" "$f_final"
  files_look_new
  if [ -n "$f_had" ] && [ "$f_had" != "$f_uid:$f_gid" ]; then
    chown -- "$f_had" "$f_by" || fail 'chown failed' path "$1"
    files_look_new
  fi
  if ! files_same_mode "$f_final" "$f_mode"; then
    chmod -- "$f_final" "$f_by" || fail 'chmod failed' path "$1"
    f_mode=$f_final
  fi
}

# files_look_new: what files_look tells, of the new file.
files_look_new() {
  f_seen=''
  f_type=file
  IFS=:
  files_assign $(LC_ALL=C stat -L -c '%a:%u:%g:%s:%h:%d.%i:%U:%G' -- "$f_by")
  unset IFS
}

# files_inherit PATH: gives the new file what PATH, which files_look has seen, has: owner, mode, ACL. PATH is held: by now it could
# be a link to a program of another user with the setuid bit.
files_inherit() {
  if [ -n "$files_cp" ] && [ -f "$1" ]; then
    files_hold "$1"
    if [ -n "$f_held" ] && cp --attributes-only --preserve=all -- "$f_held" "$f_by" 2>/dev/null; then
      f_held=''
      return
    fi
    f_held=''
  fi
  files_keep_owner
  chmod -- "$f_mode" "$f_by"
}

# files_start: what a file that is not there yet starts from.
files_start() {
  f_mode=$files_open
  f_uid=${files_me%:*}
  f_gid=${files_me#*:}
  # not the names of a link that was in the place
  f_owner='' f_group=''
  [ ! -g "$f_dir" ] || f_gid=$(stat -c %g -- "$f_dir")
}

# files_replace PATH: renames $f_temp, which holds the new content, to PATH with the owner and mode of the file that is
# replaced, or those asked for; never wider on the way.
files_replace() {
  f_was=$f_type
  [ "$f_was" != absent ] || files_start
  if [ "$f_was" = absent ] || [ -n "$mode" ]; then
    [ "$f_was" = absent ] || files_keep_owner
    f_final=$f_mode
    if [ -n "$mode" ]; then
      files_mode "$mode" "$f_mode" file
      files_same_mode "$f_new" "$f_mode" || files_note mode "$f_mode" "$f_new"
      f_final=$f_new
    fi
    files_give
    files_same_mode 600 "$f_final" || chmod -- "$f_final" "$f_by" || fail 'chmod failed' path "$1"
  else
    files_inherit "$1"
    files_give
    [ -z "$files_cp" ] || touch -c -- "$f_by"
  fi
  files_rename "$1"
}

# files_keep_owner: the temporary file belongs to whom the replaced one belongs; a plain user can't always do that.
files_keep_owner() {
  if [ "$f_uid:$f_gid" != "$files_me" ] || [ -g "$f_dir" ]; then
    chown -- "$f_uid:$f_gid" "$f_by" 2>/dev/null
  fi
}

# files_give: chown of the temporary file to the owner and group asked for.
files_give() {
  f_chown=''
  if [ -n "$owner" ]; then
    files_uid "$owner" "$dest"
    if [ "$f_id" != "$f_uid" ]; then
      files_note owner "$f_uid" "$f_id"
      f_chown=$f_id
    fi
  fi
  if [ -n "$group" ]; then
    files_gid "$group" "$dest"
    if [ "$f_id" != "$f_gid" ]; then
      files_note group "$f_gid" "$f_id"
      f_chown=$f_chown:$f_id
    fi
  fi
  [ -z "$f_chown" ] || chown -- "$f_chown" "$f_by" || fail 'chown failed' path "$dest"
}

# files_rename PATH: the atomic step, after which f_renamed is set; with $unsafe_writes a file that can't be renamed over is written in place.
files_rename() {
  f_seen=''
  f_renamed=''
  case $f_temp in
    "$T_TMP"/*) files_overwrite "$1" ;;
    *)
      if files_move "$f_temp" "$1" 2>/dev/null; then
        f_temp=''
        f_renamed=1
      elif [ -n "$unsafe_writes" ]; then
        files_overwrite "$1"
      else
        fail "Could not replace $1: $(files_move "$f_temp" "$1" 2>&1)"
      fi
      ;;
  esac
  if files_selinux && have restorecon; then restorecon -- "$1" 2>/dev/null; fi
  [ -z "$attributes$seuser$serole$setype$selevel" ] || {
    files_look "$1"
    owner='' group='' mode='' files_attributes "$1"
  }
}

# files_move FROM TO: renames, never into a folder that TO is or leads to.
files_move() {
  [ "$files_mv" != 'mv -f' ] || [ ! -d "$2" ] || return 1
  $files_mv -- "$1" "$2"
}

# files_overwrite PATH: the new content goes into the file that is there; its owner and mode are then what is asked for.
files_overwrite() {
  f_old=$f_inode
  { command exec 9>>"$1"; } 2>/dev/null || fail "Could not write data to file $1"
  [ "$(stat -L -c %d.%i -- /proc/self/fd/9)" = "$f_old" ] || fail "$1 was replaced by somebody else in the meantime"
  cat <"$f_by" >/proc/self/fd/9 || fail "Could not write data to file $1"
  command exec 9>&-
  files_look "$1"
  files_attributes "$1"
}

# files_small PATH: reads a small text that files_look has seen into f_text, without a process; false where that can't be done
# (NUL bytes, bytes that a shell might not read as they are).
files_small() {
  [ "$f_size" -gt 0 ] && [ "$f_size" -le "${2:-1024}" ] && [ -r "$1" ] || return 1
  f_text=''
  while IFS= read -r f_line; do
    f_text=$f_text$f_line$files_newline
  done <"$1"
  f_text=$f_text$f_line
  case $f_text in *[![:print:][:space:]]*) return 1 ;; esac
  [ "${#f_text}" = "$f_size" ]
}

# files_backup PATH [SHOWN]: a dated copy beside it, its name in f_backup and in the reply, as it begins with SHOWN. The name can be foretold, so the file is made with
# O_EXCL, and by another number where there is one already; a copy that could not be finished is removed.
files_backup() {
  f_held=''
  { [ -f "$1" ] && [ -r "$1" ] && command exec 6<"$1"; } 2>/dev/null || fail "Could not make backup of $1: it can't be read"
  f_stamp=$(date +%Y-%m-%d@%H:%M:%S)
  f_count=$$
  umask 077
  set -C
  while :; do
    f_backup=$1.$f_count.$f_stamp~
    { command exec 9>"$f_backup"; } 2>/dev/null && break
    f_count=$((f_count + 1))
    { [ -e "$f_backup" ] || [ -L "$f_backup" ]; } && [ "$f_count" -lt $(($$ + 100)) ] || fail "Could not make backup of $1 to $f_backup"
  done
  set +C
  umask "$files_umask"
  cp -p -- /proc/self/fd/6 /proc/self/fd/9 || {
    rm -f -- "$f_backup"
    fail "Could not make backup of $1 to $f_backup"
  }
  command exec 6<&- 9>&-
  reply backup_file "${2:-$1}${f_backup#"$1"}"
}

# files_validate: runs the words of $validate with %s being the new file; fails as Ansible's copy does. The program gets a copy in a
# folder of ours: beside its place another user could change what it reads, and what it is called.
files_validate() {
  temp_folder || fail 'could not make a temporary folder'
  f_judged=$T_TMP/validate
  f_word=${dest##*/}
  # some validators judge a file by the end of its name
  case $f_word in *.*) f_judged=$f_judged.${f_word##*.} ;; esac
  (umask 077 && cat <"${f_by:-$f_temp}" >"$f_judged") || {
    rm -f -- "$f_judged"
    fail "could not write to $T_TMP"
  }
  eval "set -- $validate"
  f_count=$#
  while [ "$f_count" -gt 0 ]; do
    f_word=$1
    f_done=''
    while :; do
      case $f_word in
        *%s*)
          f_done=$f_done${f_word%%%s*}$f_judged
          f_word=${f_word#*%s}
          ;;
        *) break ;;
      esac
    done
    shift
    set -- "$@" "$f_done$f_word"
    f_count=$((f_count - 1))
  done
  f_errors=$T_TMP/validate.stderr
  f_out=$("$@" 2>"$f_errors" 8>&- 9>&-)
  f_rc=$?
  f_error=''
  [ "$f_rc" -eq 0 ] || f_error=$(cat -- "$f_errors")
  rm -f -- "$f_errors" "$f_judged"
  if [ "$f_rc" -ne 0 ]; then
    [ -z "$validate_rc" ] || fail "failed to validate: rc:$f_rc error:$f_error"
    fail 'failed to validate' exit_status "$f_rc" stdout "$f_out" stderr "$f_error"
  fi
}

# files_before PATH: the old content for the diff, held open on descriptor 7 until files_show; not of large or binary files.
files_before() {
  f_shown=''
  diffing || return 0
  [ -f "$1" ] || return 0
  reply before_header "$1"
  if [ "$f_size" -gt 104448 ]; then
    reply dst_larger 104448
    return 0
  fi
  exec 7<"$1" && f_shown=1
}

# files_show: sends what files_before holds; the last thing of a reply.
files_show() {
  [ -z "$f_shown" ] || {
    reply_rest before
    cat <&7
  }
}
