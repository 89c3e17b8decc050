#: needs files
# shellcheck disable=SC2154,SC2015,SC2034,SC2086 # variables of the request

# Reads a file that the controller edits: its state, what its attributes lack, its content. Where it is not there and $make is set,
# it gets $content at once. Other files of which only the text is wanted are $also_1 ... up to $also_count.
do_edit() {
  if [ -n "$write" ]; then
    edit_write
    return
  fi
  [ -z "$in_folder" ] || [ -d "$in_folder" ] || fail "$no_folder"
  edit_number=0
  while [ "$edit_number" -lt "${also_count:-0}" ]; do
    edit_number=$((edit_number + 1))
    eval "edit_also \"\$also_$edit_number\""
  done
  [ -n "$path" ] || return 0
  reply path "$path"
  if [ -d "$path" ]; then
    reply type directory
    return
  fi
  if [ ! -e "$path" ]; then
    reply type absent
    if [ -n "$make" ]; then
      reply made 1
      expected='' write_content=1
      edit_write
    fi
    return
  fi
  reply type file
  edit_target
  edit_owned=$dest
  [ -z "$edit_link" ] || edit_owned=$path
  files_look "$edit_owned"
  files_tell "$edit_owned"
  edit_check=$T_CHECK
  T_CHECK=1
  files_attributes "$edit_owned"
  T_CHECK=$edit_check
  [ -z "$edit_link" ] || files_look "$dest"
  if [ -n "$large" ] && [ "${f_size:-0}" -gt "$large" ]; then
    reply large "$f_size"
    reply target "$dest"
    return
  fi
  reply_rest content
  if files_small "$dest"; then printf %s "$f_text"; else cat -- "$dest"; fi
}

# What is asked for belongs to the link.
edit_own() {
  owner=$edit_owner group=$edit_group mode=$edit_mode attributes=$edit_flags
  dest=$path
  files_look "$dest"
  # somebody has put what the link led to, or anything, in its place
  [ "$f_type" = link ] || fail "$path was replaced by somebody else while it was edited" path "$path"
}

# edit_also PATH: the text of a file that the task only reads; `x` before it tells an empty one from none.
edit_also() {
  reply also_path "$1"
  if [ -d "$1" ]; then
    reply also directory
  elif [ -e "$1" ]; then
    edit_text=$(cat -- "$1") || fail "could not read $1"
    reply also "x$edit_text"
  else
    reply also absent
  fi
}

# $dest becomes what $path is in the end: an edited link stays a link, unless the module replaces it ($keep_link). It is the link that
# gets the owner which is asked for, as with Ansible; what it leads to may be a file of somebody whom it is not to be taken from.
edit_target() {
  dest=$path
  case $dest in */*) ;; *) dest=./$dest ;; esac
  edit_link=''
  if [ -L "$path" ] && [ -z "$keep_link" ]; then
    edit_link=1
    dest=$(files_real "$path")
  fi
}

# Puts the new content ($content, or the uploaded file $upload) in place, if the old one is still the one that was read.
edit_write() {
  edit_target
  if [ -n "$edit_link" ]; then
    edit_owner=$owner edit_group=$group edit_mode=$mode edit_flags=$attributes
    owner='' group='' mode='' attributes=''
  fi
  files_look "$dest"
  if [ -n "$write_content" ]; then
    if [ -e "$dest" ]; then
      files_sha1 "$dest"
      [ "$f_sum" = "$expected" ] || fail "$path was changed by somebody else while it was edited" path "$path"
      [ -z "$backup" ] || files_backup "$path"
    else
      [ -z "$expected" ] || fail "$path was removed by somebody else while it was edited" path "$path"
      files_parent "$dest"
      [ -d "$f_dir" ] || mkdir -p -- "$f_dir" || fail "Error creating $f_dir"
    fi
    if [ -n "$upload" ]; then
      files_upload "$dest"
      [ -z "$validate" ] || files_validate
      [ "$f_type" != link ] || f_type=absent
      files_replace "$dest"
    else
      [ "$f_type" != link ] || f_type=absent
      files_put "$dest"
    fi
  else
    [ -z "$edit_link" ] || edit_own
    files_attributes "$dest"
  fi
  [ -z "$edit_link" ] || [ -z "$write_content" ] || {
    edit_own
    files_attributes "$dest"
  }
  files_info "$path"
}
