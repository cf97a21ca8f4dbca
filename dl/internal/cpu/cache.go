package cpu

// L2 is the size in bytes of the cache that each core has for itself, which
// block sizes follow; 512 KB where it is not known.
func L2() int { return l2 }

var l2 = func() int {
	if n := detectL2(); n > 0 {
		return n
	}
	return 512 << 10
}()
