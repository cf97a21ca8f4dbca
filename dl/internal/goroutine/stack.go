package goroutine

import (
	"bytes"
	"runtime"
	"strconv"
)

// number reads the goroutine's number from its stack trace, "goroutine 7
// [running]:". It takes microseconds; processors without id use it.
func number() uintptr {
	var buf [64]byte
	text := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	end := max(bytes.IndexByte(text, ' '), 0)
	n, err := strconv.ParseUint(string(text[:end]), 10, 64)
	if err != nil {
		panic("goroutine: a stack trace without the goroutine's number")
	}
	return uintptr(n)
}
