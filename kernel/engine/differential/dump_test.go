package differential

import (
	"os"
	"testing"
)

func TestDump(t *testing.T) {
	g := newSequence(*first)
	os.WriteFile("/tmp/differential/dump.go", []byte(g.file()), 0o644)
	for i, c := range g.cells {
		t.Logf("cell %d\n%s", i+1, c.code())
	}
}
