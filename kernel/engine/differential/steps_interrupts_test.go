package differential

import (
	"regexp"
	"strings"
)

// A cell that comes to forever() does not end by itself. There it is interrupted
// once it has printed the mark; the program panics there.
const (
	forever        = "forever()"
	foreverMark    = "\x05"
	foreverCell    = "{ fmt.Print(\"\\x05\"); for {} }"
	foreverProgram = "panic(interrupt())"
)

// startsGoroutine finds goroutines in a cell: with it, they would be interrupted.
var startsGoroutine = regexp.MustCompile(`\bgo (func|\w)`)

// isInterrupted reports whether the cell of a step is: it comes to forever() itself, or calls what does and says so.
func isInterrupted(text string) bool {
	return strings.Contains(text, forever) || strings.Contains(text, `"spins"`)
}

// Stream takes text of the cell, and interrupts it when it says that it is to be.
func (r *record) Stream(name, text string) {
	if name != "stdout" {
		r.notes.WriteString(text)
		return
	}
	if rest := strings.ReplaceAll(text, foreverMark, ""); rest != text {
		text = rest
		r.interrupt()
	}
	r.add(r.pass(text))
}

// interruptSteps are steps whose cell is interrupted, and what is found then.
var interruptSteps = []step{
	// Closures and locks.
	{makes: "interrupted", vars: "$mu sync.Mutex | $log []string | $sum func(int) int", panics: true, text: `func $locked(f func()) {
	$mu.Lock()
	defer func() {
		for range # {
			$log = append($log, "unlock")
		}
		$mu.Unlock()
	}()
	f()
}
var $mu sync.Mutex
$log ≔ []string{}
$sum ≔ func(n int) int {
	s := #
	for i := range n {
		s += i
	}
	return s
}
fmt.Println($sum(#))
$locked(func() { forever() })
`},
	{use: []string{"interrupted"}, text: `fmt.Println($mu.TryLock(), len($log), $sum(#))
$mu.Unlock()
`},
	{use: []string{"interrupted"}, panics: true, text: `defer func() {
	for i := range 3 {
		fmt.Print("deferred", i, $sum(i), " ")
	}
}()
$locked(func() {
	defer fmt.Print("inner ")
	forever()
})
`},
	// Functions that were stored by earlier cells, and that are called again.
	{makes: "spinning", vars: "$spin func(int) int | $calls int", text: `func $wait(n int) int {
	defer func() { $calls += n }()
	if n > # {
		forever()
	}
	return n
}
$calls ≔ 0
$spin ≔ func(n int) int { return $wait(n) + 1 }
fmt.Println($spin(0), $calls)
`, again: []string{"func $wait(n int) int { $calls += # * n; return -n }"}},
	{use: []string{"spinning"}, text: `fmt.Println($spin(0), $spin(1), $calls)
`},
	{use: []string{"spinning"}, panics: true, text: `fmt.Println("spins")
$calls = 0
$spin(10)
panic("redefined")
`},
	// What other steps have left behind: closures and goroutines.
	{use: []string{"counter"}, panics: true, text: `fmt.Println($count(#))
forever()
`},
	{use: []string{"server"}, panics: true, text: `$ask <- #
fmt.Println(<-$reply)
func() { forever() }()
`},
	{use: []string{"inbox"}, panics: true, text: `$in <- #
forever()
`},
	{use: []string{"safe"}, panics: true, text: `defer func() { fmt.Print($safe(#), " ") }()
for {
	func() {
		defer func() { fmt.Print(recover() != nil, " ") }()
		forever()
	}()
	panic("the cell was interrupted")
}
`},
}
