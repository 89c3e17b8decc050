#: needs files
# Owner and mode of many files below a folder in which other users may write while we work. `find` gives names, and by the time a
# program gets them a folder on the way can be a link to /etc. So: GNU's find runs programs in the folder that it has open; where
# it can't, each name's folder is entered and must be the one that the name says.
# shellcheck disable=SC2154,SC2034,SC2086,SC2015,SC2016,SC2153 # variables of the request; words meant to be split; text of another shell
# Arguments: verb, value, the top if names are below it and not in the folder we are in, names. Ends with 1 where one failed, or was
# not what it had been.
tree_each='
  verb=$0 value=$1 top=$2 bad=0
  shift 2
  for f do
    n=./${f##*/}
    if [ -n "$top" ]; then
      d=${f%/*}
      d=$top${d#.}
      CDPATH="" cd -P -- "${d:-/}" 2>/dev/null && [ "${PWD%/}" = "${d%/}" ] || { bad=1; continue; }
    fi
    case $verb in
      chown) chown -h -- "$value" "$n" || bad=1 ;;
      chmod)
        { [ -f "$n" ] || [ -d "$n" ]; } && { command exec 9<"$n"; } 2>/dev/null &&
          [ "$(stat -c %d.%i -- "$n")" = "$(stat -L -c %d.%i /proc/self/fd/9)" ] && chmod -- "$value" /proc/self/fd/9 || bad=1
        ;;
    esac
  done
  exit "$bad"'

# tree_enter PATH: goes to the folder that files_look has seen. Names are relative to it from here on.
tree_enter() {
  CDPATH='' cd -P -- "$1" || fail "could not look into $1" path "$1"
  [ "$(stat -c %d.%i .)" = "$f_inode" ] || fail "$1 was replaced by somebody else in the meantime" path "$1"
  tree_top=${PWD%/}
  tree_find='' tree_chmod=''
  # shellcheck disable=SC2185 # it is asked for its version only
  case $(find --version 2>/dev/null) in *GNU*) tree_find=gnu ;; esac
  case $(chmod --help 2>&1) in *--no-dereference*) tree_chmod=1 ;; esac
  tree_ours=1
  [ -z "$(find . -type d ! -user "${files_me%:*}" -print -o -type d -perm -020 -print -o -type d -perm -002 -print 2>/dev/null | head -n 1)" ] || tree_ours=''
}

# tree_action VERB VALUE: t_action becomes what find is to do with what it found; its words are to be split by eval.
tree_action() {
  case $1:$tree_ours$tree_find$tree_chmod in
    chown:1*) t_action="-exec chown -h -- $2 {} +" ;;
    chmod:1*) t_action="-exec chmod -- $2 {} +" ;;
    chown:gnu*) t_action="-execdir chown -h -- $2 {} +" ;;
    chmod:gnu1) t_action="-execdir chmod -h -- $2 {} +" ;;
    *:gnu*) t_action="-execdir sh -c \"\$tree_each\" $1 $2 '' {} +" ;;
    *) t_action="-exec sh -c \"\$tree_each\" $1 $2 \"\$tree_top/.\" {} +" ;;
  esac
}

# tree_chown TEST WORD OWNER: chown of what TEST finds, links themselves.
tree_chown() {
  [ -n "$(find . -mindepth 1 $1 -print 2>/dev/null | head -n 1)" ] || return 0
  change "$2"
  checking && return
  tree_action chown "$3"
  eval "find . -mindepth 1 $1 $t_action" || fail 'chown failed' path "$tree_top"
}

# tree_modes MODE: the pairs of mode and type below are few, however many files there are: the mode wanted is worked out for each pair,
# and one find then looks at each file once, so that a file which got its mode is not taken for one that still needs another.
# (No parentheses: busybox forgets an -exec + in them.)
tree_modes() {
  tree_rules=''
  for tree_pair in $(find . -mindepth 1 ! -type l -exec stat -c '%a:%F' {} + 2>/dev/null | sort -u | tr ' ' _); do
    tree_old=${tree_pair%%:*}
    files_mode "$1" "$tree_old" "${tree_pair#*:}"
    ! files_same_mode "$f_new" "$tree_old" || continue
    case $tree_pair in
      *:directory) tree_kind='-type d' ;;
      *) tree_kind='! -type d ! -type l' ;;
    esac
    tree_action chmod "$f_new"
    tree_rules="${tree_rules:+$tree_rules -o }$tree_kind -perm $tree_old $t_action"
  done
  [ -n "$tree_rules" ] || return 0
  change mode
  checking || eval "find . -mindepth 1 -depth $tree_rules" || fail 'chmod failed' path "$tree_top"
}

# For shells that `find` starts. go FOLDER: enters it, which is below $to, as tree_go does for those who know the functions of this one.
tree_text='
go() {
  CDPATH="" cd -P -- "${1:-/}" 2>/dev/null || return 1
  [ "${PWD%/}" != "${1%/}" ] || return 0
  t_rest=${1#"$to"}/ t_done=$to t_here=$(stat -c %u .) t_found=1
  while [ -n "$t_rest" ]; do
    t_done=$t_done${t_rest%%/*} t_rest=${t_rest#*/}
    t_what=$(stat -c %f:%u -- "$t_done") || return 1
    case $t_what in
      a???:0 | a???:"$uid" | a???:"$t_here") t_found=0 ;;
      a???:*) return 1 ;;
    esac
    t_done=$t_done/
  done
  return "$t_found"
}
'

# tree_at PATH: everything below is about names in this folder.
tree_at() {
  CDPATH='' cd -P -- "$1" || fail "could not look into $1" path "$1"
  tree_top=${PWD%/}
}

# tree_go NAME: goes to the folder below $tree_top that holds NAME, so that it stays the same one, and t_name becomes its name there. A
# link on the way is followed, as with Ansible, unless it is of another user's making and leads to what is not his.
tree_go() {
  case $1 in
    */*) t_dir=$tree_top/${1%/*} ;;
    *) t_dir=$tree_top ;;
  esac
  t_name=./${1##*/}
  CDPATH='' cd -P -- "${t_dir:-/}" || fail "could not look into $t_dir" path "$t_dir"
  [ "${PWD%/}" != "$t_dir" ] || return 0
  t_rest=${t_dir#"$tree_top"}/
  t_done=$tree_top
  t_found=''
  while [ -n "$t_rest" ]; do
    t_done=$t_done${t_rest%%/*}
    t_rest=${t_rest#*/}
    # One look tells that it is a link and whose: two may be at two things.
    t_what=$(stat -c %f:%u -- "$t_done" 2>/dev/null) || fail "$t_done was replaced by somebody else in the meantime" path "$t_done"
    case $t_what in a???:*) t_maker=${t_what#*:} ;; *) t_maker='' ;; esac
    if [ -n "$t_maker" ]; then
      t_found=1
      files_look .
      files_trusts "$t_maker" || fail "$t_done is a link of the user with the number $t_maker to a folder of $f_owner: nothing is written there through it" path "$t_done"
    fi
    t_done=$t_done/
  done
  [ -n "$t_found" ] || fail "$t_dir was replaced by somebody else in the meantime" path "$t_dir"
}

# tree_stage: a folder of our own below the one we are in, which others may write to. We are in it afterwards, so it stays the same one
# whatever its name leads to, and nobody else can put anything there. $t_stage is its name.
tree_stage() {
  t_inode=''
  trap tree_unstage EXIT
  trap 'exit 143' HUP INT TERM PIPE
  t_stage=${PWD%/}/.troupe.$T_NAME
  files_mkdir 700 "$t_stage" || fail "Destination $PWD not writable"
  if CDPATH='' cd -P -- "$t_stage" && [ "$(stat -c %u:%a .)" = "${files_me%:*}:700" ]; then
    # bash leaves out . and ..
    case $(echo .* *) in '. .. *' | '.* *') t_inode=$(stat -c %d.%i .) ;; esac
    # a name of it, for what is moved from here, that nobody else can make lead elsewhere
    exec 5<.
    t_from=/proc/self/fd/5
  fi
  [ -n "$t_inode" ] || fail "$t_stage was replaced by somebody else in the meantime"
}

# tree_unstage: its removal, from within.
tree_unstage() {
  [ -z "$upload" ] || rm -f -- "$upload"
  [ -n "$t_inode" ] && CDPATH='' cd -P -- "$t_stage" 2>/dev/null && [ "$(stat -c %d.%i .)" = "$t_inode" ] || return 0
  rm -rf -- ./*
  cd .. && rmdir -- "$t_stage"
  t_inode=''
}
