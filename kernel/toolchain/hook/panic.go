package hook

// A panic that is not recovered ends the process, even in a goroutine that a
// package started, where no cell can recover it. In the worker it ends the
// goroutine instead: gopanic has a hook where all deferred calls have run and
// the process would end. Finalizers and cleanups run one after another in
// goroutines of the runtime, which must not end: there the panic is recovered.
var panicHooks = Hook{map[string]edit{
	"runtime/panic.go": hookPanic, "runtime/mfinal.go": hookFinalizers, "runtime/mcleanup.go": hookCleanups},
	"a panic in a goroutine of a package ends the process of the cells, and all values are lost"}

const panicHook = `

// modelbookPanic, when set, is called with a panic that was not recovered, while
// its stack is still there: the value, and the values of the panics during whose
// deferred calls it began, the latest first. When it returns true the goroutine
// ends as by Goexit, otherwise the process ends.
//
//go:linkname modelbookPanic
var modelbookPanic func(value any, before []any) bool

// modelbookUnrecovered ends the goroutine instead of the process, where that is
// safe: not while the runtime holds locks or allocates, not the main goroutine or
// those of the runtime, and not in threads of C, whose frames are below the
// goroutine's.
func modelbookUnrecovered(p *_panic) {
	gp := getg()
	mp := gp.m
	start := findfunc(gp.startpc)
	if modelbookPanic == nil || !start.valid() || stringslite.HasPrefix(funcname(start), "runtime.") ||
		mp.isextra || mp.ncgo > 0 || mp.incgo || mp.lockedInt != 0 || mp.locks != 0 || mp.mallocing != 0 || mp.preemptoff != "" || mp.dying != 0 {
		return
	}
	var before []any
	for q := p; q.link != nil; q = q.link {
		if !q.link.goexit && *efaceOf(&q.link.arg) != *efaceOf(&q.arg) {
			before = append(before, q.link.arg)
		}
	}
	if !modelbookPanic(p.arg, before) {
		return
	}
	for q := p; q != nil; q = q.link {
		if !q.goexit {
			runningPanicDefers.Add(-1)
		}
	}
	goexit1()
}
`

// Package sync ends the process when an unlocked mutex is unlocked. Nothing but
// the mutex is damaged, so in the worker it is a panic. (Concurrent use of a map
// may have damaged the map's memory: it does end the process.)
const mutexHook = `

// modelbookFatal is fatal, or a panic when modelbookPanic is set.
func modelbookFatal(s string) {
	if modelbookPanic != nil {
		panic(plainError(s))
	}
	fatal(s)
}
`

// Showing a variable must not end the process because a goroutine writes a map
// in it (see kernel/worker/still): a map can be read while all other goroutines
// are stopped, and in a goroutine that reads to show values a map in use is a
// panic, not a crash. The panic's value is allocated beforehand, because the
// world may be stopped.
const stillHook = `

// modelbookStill calls f while no other goroutine runs. f must not wait,
// allocate, or make system calls.
//
//go:linkname modelbookStill
var modelbookStill = modelbookStopped

func modelbookStopped(f func()) {
	stopped := stopTheWorld(stwUnknown)
	defer func() { startTheWorld(stopped) }()
	f()
}

// modelbookReading sets whether this goroutine reads to show values, and returns
// whether it did before.
//
//go:linkname modelbookReading
var modelbookReading = func(now bool) (was bool) {
	gp := getg()
	was, gp.modelbookReads = gp.modelbookReads, now
	return was
}

var modelbookMapBusy any = plainError("concurrent map read and map write")

// modelbookMap ends the process, or panics in a goroutine that reads to show
// values.
func modelbookMap(s string) {
	if gp := getg(); modelbookPanic != nil && gp.modelbookReads {
		gp.m.preemptoff = ""
		panic(modelbookMapBusy)
	}
	fatal(s)
}
`

// hookPanic adds the hooks to runtime/panic.go.
func hookPanic(source string) (hooked string, ok bool) {
	const end = "\t\tfn()\n\t}\n\n\t// If we're tracing, flush the current generation to make the trace more\n\t// readable.\n"
	const sync, internal, maps = "func sync_fatal(s string) {\n", "func internal_sync_fatal(s string) {\n", "func maps_fatal(s string) {\n"
	hooked, ok = replaced(source, end, "\t\tfn()\n\t}\n\tmodelbookUnrecovered(&p)\n"+end[len("\t\tfn()\n\t}\n"):],
		"\n"+sync+"\tfatal(s)\n", "\n"+sync+"\tmodelbookFatal(s)\n", "\n"+internal+"\tfatal(s)\n", "\n"+internal+"\tmodelbookFatal(s)\n",
		"\n"+maps+"\tfatal(s)\n", "\n"+maps+"\tmodelbookMap(s)\n")
	return hooked + panicHook + mutexHook + stillHook, ok
}

const finalizerHook = `

// modelbookFinalizer calls a finalizer.
func modelbookFinalizer(fn, frame unsafe.Pointer, size uint32, regs *abi.RegArgs) {
	if modelbookPanic != nil {
		defer func() {
			if v := recover(); v != nil && !modelbookPanic(v, nil) {
				panic(v)
			}
		}()
	}
	reflectcall(nil, fn, frame, size, size, size, regs)
}
`

// hookFinalizers adds the hook to runtime/mfinal.go.
func hookFinalizers(source string) (hooked string, ok bool) {
	hooked, ok = replaced(source, "reflectcall(nil, unsafe.Pointer(f.fn), frame, uint32(framesz), uint32(framesz), uint32(framesz), &regs)\n",
		"modelbookFinalizer(unsafe.Pointer(f.fn), frame, uint32(framesz), &regs)\n")
	return hooked + finalizerHook, ok
}

const cleanupHook = `

// modelbookCleanup calls a cleanup.
func modelbookCleanup(c cleanupFn) {
	if modelbookPanic != nil {
		defer func() {
			if v := recover(); v != nil && !modelbookPanic(v, nil) {
				panic(v)
			}
		}()
	}
	c.call(c.fn, c.arg)
}
`

// hookCleanups adds the hook to runtime/mcleanup.go.
func hookCleanups(source string) (hooked string, ok bool) {
	hooked, ok = replaced(source, "\n\t\t\tc.call(c.fn, c.arg)\n", "\n\t\t\tmodelbookCleanup(c)\n")
	return hooked + cleanupHook, ok
}
