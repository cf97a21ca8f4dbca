# Says of which rank it is, its first argument, what Go's runtime writes here when it ends the program.
text=$(head -c 16384; cat >/dev/null)
first=$(printf '%s\n' "$text" | sed -n '/./{p;q;}')
# A fault of the runtime itself comes without its reason; who found it is the frame below runtime.throw.
finder=$(printf '%s\n' "$text" | sed -n '/^runtime\.throw(/{n;n;n;p;q;}')
case $finder in
*/malloc.go:* | */mcache.go:* | */mcentral.go:* | */mheap.go:* | */mem.go:* | */mem_linux.go:*) first='out of memory' ;;
esac
case $first in
'') ;;
'goroutine '* | 'runtime stack:'*) printf 'dist: %s: a fatal error, which is above the goroutines\n' "$1" >&2 ;;
*) printf 'dist: %s: %s\n' "$1" "$first" >&2 ;;
esac
