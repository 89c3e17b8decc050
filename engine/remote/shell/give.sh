# Gives the content of the file $path.
do_t_give() {
  [ -e "$path" ] || fail "the file $path does not exist"
  [ ! -d "$path" ] || fail "$path is a folder"
  [ -r "$path" ] || fail "this user may not read $path"
  { reply_rest content; cat; } <"$path"
}
