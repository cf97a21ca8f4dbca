package hugepages

import "syscall"

// advise asks for huge pages from an address on. Where there are none, nothing happens.
func advise(at, bytes uintptr) {
	syscall.Syscall(syscall.SYS_MADVISE, at, bytes, syscall.MADV_HUGEPAGE)
}
