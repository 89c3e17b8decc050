# Looking users and groups up: in the files first (no process), then through NSS where that may know more.
# shellcheck disable=SC2034,SC2154,SC2086,SC2015,SC2119,SC2120 # variables are shared by functions; some are split on purpose

# account_find NAME: p_uid p_gid p_comment p_home p_shell; false if there is none. $n_local: the files only.
account_find() {
  while IFS=: read -r p_name p_word p_uid p_gid p_comment p_home p_shell || [ -n "$p_name" ]; do
    [ "$p_name" != "$1" ] || return 0
  done </etc/passwd
  if [ -z "$n_local" ] && have getent && p_line=$(getent passwd -- "$1"); then
    IFS=: read -r p_name p_word p_uid p_gid p_comment p_home p_shell <<EOF
$p_line
EOF
    [ "$p_name" = "$1" ] && return 0
  fi
  p_uid='' p_gid='' p_comment='' p_home='' p_shell=''
  return 1
}

# shadow_find NAME: w_hash w_min w_max w_warn w_inactive w_expire.
shadow_find() {
  w_hash='' w_min='' w_max='' w_warn='' w_inactive='' w_expire=''
  [ -r /etc/shadow ] || return 1
  while IFS=: read -r w_name w_hash w_last w_min w_max w_warn w_inactive w_expire w_rest; do
    [ "$w_name" != "$1" ] || return 0
  done </etc/shadow
  w_hash='' w_min='' w_max='' w_warn='' w_inactive='' w_expire=''
  return 1
}

# group_find NAME-OR-GID: g_name g_gid g_members; false if there is none.
group_find() {
  while IFS=: read -r g_name g_word g_gid g_members || [ -n "$g_name" ]; do
    if [ "$g_name" = "$1" ] || [ "$g_gid" = "$1" ]; then return 0; fi
  done </etc/group
  if [ -z "$n_local" ] && have getent && g_line=$(getent group -- "$1"); then
    IFS=: read -r g_name g_word g_gid g_members <<EOF
$g_line
EOF
    return 0
  fi
  g_name='' g_gid='' g_members=''
  return 1
}

# account_groups NAME: v_groups, a list with spaces around each, of the groups that name the user as a member.
account_groups() {
  v_groups=' '
  while IFS=: read -r g_name g_word g_gid g_members || [ -n "$g_name" ]; do
    case ,$g_members, in *",$1,"*) v_groups="$v_groups$g_name " ;; esac
  done </etc/group
}

# account_rewrite FILE NAME LINE: replaces the line of NAME; an empty LINE removes it. For hosts without usermod.
account_rewrite() {
  a_new=$1.troupe.$T_NAME
  umask 077
  set -C
  while IFS= read -r a_line || [ -n "$a_line" ]; do
    case $a_line in
      "$2":*) [ -z "$3" ] || printf '%s\n' "$3" ;;
      *) printf '%s\n' "$a_line" ;;
    esac
  done <"$1" >"$a_new" || fail "can't write beside $1"
  set +C
  a_mode=$(stat -c %a "$1") && chmod "$a_mode" "$a_new" && mv -f "$a_new" "$1" || { rm -f "$a_new"; fail "can't replace $1"; }
}
