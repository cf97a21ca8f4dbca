package cpu

// L1 is the size in bytes of the first cache of data that each core has; 32 KB where it is not known.
func L1() int { return l1 }

// L2 is the size in bytes of the cache that each core has for itself, which
// block sizes follow; 512 KB where it is not known.
func L2() int { return l2 }

var l1, l2 = cacheSize(1, 32<<10), cacheSize(2, 512<<10)

func cacheSize(level uint32, unknown int) int {
	if n := detectCache(level); n > 0 {
		return n
	}
	return unknown
}
