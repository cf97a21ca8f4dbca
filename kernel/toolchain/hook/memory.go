package hook

import "strings"

// The runtime ends the process when the system has no memory for a value:
// make([]int, 1<<40) would cost the session. In the worker, a large allocation
// asks first, and panics if there is not enough memory. There are two places: a
// large block, before the runtime has begun to allocate it, and a map made for
// many elements, which are allocated in many blocks.
var memoryHooks = Hook{map[string]edit{"runtime/malloc.go": hookMalloc, "runtime/map.go": hookMap},
	"a value that is too large for the memory ends the process of the cells, and all values are lost"}

const memoryHook = `

// modelbookLarge is the size in bytes from which on modelbookAllocate is asked.
const modelbookLarge = 32 << 20

// modelbookAllocate, when set, is called before so many bytes are allocated.
//
//go:linkname modelbookAllocate
var modelbookAllocate func(size uintptr)

// modelbookAsk calls modelbookAllocate where a panic is safe.
func modelbookAsk(size uintptr) {
	gp := getg()
	if mp := gp.m; modelbookAllocate != nil && gp == mp.curg && mp.locks == 0 && mp.mallocing == 0 && mp.preemptoff == "" && mp.dying == 0 {
		modelbookAllocate(size)
	}
}
`

// hookMalloc adds the hook to runtime/malloc.go.
func hookMalloc(source string) (hooked string, ok bool) {
	const large = "\nfunc mallocgcLarge(size uintptr, typ *_type, needzero bool) (unsafe.Pointer, uintptr) {\n"
	hooked, ok = replaced(source, large, large+"\tif size >= modelbookLarge {\n\t\tmodelbookAsk(size)\n\t}\n")
	return hooked + memoryHook, ok
}

// hookMap adds the hook to runtime/map.go. From Go 1.27 on map types have no size
// of a slot, but the size of a group of slots.
func hookMap(source string) (hooked string, ok bool) {
	slot := "t.SlotSize"
	if !strings.Contains(source, "\tif e == unsafe.Pointer(&zeroVal[0]) {\n") {
		slot = "(t.GroupSize / abi.MapGroupSlots)"
	}
	const hint = "\n\treturn maps.NewMap(t, uintptr(hint), m, maxAlloc)\n"
	return replaced(source, hint, "\n\tif n := uintptr(hint); n >= modelbookLarge/8 && n < maxAlloc/"+slot+" {\n\t\tmodelbookAsk(n * "+slot+")\n\t}\n"+hint[1:])
}
