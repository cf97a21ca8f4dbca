package dl

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// machineMemory is the memory of this machine in bytes, as Linux tells it; elsewhere more than any has. A tensor that
// cannot be in it is refused, because Go ends the program when the system has no more.
var machineMemory = sync.OnceValue(func() int {
	const unknown = 1 << 46
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return unknown
	}
	total := 0
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(line, ":")
		if f := strings.Fields(rest); len(f) == 2 && (name == "MemTotal" || name == "SwapTotal") {
			if kb, err := strconv.Atoi(f[0]); err == nil {
				total += kb << 10
			}
		}
	}
	if total == 0 {
		return unknown
	}
	return total
})

// fits returns the number of elements of a shape, and panics when the machine has no memory for them.
func (s Shape) fits(op string, d DType) int {
	n := s.check(op)
	if bytes := n * dtypes[d].size; bytes > 1<<28 && bytes > machineMemory() {
		panic(&ShapeError{Op: op, Shapes: []Shape{s.Clone()}, Caller: caller(),
			Detail: fmt.Sprintf("there is no memory for so many elements: %s takes %.3g GB, this machine has %.3g GB", d, float64(bytes)/(1<<30), float64(machineMemory())/(1<<30))})
	}
	return n
}
