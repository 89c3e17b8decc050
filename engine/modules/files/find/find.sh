#: needs files
# shellcheck disable=SC2154,SC2086,SC2034,SC2185 # variables of the request

find_gnu=''
case $(find --version 2>/dev/null) in *GNU*) find_gnu=1 ;; esac
# a name is told from its line by a NUL byte, where grep can print one
find_grep=
case $(grep --version 2>/dev/null) in *GNU*) find_grep=-aZ ;; esac

# Lists what is below the folders $p0, $p1 ...: each entry as two NUL-ended fields, its path below the folder and its state.
# What is wanted of it is decided on the controller, in Python's terms; of files that pass $tests it also gets, in the same
# reply, the checksums by $algorithm, and the lines that match $lines. With $names: checksums, or contents, of these files.
do_find() {
  if [ -n "$names" ]; then
    find_more
    return
  fi
  reply now "$(date +%s)"
  find_number=0
  while [ "$find_number" -lt "$count" ]; do
    eval "find_path=\$p$find_number"
    if [ -d "$find_path" ]; then reply top "$find_path"; else reply missing "$find_path"; fi
    find_number=$((find_number + 1))
  done
  [ -z "$algorithm" ] || find_sums
  [ -z "$find_grep" ] || reply nul 1
  reply_rest entries
  find_number=0
  while [ "$find_number" -lt "$count" ]; do
    eval "find_path=\$p$find_number"
    find_number=$((find_number + 1))
    [ -d "$find_path" ] || continue
    case $find_path in -*) find_path=./$find_path ;; esac
    if [ -n "$find_gnu" ] && [ -z "$follow" ]; then
      find "$find_path/" -mindepth 1 $look -type d ! -readable -printf '%P\0!%y:%m:%U:%G:%s:%i:%D:%n:%A@:%T@:%C@:%u:%g\0' -o \
        -mindepth 1 -printf '%P\0%y:%m:%U:%G:%s:%i:%D:%n:%A@:%T@:%C@:%u:%g\0' 2>/dev/null
    else
      find ${follow:+-L} "$find_path/" -mindepth 1 $look -exec sh -c 'for f do
        printf "%s\0" "${f#"$0/"}"
        [ ! -d "$f" ] || [ -r "$f" ] || printf !
        stat -c "%f::%u:%g:%s:%i:%d:%h:%X:%Y:%Z:%U:%G" -- "$f"
        printf "\0"
      done' "$find_path" {} + 2>/dev/null
    fi
    # an empty name ends the folder
    printf '\0'
  done
  if [ -n "$lines" ]; then LC_ALL=C find_files grep -H $find_grep -E -e "$lines" --; fi
  return 0
}

# find_files PROGRAM ARGUMENT...: runs it with the files that pass $tests.
find_files() {
  find_number=0
  while [ "$find_number" -lt "$count" ]; do
    eval "find_path=\$p$find_number"
    find_number=$((find_number + 1))
    [ -d "$find_path" ] || continue
    case $find_path in -*) find_path=./$find_path ;; esac
    eval "find ${follow:+-L} \"\$find_path/\" -mindepth 1 $depth -type f $tests -exec \"\$@\" {} +" 2>/dev/null
  done
}

find_sums() {
  have "${algorithm}sum" || return 0
  reply sums "$(find_files "${algorithm}sum" --)"
}

find_more() {
  eval "set -- $names"
  if [ -n "$algorithm" ]; then
    for find_path do
      f_sum=''
      [ ! -r "$find_path" ] || files_sum "$algorithm" "$find_path"
      reply sum "$f_sum"
    done
    return
  fi
  for find_path do
    if [ -r "$find_path" ]; then reply size "$(stat -L -c %s -- "$find_path")"; else reply size 0; fi
  done
  reply_rest content
  for find_path do
    [ ! -r "$find_path" ] || cat -- "$find_path"
  done
}
