package toolchain

import (
	"slices"
	"strings"
	"testing"
)

func TestLinkErrorsAreExplained(t *testing.T) {
	for _, out := range []string{
		"/usr/local/go/pkg/tool/linux_amd64/link: running gcc failed: exit status 1\n/usr/bin/ld: /tmp/go.o: relocation R_X86_64_PC32 against undefined symbol `time.register' can not be used when making a shared object",
		"/usr/bin/ld: /tmp/go.o: in function `sess.f':\ncell[1]:1:(.text+0x1): undefined reference to `time.register'",
		"ld.lld: error: undefined symbol: time.register\n>>> referenced by go.o",
		"sess.f: relocation target time.register not defined",
	} {
		err := LinkError(out)
		if err == nil || !strings.Contains(err.Error(), "refers to time.register (go:linkname)") || strings.Contains(err.Error(), "/") {
			t.Errorf("%v of %s", err, out)
		}
	}
	if err := LinkError("ld: out of memory"); err != nil {
		t.Errorf("error %v", err)
	}
}

func TestRemarksOfTheCompiler(t *testing.T) {
	printed := "cell[3]:1:6: can inline f\n/tmp/x/cell[3]:2:1: x escapes to heap\nzz_cell.go:3:1: can inline __run\n"
	if got := Remarks(printed); !slices.Equal(got, []string{"cell[3]:1:6: can inline f", "cell[3]:2:1: x escapes to heap"}) {
		t.Errorf("%q", got)
	}
}
