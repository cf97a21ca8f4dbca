package complete

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"modelbook/kernel/cell"
)

// BenchmarkTab completes a member of a variable: the first question to a
// completer, which reads packages, and later ones.
func BenchmarkTab(b *testing.B) {
	for _, cells := range []int{4, 300} {
		all := earlier
		for i := len(all); i < cells; i++ {
			all = append(all[:i:i], fmt.Sprintf("func f%d(x int) string { return fmt.Sprint(x, %d) }\nv%d := f%d(1)", i, i, i, i))
		}
		code, at := cursor(b, "history := model.F¦")
		c := opened(b, all...)
		b.Run(fmt.Sprintf("first/cells=%d", cells), func(b *testing.B) {
			for b.Loop() {
				fresh := New(c.cfg)
				fresh.Update(c.held.Load(), c.packages.archives, c.module)
				fresh.Complete(code, at)
			}
		})
		b.Run(fmt.Sprintf("later/cells=%d", cells), func(b *testing.B) {
			c.Complete(code, at)
			for b.Loop() {
				c.Complete(code, at)
			}
		})
	}
}

// BenchmarkGopls asks gopls alone what BenchmarkTab asks: from its start, and
// when it has answered before.
func BenchmarkGopls(b *testing.B) {
	path, err := pinned()
	if err != nil {
		b.Fatal(err)
	}
	code, at := cursor(b, "history := model.F¦")
	start, end := identifier(code, at)
	ask := func(c *Completer, more string) {
		for {
			if matches, _, _ := c.second.complete(c.sketch(cell.Draft{Go: code + more}, start, end), code, start, at, end); len(matches) > 0 {
				return
			}
		}
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			c := opened(b, earlier...)
			withGopls(b, c, path)
			b.StartTimer()
			ask(c, "")
			b.StopTimer()
			c.Close()
			b.StartTimer()
		}
	})
	b.Run("later", func(b *testing.B) {
		c := opened(b, earlier...)
		withGopls(b, c, path)
		ask(c, "")
		for i := 0; b.Loop(); i++ {
			ask(c, fmt.Sprintf("\n\nfunc other%d() {}", i))
		}
		b.ReportMetric(float64(resident(b, c.second.server.Pid()))/(1<<20), "MB-resident")
	})
}

// resident is the memory that a process holds, in bytes.
func resident(b *testing.B, pid int) (n int) {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	fmt.Sscan(rest, &n)
	return n << 10
}
