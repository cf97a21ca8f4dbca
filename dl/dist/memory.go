package dist

import (
	"os"
	"syscall"
	"unsafe"
)

// shared is a folder of files that are memory.
const shared = "/dev/shm"

// common is memory that all ranks have, where they are on one host. It is kept for the next training.
type common struct {
	none bool                // there is no such memory, or too little
	free map[int][][]float32 // by length
}

// take returns memory for n values, more than none, that all ranks have in common, nil where they have none. All ask for the
// same at the same time.
func (c *Comm) take(n int) []float32 {
	if list := c.memory.free[n]; len(list) > 0 {
		last := len(list) - 1
		c.memory.free[n] = list[:last]
		return list[last]
	}
	if c.memory.none {
		return nil
	}
	var memory []byte
	var path string
	if c.rank == 0 {
		memory, path = newMemory(4 * n)
		defer os.Remove(path)
	}
	path = string(c.gatherBytes([]byte(path))[0])
	if c.rank > 0 && path != "" {
		if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil {
			memory = mapped(f, 4*n)
		}
	}
	own := []float64{0}
	if memory != nil {
		own[0] = 1
	}
	for _, other := range c.Gather(own) {
		c.memory.none = c.memory.none || other[0] == 0 // a rank on another host, or one that may not
	}
	if c.memory.none {
		if memory != nil {
			syscall.Munmap(memory)
		}
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&memory[0])), n)
}

// newMemory makes a file of so many bytes, which it writes: that fails where there is no room for them.
func newMemory(n int) (memory []byte, path string) {
	f, err := os.CreateTemp(shared, "modelbook-*")
	if err != nil {
		return nil, ""
	}
	zeros := make([]byte, 1<<20)
	for left := n; left > 0 && err == nil; left -= len(zeros) {
		_, err = f.Write(zeros[:min(left, len(zeros))])
	}
	if err != nil {
		f.Close()
		os.Remove(f.Name())
		return nil, ""
	}
	return mapped(f, n), f.Name()
}

// mapped maps a file into memory and closes it. It returns nil where that cannot be done.
func mapped(f *os.File, n int) []byte {
	defer f.Close()
	memory, err := syscall.Mmap(int(f.Fd()), 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil
	}
	return memory
}

// giveBack takes what take returned.
func (c *Comm) giveBack(memory []float32) {
	if c.memory.free == nil {
		c.memory.free = map[int][][]float32{}
	}
	c.memory.free[len(memory)] = append(c.memory.free[len(memory)], memory)
}
