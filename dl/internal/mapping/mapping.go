// Package mapping maps files of weights into memory.
package mapping

import (
	"fmt"
	"os"
	"syscall"
)

// Private maps a whole file, which may be closed afterwards. What is read comes from the file when it is first used, and
// what is written changes a private copy of the page, never the file; for such copies no memory is set aside. It returns
// nil for an empty file. syscall.Munmap ends the mapping.
func Private(f *os.File) ([]byte, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := st.Size()
	if size != int64(int(size)) {
		return nil, fmt.Errorf("%d bytes do not fit into the addresses of this machine", size)
	}
	if size == 0 {
		return nil, nil
	}
	return syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
}
