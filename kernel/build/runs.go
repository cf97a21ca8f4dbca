package build

// An interrupt is for the running of one cell, not for code: a function that
// the cell made may be called by later cells and by goroutines of others. So a
// goroutine knows the run of a cell that it belongs to: the one in which it was
// started, unless that had been stopped before.
var runHooks = hook{map[string]func(string) (string, bool){"runtime/runtime2.go": hookG, "runtime/proc.go": hookGoroutines, "runtime/coro.go": hookCoroutines},
	"an interrupt ends goroutines of other cells, too, skips deferred functions, and os.Exit in a cell is a panic"}

const runHook = `

// modelbookInherit is the run that a new goroutine belongs to. The word that a
// run points to is not 0 when it was stopped.
func modelbookInherit(parent, child *g) unsafe.Pointer {
	run := parent.modelbookRun
	if run == nil || isSystemGoroutine(child, false) || atomic.Load((*uint32)(run)) != 0 {
		return nil
	}
	return run
}

// modelbookRun is the run that this goroutine belongs to, and modelbookEnter
// sets it.
//
//go:linkname modelbookRun
var modelbookRun = func() unsafe.Pointer { return getg().modelbookRun }

//go:linkname modelbookEnter
var modelbookEnter = func(run unsafe.Pointer) { getg().modelbookRun = run }

// modelbookEach tells of all goroutines that belong to runs. Those for which f
// returns false belong to none from now on.
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
// because of a panic with such a value.
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

// modelbookEnd ends this goroutine, and runs no deferred functions. It returns
// when that would not be safe: see modelbookUnrecovered.
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

// hookG adds the run, and whether it reads to show values (see stillHook), to what runtime2.go says a goroutine is.
func hookG(source string) (hooked string, ok bool) {
	const field = "\tfipsOnlyBypass  bool\n"
	return replaced(source, field, field+"\tmodelbookRun    unsafe.Pointer\n\tmodelbookReads  bool\n")
}

// hookGoroutines adds to runtime/proc.go where goroutines begin and end. What a
// cell starts also panics where it writes to what is no memory of its, as the
// cell does (debug.SetPanicOnFault).
func hookGoroutines(source string) (hooked string, ok bool) {
	const begin, end = "\tnewg.fipsOnlyBypass = callergp.fipsOnlyBypass\n", "\tgp.fipsOnlyBypass = false\n"
	hooked, ok = replaced(source, begin, begin+"\tnewg.modelbookRun = modelbookInherit(callergp, newg)\n\tnewg.paniconfault = callergp.paniconfault && !isSystemGoroutine(newg, false)\n", end, end+"\tgp.modelbookRun, gp.modelbookReads = nil, false\n")
	return hooked + runHook, ok
}

// A coroutine (iter.Pull) works for the goroutine that resumes it. Runs live as
// long as the process does: there is no need for a write barrier here, and no
// place.
const coroutineHook = `
	if gp != nil && gp.modelbookRun != nil { // it does not end here
		*(*uintptr)(unsafe.Pointer(&gnext.modelbookRun)) = uintptr(gp.modelbookRun)
	}
`

// hookCoroutines adds to runtime/coro.go where one goroutine resumes another.
func hookCoroutines(source string) (hooked string, ok bool) {
	const found = "\n\t// Emit the trace event after getting gnext but before changing curg.\n"
	return replaced(source, found, coroutineHook+found)
}
