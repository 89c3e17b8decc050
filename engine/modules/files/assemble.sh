#: needs files
# shellcheck disable=SC2154,SC2015,SC2034,SC2086 # variables of the request

# Puts $dest together from the files in $src, or from those in $names where the controller has chosen.
do_assemble() {
  reply src "$src"
  [ -e "$src" ] || fail "Source ($src) does not exist"
  [ -d "$src" ] || fail "Source ($src) is not a directory"
  assemble_collate=${LC_ALL-none}
  LC_ALL=C
  if [ -n "$chosen" ]; then
    eval "set -- $names"
  else
    set --
    # sorted by bytes: a dot comes after blanks and signs such as #, and before digits and letters
    for assemble_part in "$src"/*; do
      assemble_part=${assemble_part##*/}
      case $assemble_part in [' '-'-']* | [[:cntrl:]]*) [ ! -f "$src/$assemble_part" ] || set -- "$@" "$assemble_part" ;; esac
    done
    for assemble_part in "$src"/..?* "$src"/.[!.]*; do
      assemble_part=${assemble_part##*/}
      [ -n "$ignore_hidden" ] || [ ! -f "$src/$assemble_part" ] || set -- "$@" "$assemble_part"
    done
    for assemble_part in "$src"/*; do
      assemble_part=${assemble_part##*/}
      case $assemble_part in
        [' '-'-']* | [[:cntrl:]]*) ;;
        *) [ ! -f "$src/$assemble_part" ] || set -- "$@" "$assemble_part" ;;
      esac
    done
  fi
  if [ "$assemble_collate" = none ]; then unset LC_ALL; else LC_ALL=$assemble_collate; fi
  if [ -n "$list" ]; then
    assemble_list "$@"
    return
  fi
  temp_folder || fail "could not make a temporary folder"
  assemble_file=$T_TMP/assembled
  assemble_all "$@" >"$assemble_file" || fail "could not read the fragments in $src"
  files_sum md5 "$assemble_file"
  reply md5sum "$f_sum"
  files_sha1 "$assemble_file"
  assemble_sum=$f_sum
  reply checksum "$f_sum"
  reply dest "$dest"
  case $dest in */*) ;; *) dest=./$dest ;; esac
  [ ! -d "$dest" ] || fail "$dest is a directory"
  f_sum=''
  [ ! -f "$dest" ] || files_sha1 "$dest"
  files_look "$dest"
  if [ "$f_sum" != "$assemble_sum" ]; then
    change content
    if checking; then
      # Ansible names the copy that it would make
      [ -z "$backup" ] || [ ! -e "$dest" ] || reply backup_file "$dest.$$.$(date +%Y-%m-%d@%H:%M:%S)~"
      [ -z "$validate" ] || { f_temp=$assemble_file; files_validate; }
      rm -f -- "$assemble_file" "$f_temp"
      [ "$f_type" = absent ] || files_attributes "$dest"
    else
      assemble_put
    fi
  else
    rm -f -- "$assemble_file"
    files_attributes "$dest"
  fi
  files_info "$dest"
}

# The names for the controller to choose from; and, where they are not too large, the fragments, and what $dest is now, so that
# nothing more is to be asked where it already is what they make.
assemble_list() {
  for assemble_part do reply name "$assemble_part"; done
  [ $# != 0 ] || return 0
  assemble_sizes=$(cd -- "$src" && stat -L -c %s -- "$@") || return 0
  assemble_total=0
  for assemble_part in $assemble_sizes; do assemble_total=$((assemble_total + assemble_part)); done
  case $dest in */*) ;; *) dest=./$dest ;; esac
  [ "$assemble_total" -le 1048576 ] && [ -f "$dest" ] && [ -r "$dest" ] || return 0
  files_sha1 "$dest"
  files_look "$dest"
  T_CHECK=1
  files_attributes "$dest"
  files_tell "$dest"
  reply dest "$dest"
  reply sum "$f_sum"
  reply sizes "$assemble_sizes"
  reply_rest content
  for assemble_part do
    shift
    set -- "$@" "$src/$assemble_part"
  done
  cat -- "$@"
}

assemble_put() {
  files_parent "$dest"
  [ -d "$f_dir" ] || fail "Destination directory $f_dir does not exist"
  [ "$f_type" != link ] || f_type=absent
  files_new "$dest"
  cat <"$assemble_file" >&8 && rm -f -- "$assemble_file" || fail "could not write to $f_dir"
  [ -z "$validate" ] || files_validate
  [ -z "$backup" ] || [ ! -e "$dest" ] || files_backup "$dest"
  files_replace "$dest"
}

# assemble_all NAME...: all of them, each beginning on a line of its own, with the delimiter between.
assemble_all() {
  assemble_newline=''
  assemble_first=1
  for assemble_part do
    [ -z "$assemble_newline" ] || printf '\n'
    if [ -z "$assemble_first" ] && [ -n "$delimiter" ]; then printf %s "$delimiter"; fi
    assemble_first=''
    assemble_newline=''
    cat -- "$src/$assemble_part" || return 1
    if [ ! -s "$src/$assemble_part" ] || [ -n "$(tail -c 1 -- "$src/$assemble_part")" ]; then assemble_newline=1; fi
  done
}
