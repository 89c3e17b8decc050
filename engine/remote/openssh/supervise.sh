# supervise.sh PROGRAM ARGUMENT...: runs a program that ends when the standard input of this one does. The controller holds the other
# end of it, so that nothing stays behind, whatever ended the controller. The first line it prints is the program's process id.
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
echo "$program"
(
  while read -r _; do :; done <&3
  kill "$program"
) 2>/dev/null &
watcher=$!
exec 3<&-
wait "$program"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
