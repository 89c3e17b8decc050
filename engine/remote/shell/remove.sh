# Removes the file $path.
do_t_remove() { rm -f -- "$path"; }
