package hook

// An interrupt stops one run of a cell, not its code: later cells, and
// goroutines of other cells, may call functions that the cell declared. So each
// goroutine records the run that it belongs to: the one in which it was started,
// unless that had been stopped already.
var runHooks = Hook{map[string]edit{"runtime/runtime2.go": hookG, "runtime/proc.go": hookGoroutines, "runtime/coro.go": hookCoroutines},
	"an interrupt also ends goroutines of other cells and skips deferred functions, and os.Exit in a cell is a panic"}

const runHook = `

// modelbookInherit returns the run that a new goroutine belongs to. A run points
// to a word that is not 0 once the run was stopped.
func modelbookInherit(parent, child *g) unsafe.Pointer {
	run := parent.modelbookRun
	if run == nil || isSystemGoroutine(child, false) || atomic.Load((*uint32)(run)) != 0 {
		return nil
	}
	return run
}

// modelbookRun returns the run that this goroutine belongs to; modelbookEnter
// sets it.
//
//go:linkname modelbookRun
var modelbookRun = func() unsafe.Pointer { return getg().modelbookRun }

//go:linkname modelbookEnter
var modelbookEnter = func(run unsafe.Pointer) { getg().modelbookRun = run }

// modelbookEach calls f with each goroutine that belongs to a run. Those for
// which f returns false belong to none from then on.
//
//go:linkname modelbookEach
var modelbookEach = func(f func(goroutine uint64, run unsafe.Pointer) bool) {
	forEachGRace(func(gp *g) {
		if run := atomic.Loadp(unsafe.Pointer(&gp.modelbookRun)); run != nil && !f(gp.goid, run) {
			atomic_casPointer(&gp.modelbookRun, run, nil)
		}
	})
}

// modelbookPanicking reports whether this goroutine runs deferred functions
// because of a panic whose value satisfies such.
//
//go:linkname modelbookPanicking
var modelbookPanicking = func(such func(value any) bool) bool {
	for p := getg()._panic; p != nil; p = p.link {
		if !p.goexit && such(p.arg) {
			return true
		}
	}
	return false
}

// modelbookEnd ends this goroutine without running deferred functions. Where
// that would not be safe it returns: see modelbookUnrecovered.
//
//go:linkname modelbookEnd
var modelbookEnd = func() {
	mp := getg().m
	if mp.isextra || mp.ncgo > 0 || mp.incgo || mp.lockedInt != 0 || mp.locks != 0 || mp.mallocing != 0 {
		return
	}
	for p := getg()._panic; p != nil; p = p.link {
		if !p.goexit {
			runningPanicDefers.Add(-1)
		}
	}
	goexit1()
}
`

// hookG adds two fields to the goroutine of runtime2.go: the run, and whether it
// reads variables to show them (see stillHook).
func hookG(source string) (hooked string, ok bool) {
	const field = "\tfipsOnlyBypass  bool\n"
	return replaced(source, field, field+"\tmodelbookRun    unsafe.Pointer\n\tmodelbookReads  bool\n")
}

// hookGoroutines adds to runtime/proc.go, where goroutines begin and end. Those
// that a cell starts inherit that a bad address is a panic (debug.SetPanicOnFault).
func hookGoroutines(source string) (hooked string, ok bool) {
	const begin, end = "\tnewg.fipsOnlyBypass = callergp.fipsOnlyBypass\n", "\tgp.fipsOnlyBypass = false\n"
	hooked, ok = replaced(source, begin, begin+"\tnewg.modelbookRun = modelbookInherit(callergp, newg)\n\tnewg.paniconfault = callergp.paniconfault && !isSystemGoroutine(newg, false)\n", end, end+"\tgp.modelbookRun, gp.modelbookReads = nil, false\n")
	return hooked + runHook, ok
}

// A coroutine (iter.Pull) belongs to the run of the goroutine that resumes it.
// The store needs no write barrier, which is not allowed here: runs live as long
// as the process.
const coroutineHook = `
	if gp != nil && gp.modelbookRun != nil { // it does not end here
		*(*uintptr)(unsafe.Pointer(&gnext.modelbookRun)) = uintptr(gp.modelbookRun)
	}
`

// hookCoroutines adds to runtime/coro.go, where one goroutine resumes another.
func hookCoroutines(source string) (hooked string, ok bool) {
	const found = "\n\t// Emit the trace event after getting gnext but before changing curg.\n"
	return replaced(source, found, coroutineHook+found)
}
