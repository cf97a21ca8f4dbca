package complete

import (
	"fmt"
	"testing"
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
		b.Run(fmt.Sprintf("first/cells=%d", cells), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c := opened(b, all...)
				b.StartTimer()
				c.Complete(code, at)
			}
		})
		b.Run(fmt.Sprintf("later/cells=%d", cells), func(b *testing.B) {
			c := opened(b, all...)
			c.Complete(code, at)
			for b.Loop() {
				c.Complete(code, at)
			}
		})
	}
}
