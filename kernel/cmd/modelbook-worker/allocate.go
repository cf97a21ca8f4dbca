package main

import (
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	_ "unsafe" // for go:linkname

	"modelbook/kernel/worker/memory"
)

// allocateHook is called before very much memory is allocated at once. It is in
// package runtime as the installation compiles it (kernel/toolchain/hook);
// elsewhere nothing calls it.
//
//go:linkname allocateHook runtime.modelbookAllocate
var allocateHook func(size uintptr)

// outOfMemory is the panic value where a cell asks for more memory than there
// is. It is a runtime.Error, like that of other impossible sizes.
type outOfMemory struct{ asked, used, limit int64 }

func (outOfMemory) RuntimeError() {}

func (e outOfMemory) Error() string {
	return fmt.Sprintf("out of memory: asked for %s; the cells use %s of the %s they may use (%s changes it)",
		memory.Text(e.asked), memory.Text(e.used), memory.Text(e.limit), memory.Env)
}

// allocating panics when there is no room for so many bytes, even after a garbage
// collection. Otherwise the system would refuse them, and Go would end the
// process.
func allocating(size uintptr) {
	limit := memoryLimit
	if limit == 0 {
		limit = memory.Machine()
	}
	asked := int64(min(size, 1<<62))
	if limit == 0 || asked <= limit-inUse() {
		return
	}
	if asked <= limit {
		debug.FreeOSMemory()
	}
	if used := inUse(); asked > limit-used {
		panic(outOfMemory{asked, used, limit})
	}
}

// inUse is the memory of this process that is not free for new values.
func inUse() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(sample)
	for _, s := range sample {
		if s.Value.Kind() != metrics.KindUint64 {
			return 0
		}
	}
	return int64(sample[0].Value.Uint64() - sample[1].Value.Uint64() - sample[2].Value.Uint64())
}
