package hugepages

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// TestAdvised looks for what /proc says of the memory ("hg"), not for huge pages, of which the machine may have none left.
func TestAdvised(t *testing.T) {
	s := Make[byte](2 * chunk)
	s[0], s[len(s)-1] = 1, 1
	flags, err := flagsOf(uintptr(unsafe.Pointer(&s[len(s)/2])))
	if err != nil {
		t.Fatal(err)
	}
	_, err = os.Stat("/sys/kernel/mm/transparent_hugepage")
	if has := err == nil; slices.Contains(flags, "hg") != has {
		t.Errorf("flags of the memory are %v, on a Linux that knows huge pages: %v", flags, has)
	}
}

// flagsOf returns what the operating system notes about the memory at an address.
func flagsOf(at uintptr) ([]string, error) {
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var from, to uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &from, &to); n == 2 {
			in = from <= at && at < to
		}
		if flags, found := strings.CutPrefix(lines.Text(), "VmFlags:"); found && in {
			return strings.Fields(flags), nil
		}
	}
	return nil, fmt.Errorf("/proc/self/smaps says nothing of %x", at)
}
