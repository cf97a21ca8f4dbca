package compile

import (
	"cmp"
	"io"
	"os"
	"syscall"
)

// mapped calls f with the content of a file, mapped into memory; what f changes
// is changed in the file. So an archive with a large array need not be read as a
// whole.
func mapped(file string, f func(data []byte) error) (err error) {
	opened, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 { // an empty file cannot be mapped
		return f(nil)
	}
	data, err := syscall.Mmap(int(opened.Fd()), 0, int(info.Size()), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil { // not every file system can
		if data, err = io.ReadAll(opened); err == nil {
			err = f(data)
		}
		if err == nil {
			_, err = opened.WriteAt(data, 0)
		}
		return err
	}
	defer func() { err = cmp.Or(err, syscall.Munmap(data)) }()
	return f(data)
}
