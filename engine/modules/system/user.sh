#: needs accounts files
# shellcheck disable=SC2034,SC2154,SC2086,SC2015,SC2119,SC2120 # variables are shared by functions; some are split on purpose
do_user() {
  sbin_path
  if [ "$n_state" = absent ]; then
    account_find "$n_name" || return 0
    change absent
    checking || user_remove
    return 0
  fi
  if account_find "$n_name"; then
    user_modify
  else
    change created
    checking && return
    user_create
  fi
  account_find "$n_name" || fail "failed to look up user name: $n_name"
  user_home
  user_expiry
  reply exists 1
  reply uid "$p_uid"
  reply gid "$p_gid"
  reply comment "$p_comment"
  reply home "$p_home"
  reply shell "$p_shell"
  [ -z "$n_generate_ssh_key" ] || user_ssh_key
}

# Runs a tool; what it says becomes part of the result.
user_run() {
  n_out=$("$@" 2>&1) || fail "$n_out" name "$n_name" rc "$?"
  [ -z "$n_out" ] || reply said "$n_out"
}

user_remove() {
  if have userdel; then
    user_run userdel ${n_force:+-f} ${n_remove:+-r} -- "$n_name"
  else
    have deluser || fail 'neither userdel nor deluser is on this host' name "$n_name"
    user_run deluser ${n_remove:+--remove-home} "$n_name"
  fi
}

# A hash goes to chpasswd's stdin: an argument would be readable by every user of the host.
user_password() {
  n_out=$(printf '%s:%s\n' "$n_name" "$1" | chpasswd -e 2>&1) || fail "chpasswd: $n_out" name "$n_name"
}

# n_list: the wanted groups by name, with commas; each must exist.
user_wanted_groups() {
  n_list=
  eval "set -- $n_groups"
  for n_group_name in "$@"; do
    group_find "$n_group_name" || fail "Group $n_group_name does not exist"
    case ,$n_list, in *",$g_name,"*) ;; *) n_list=${n_list:+$n_list,}$g_name ;; esac
  done
}

user_create() {
  [ -z "$n_group" ] || group_find "$n_group" || fail "Group $n_group does not exist"
  user_wanted_groups
  if [ -n "$n_home" ] && [ -n "$n_create_home" ]; then
    case $n_home in */*) [ -d "${n_home%/*}/" ] || mkdir -p -- "${n_home%/*}" ;; esac
  fi
  if have useradd; then user_useradd; else user_adduser; fi
  if [ -n "$n_has_password" ]; then
    if [ "$n_lock" = 1 ]; then user_password "!$n_password"; else user_password "$n_password"; fi
  fi
}

user_useradd() {
  set -- useradd
  [ -z "$n_uid" ] || set -- "$@" -u "$n_uid"
  if [ -n "$n_uid" ] && [ -n "$n_non_unique" ]; then set -- "$@" -o; fi
  [ -z "$n_seuser" ] || set -- "$@" -Z "$n_seuser"
  if [ -n "$n_group" ]; then
    set -- "$@" -g "$n_group"
  elif group_find "$n_name" && [ "$g_name" = "$n_name" ]; then
    set -- "$@" -N
  fi
  [ -z "$n_list" ] || set -- "$@" -G "$n_list"
  [ -z "$n_has_comment" ] || set -- "$@" -c "$n_comment"
  [ -z "$n_home" ] || set -- "$@" -d "$n_home"
  [ -z "$n_shell" ] || set -- "$@" -s "$n_shell"
  if [ "$n_expires" = never ]; then set -- "$@" -e ''; elif [ -n "$n_expires" ]; then set -- "$@" -e "$n_expires"; fi
  [ -z "$n_inactive" ] || set -- "$@" -f "$n_inactive"
  if [ -n "$n_create_home" ]; then
    set -- "$@" -m
    [ -z "$n_skeleton" ] || set -- "$@" -k "$n_skeleton"
    [ -z "$n_umask" ] || set -- "$@" -K "UMASK=$n_umask"
  else
    set -- "$@" -M
  fi
  [ -z "$n_system" ] || set -- "$@" -r
  [ -z "$n_uid_min" ] || set -- "$@" -K "UID_MIN=$n_uid_min"
  [ -z "$n_uid_max" ] || set -- "$@" -K "UID_MAX=$n_uid_max"
  user_run "$@" -- "$n_name"
}

user_adduser() {
  have adduser || fail 'neither useradd nor adduser is on this host' name "$n_name"
  set -- adduser -D
  [ -z "$n_uid" ] || set -- "$@" -u "$n_uid"
  [ -z "$n_group" ] || set -- "$@" -G "$g_name"
  [ -z "$n_has_comment" ] || set -- "$@" -g "$n_comment"
  [ -z "$n_home" ] || set -- "$@" -h "$n_home"
  [ -z "$n_shell" ] || set -- "$@" -s "$n_shell"
  [ -n "$n_create_home" ] || set -- "$@" -H
  [ -z "$n_skeleton" ] || set -- "$@" -k "$n_skeleton"
  [ -z "$n_system" ] || set -- "$@" -S
  user_run "$@" "$n_name"
  IFS=,
  # shellcheck disable=SC2086 # the list is split at its commas
  set -- $n_list
  unset IFS
  for n_one in "$@"; do user_run addgroup "$n_name" "$n_one"; done
}

# Each difference becomes an option of one usermod.
user_modify() {
  set --
  n_line_uid=$p_uid n_line_gid=$p_gid n_line_comment=$p_comment n_line_home=$p_home n_line_shell=$p_shell
  if [ -n "$n_uid" ] && [ "$n_uid" != "$p_uid" ]; then
    change uid
    set -- "$@" -u "$n_uid" ${n_non_unique:+-o}
    n_line_uid=$n_uid
  fi
  if [ -n "$n_group" ]; then
    group_find "$n_group" || fail "Group $n_group does not exist"
    if [ "$g_gid" != "$p_gid" ]; then
      change group
      set -- "$@" -g "$g_gid"
      n_line_gid=$g_gid
    fi
  fi
  if [ -n "$n_has_comment" ] && [ "$n_comment" != "$p_comment" ]; then
    change comment
    set -- "$@" -c "$n_comment"
    n_line_comment=$n_comment
  fi
  if [ -n "$n_home" ] && [ "$n_home" != "$p_home" ]; then
    change home
    set -- "$@" -d "$n_home" ${n_move_home:+-m}
    n_line_home=$n_home
  fi
  if [ -n "$n_shell" ] && [ "$n_shell" != "$p_shell" ]; then
    change shell
    set -- "$@" -s "$n_shell"
    n_line_shell=$n_shell
  fi
  n_line="$n_name:$p_word:$n_line_uid:$n_line_gid:$n_line_comment:$n_line_home:$n_line_shell"
  n_memberships=
  [ -z "$n_has_groups" ] || user_compare_groups
  if have usermod; then
    [ -z "$n_memberships" ] || set -- "$@" ${n_append:+-a} -G "$n_list"
    user_shadow_options
    [ -z "$n_shadow" ] || eval "set -- \"\$@\" $n_shadow"
    if [ $# -gt 0 ] && ! checking; then user_run usermod "$@" "$n_name"; fi
  elif ! checking; then
    [ $# -eq 0 ] || account_rewrite /etc/passwd "$n_name" "$n_line"
    user_busybox_groups
  fi
  user_new_password
}

user_compare_groups() {
  user_wanted_groups
  account_groups "$n_name"
  IFS=,
  # shellcheck disable=SC2086 # the list is split at its commas
  set -- $n_list
  unset IFS
  for n_one in "$@"; do case $v_groups in *" $n_one "*) ;; *) n_memberships=1 ;; esac; done
  if [ -z "$n_append" ]; then
    for n_one in $v_groups; do case ,$n_list, in *",$n_one,"*) ;; *) n_memberships=1 ;; esac; done
  fi
  [ -z "$n_memberships" ] || change groups
}

user_busybox_groups() {
  [ -n "$n_memberships" ] || return 0
  IFS=,
  # shellcheck disable=SC2086 # the list is split at its commas
  set -- $n_list
  unset IFS
  for n_one in "$@"; do
    case $v_groups in *" $n_one "*) ;; *) user_run addgroup "$n_name" "$n_one" ;; esac
  done
  [ -z "$n_append" ] || return 0
  for n_one in $v_groups; do
    case ,$n_list, in *",$n_one,"*) ;; *) user_run delgroup "$n_name" "$n_one" ;; esac
  done
}

# n_shadow: options for what stands in /etc/shadow: the date of expiry, lock and unlock.
user_shadow_options() {
  n_shadow=
  [ -n "$n_expires$n_lock$n_inactive" ] || return 0
  # One without a line in /etc/shadow gets one.
  shadow_find "$n_name" || w_expire=none
  if [ "$n_expires" = never ]; then
    case $w_expire in '' | -1) ;; *) change expires && n_shadow="-e ''" ;; esac
  elif [ -n "$n_expires" ] && [ "$w_expire" != "$n_expires_day" ]; then
    change expires
    n_shadow="-e $n_expires"
  fi
  if [ -n "$n_inactive" ] && [ "$w_inactive" != "$n_inactive" ] && { [ "$n_inactive" != -1 ] || [ -n "$w_inactive" ]; }; then
    change password_expire_account_disable
    n_shadow="$n_shadow -f $n_inactive"
  fi
  # A new password brings its lock with it.
  if [ -n "$n_has_password" ] && [ "$n_update_password" = always ] && ! user_same_hash; then return 0; fi
  case $n_lock:$w_hash in
    1:!*) ;;
    1:*) change password_lock && n_shadow="$n_shadow -L" ;;
    0:!*) change password_lock && n_shadow="$n_shadow -U" ;;
  esac
}

user_new_password() {
  if [ -z "$n_has_password" ] || [ "$n_update_password" != always ]; then return 0; fi
  shadow_find "$n_name"
  user_same_hash && return
  change password
  checking && return
  if [ "$n_lock" = 1 ]; then user_password "!$n_bare"; else user_password "$n_password"; fi
}

# Whether the hash is the wanted one but for a lock; n_bare becomes the wanted one without.
user_same_hash() {
  n_bare=$n_password n_old=$w_hash
  # bash looks through all of a long text for a prefix that is not there
  case $n_bare in '!'*) n_bare=${n_bare#!} ;; esac
  case $n_old in '!'*) n_old=${n_old#!} ;; esac
  [ "$n_old" = "$n_bare" ]
}

# A home that is missing is made as useradd makes it.
user_home() {
  n_path=${n_home:-$p_home}
  if [ -z "$n_create_home" ] || [ -z "$n_path" ] || [ -e "$n_path" ]; then return 0; fi
  change home
  checking && return
  n_skel=${n_skeleton:-/etc/skel}
  mkdir -p -- "$n_path" || fail "can't make the home $n_path"
  [ ! -d "$n_skel" ] || cp -R -- "$n_skel/." "$n_path/" || fail "can't copy $n_skel to $n_path"
  n_home_mode=755
  if [ -r /etc/login.defs ]; then
    while read -r n_key n_value n_rest; do
      case $n_key in
        HOME_MODE) n_home_mode=$n_value && break ;;
        UMASK) n_home_mode=$(printf '%o' $((0777 & ~0$n_value))) ;;
      esac
    done </etc/login.defs
  fi
  chmod "$n_home_mode" "$n_path" && chown -R -h "$p_uid:$p_gid" "$n_path"
}

user_expiry() {
  [ -n "$n_max$n_min$n_warn" ] || return 0
  shadow_find "$n_name"
  set --
  if [ -n "$n_max" ] && [ "$n_max" != "$w_max" ]; then change password_expire_max && set -- "$@" -M "$n_max"; fi
  if [ -n "$n_min" ] && [ "$n_min" != "$w_min" ]; then change password_expire_min && set -- "$@" -m "$n_min"; fi
  if [ -n "$n_warn" ] && [ "$n_warn" != "$w_warn" ]; then change password_expire_warn && set -- "$@" -W "$n_warn"; fi
  if [ $# -eq 0 ] || checking; then return 0; fi
  user_run chage "$@" "$n_name"
}

user_ssh_key() {
  case $n_ssh_key_file in /*) n_key=$n_ssh_key_file ;; *) n_key=$p_home/${n_ssh_key_file:-.ssh/id_$n_ssh_key_type} ;; esac
  if [ -n "$n_force_key" ]; then
    [ ! -e "$n_key" ] || warn "Overwriting existing ssh key private file \"$n_key\""
    [ ! -e "$n_key.pub" ] || warn "Overwriting existing ssh key public file \"$n_key.pub\""
  elif [ -e "$n_key" ]; then
    warn "Found existing ssh key private file \"$n_key\", no force, so skipping ssh-keygen generation"
  elif [ -e "$n_key.pub" ]; then
    warn "Found existing ssh key public file \"$n_key.pub\", no force, so skipping ssh-keygen generation"
  fi
  if [ -n "$n_force_key" ] || { [ ! -e "$n_key" ] && [ ! -e "$n_key.pub" ]; }; then
    change ssh_key
    checking || user_make_key
  fi
  reply ssh_key_file "$n_key"
  if [ ! -e "$n_key" ]; then
    reply ssh_fingerprint "SSH Key file $n_key does not exist"
    return 0
  fi
  reply ssh_fingerprint "$(ssh-keygen -l -f "$n_key" 2>&1)"
  [ ! -r "$n_key.pub" ] || { IFS= read -r n_public <"$n_key.pub" && reply ssh_public_key "$n_public"; }
}

user_make_key() {
  have ssh-keygen || fail 'Failed to find required executable "ssh-keygen"'
  n_folder=${n_key%/*}
  if [ ! -d "$n_folder" ]; then
    [ -d "$p_home" ] || fail "Not creating home directory $p_home to put the key in: create_home is false"
    (umask 077 && mkdir -p -- "$n_folder") && chown -h "$p_uid:$p_gid" "$n_folder" || fail "Failed to create $n_folder"
  fi
  # ssh-keygen writes through links, and the folder is the user's
  temp_folder || fail 'could not make a temporary folder'
  n_made=$T_TMP/ssh_key
  rm -f -- "$n_made" "$n_made.pub"
  [ -n "$n_comment_key" ] || n_comment_key="ansible-generated on $(uname -n)"
  set -- -q -t "$n_ssh_key_type" -C "$n_comment_key" -f "$n_made"
  [ -z "$n_ssh_key_bits" ] || set -- "$@" -b "$n_ssh_key_bits"
  if [ -z "$n_passphrase" ]; then
    user_run ssh-keygen "$@" -N ''
  else
    # The passphrase comes through a helper's environment: -N would show it to every user of the host.
    # shellcheck disable=SC2016 # the helper expands it
    printf '#!/bin/sh\nprintf "%%s\\n" "$TROUPE_PHRASE"\n' >"$T_TMP/ask" && chmod 700 "$T_TMP/ask"
    TROUPE_PHRASE=$n_passphrase SSH_ASKPASS=$T_TMP/ask SSH_ASKPASS_REQUIRE=force DISPLAY=: user_run ssh-keygen "$@"
    rm -f "$T_TMP/ask"
  fi
  user_place_key "$n_made" "$n_key" 600
  user_place_key "$n_made.pub" "$n_key.pub" 644
}

# user_place_key FROM TO MODE
user_place_key() {
  files_new "$2"
  cat -- "$1" >&8 && chown -- "$p_uid:$p_gid" "$f_by" && chmod "$3" -- "$f_by" || fail "Failed to create $2"
  files_rename "$2"
  rm -f -- "$1"
}
