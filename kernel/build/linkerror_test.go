package build

import (
	"strings"
	"testing"
)

func TestLinkErrorsAreToldInWords(t *testing.T) {
	for _, out := range []string{
		"/usr/local/go/pkg/tool/linux_amd64/link: running gcc failed: exit status 1\n/usr/bin/ld: /tmp/go.o: relocation R_X86_64_PC32 against undefined symbol `time.register' can not be used when making a shared object",
		"/usr/bin/ld: /tmp/go.o: in function `sess.f':\ncell[1]:1:(.text+0x1): undefined reference to `time.register'",
		"ld.lld: error: undefined symbol: time.register\n>>> referenced by go.o",
		"sess.f: relocation target time.register not defined",
	} {
		err := linkError(out)
		if err == nil || !strings.Contains(err.Error(), "reaches for time.register (go:linkname)") || strings.Contains(err.Error(), "/") {
			t.Errorf("%v of %s", err, out)
		}
	}
	if err := linkError("ld: out of memory"); err != nil {
		t.Errorf("error %v", err)
	}
}
