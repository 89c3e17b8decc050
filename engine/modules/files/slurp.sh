# shellcheck disable=SC2154 # variables of the request

do_slurp() {
  reply source "$src"
  [ -e "$src" ] || fail "File not found: $src"
  [ ! -d "$src" ] || fail "Source is a directory and must be a file: $src"
  [ -r "$src" ] || fail "File is not readable: $src"
  reply_rest content
  cat -- "$src"
}
