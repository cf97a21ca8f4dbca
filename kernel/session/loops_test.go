package session

import (
	"strings"
	"testing"

	"modelbook/kernel/source/gen"
)

// TestLoopsUseCopies says of loops what becomes of them: the text of the loop
// as it is compiled, without stop checks.
func TestLoopsUseCopies(t *testing.T) {
	const setup = "s, n, f, name := 0, 10, 1.5, \"\"\nxs, ys := []float64{1}, []float64{2}\ngrid := [][]float64{{1}}\nm := map[string]int{}\nok := false\nvar w Word\nbuf, part := Buf{}, [4]int{}\np := &n\nch := make(chan int)\nvar any1 any\nvar d int\nq, r := 0, 1.0\nacc, emb, held, large := Acc{}, Emb{}, Acc{}, Large{}\nph := &held.n\nshow := func() { }"
	const decls = "type Word int\ntype Acc struct { n int; f float64 }\nfunc (a Acc) mean() float64 { return a.f / float64(a.n) }\ntype Emb struct { Acc; s string }\ntype Large struct { a, b, c, d, e int }\ntype Buf []byte\nfunc (b *Buf) put(x byte) { *b = append(*b, x) }\nfunc seq(yield func(int) bool) { yield(1) }\nfunc get() int { return s }"
	for _, c := range []struct{ name, loop, want string }{
		{"sum", "for i := 0; i < 9; i++ { s += i }",
			"{s__c1 := s__v1;for i := 0; i < 9; i++ { s__c1 += i;s__v1 = s__c1 }}"},
		{"while", "for s < 9 { s++ }", "{s__c1 := s__v1;for s__c1 < 9 { s__c1++;s__v1 = s__c1 }}"},
		{"elements", "for i := range xs { f += xs[i] * ys[i] }",
			"{f__c1 := f__v1;xs__c1 := xs__v1;ys__c1 := ys__v1;for i := range xs__c1 { f__c1 += xs__c1[i] * ys__c1[i];f__v1 = f__c1 }}"},
		{"written elements", "for i := range grid { for j := range grid[i] { grid[i][j] = f } }",
			"{f__c1 := f__v1;grid__c1 := grid__v1;for i := range grid__c1 { for j := range grid__c1[i] { grid__c1[i][j] = f__c1 } }}"},
		{"map", "for i := range 3 { m[name] += i }", "{m__c1 := m__v1;name__c1 := name__v1;for i := range 3 { m__c1[name__c1] += i }}"},
		{"several", "for i := range 3 { s, f = i, xs[i] }",
			"for i := range 3 { s__c1, f__c1 = i, xs__c1[i];f__v1 = f__c1;s__v1 = s__c1 }}"},
		{"named type", "for i := range 3 { w++; d += 5 / i }",
			"{d__c1 := d__v1;w__c1 := w__v1;for i := range 3 { w__c1++;w__v1 = w__c1; d__c1 += 5 / i;d__v1 = d__c1 }}"},
		{"label", "loop: for { if s > 3 { break loop }; s++ }",
			"{s__c1 := s__v1;loop: for { if s__c1 > 3 { break loop }; s__c1++;s__v1 = s__c1 }}"},
		{"two labels", "a: b: for { if s > 3 { break b }; s++; if ok { goto a } }",
			"a: {ok__c1 := ok__v1;s__c1 := s__v1;b: for { if s__c1 > 3 { break b }; s__c1++;s__v1 = s__c1; if ok__c1 { goto a } }}"},
		{"fields", "for i := range xs { acc.n++; acc.f += xs[i]; acc.n, f = 3, acc.f }",
			"for i := range xs__c1 { acc__c1.n++;acc__v1.n = acc__c1.n; acc__c1.f += xs__c1[i];acc__v1.f = acc__c1.f; acc__c1.n, f__c1 = 3, acc__c1.f;acc__v1.n = acc__c1.n;f__v1 = f__c1 }}"},
		{"promoted field, whole struct", "for i := range xs { emb.f += xs[i]; acc = emb.Acc }",
			"for i := range xs__c1 { emb__c1.f += xs__c1[i];emb__v1.f = emb__c1.f; acc__c1 = emb__c1.Acc;acc__v1 = acc__c1 }}"},
		{"cases", "for range 3 { switch { case ok: s++; default: s-- } }", "case ok__c1: s__c1++;s__v1 = s__c1; default: s__c1--;s__v1 = s__c1 } }}"},
		{"in a block", "if ok { for range 3 { s++ } }", "if ok__v1 { {s__c1 := s__v1;for range 3 { s__c1++;s__v1 = s__c1 }} }"},
		{"calls that return at once", "for i := range 3 { f += math.Sqrt(xs[i]) }", "for i := range 3 { f__c1 += math.Sqrt(xs__c1[i]);f__v1 = f__c1 }}"},
		{"shadowed", "for s := range xs { f *= xs[s] }", "for s := range xs__c1 { f__c1 *= xs__c1[s];f__v1 = f__c1 }}"},
		{"loop variable of the session", "for s = 0; s < len(xs); s++ { f += xs[s] }",
			"for s__c1 = 0; s__c1 < len(xs__c1); s__c1++ {s__v1 = s__c1; f__c1 += xs__c1[s__c1];f__v1 = f__c1 };s__v1 = s__c1}"},
		{"inner loop variable of the session", "for range 2 { for s = 0; s < 5; s++ { } }",
			"{s__c1 := s__v1;for range 2 { for s__c1 = 0; s__c1 < 5; s__c1++ {s__v1 = s__c1; };s__v1 = s__c1 }}"},
		{"range variables of the session", "for s, f = range xs { m[name] = s }",
			"for s__c1, f__c1 = range xs__c1 {f__v1 = f__c1;s__v1 = s__c1; m__c1[name__c1] = s__c1 }}"},
		{"literal that reads", "for range 3 { s++; show = func() { println(s) } }", "for range 3 { s__c1++;s__v1 = s__c1; show__v1 = func() { println(s__v1) } }}"},
		{"iterator in front", "for range seq { for range 3 { s++ } }", "for range seq { {s__c1 := s__v1;for range 3 { s__c1++;s__v1 = s__c1 }} }"},
		{"goroutine's argument", "for range 3 { go println(s) }", "go println(s__c1)"},

		{"%timeit", gen.TimeitBefore(1, 1, true) + gen.TimeitLoop + "for i := range 3 { q += 5 / i }" + gen.TimeitAfter,
			"for ; __n > 0; __n-- {/*line cell[2]:1:1*/{q__c1 := q__v1;for i := range 3 { q__c1 += 5 / i;q__v1 = q__c1 }}}; __t.Stop() })"},

		// Quiet loops.
		{"quiet", "for i := 0; i < 9; i++ { q += i }",
			"{q__c1 := q__v1;for i := 0; i < 9; i++ {if __cell.Stopped() {q__v1 = q__c1}; q__c1 += i };q__v1 = q__c1}"},
		{"quiet, two loops", "for q = 0; q < 9; q++ { for r < 5 { r = math.Sqrt(r + 5/r) } }",
			"{q__c1 := q__v1;r__c1 := r__v1;for q__c1 = 0; q__c1 < 9; q__c1++ {if __cell.Stopped() {q__v1 = q__c1;r__v1 = r__c1}; for r__c1 < 5 {if __cell.Stopped() {q__v1 = q__c1;r__v1 = r__c1}; r__c1 = math.Sqrt(r__c1 + 5/r__c1) } };q__v1 = q__c1;r__v1 = r__c1}"},
		{"quiet, read by a function", "for range 3 { q++; s++ }",
			"for range 3 {if __cell.Stopped() {q__v1 = q__c1}; q__c1++; s__c1++;s__v1 = s__c1 };q__v1 = q__c1}"},
		{"quiet, with jumps", "a: for _, x := range xs { switch { case x > 3: continue a; default: break a }; if q = 3; q%2 == 0 { q <<= 1 } else { q /= 3 } }",
			"if q__c1 = 3; q__c1%2 == 0 { q__c1 <<= 1 } else { q__c1 /= 3 } };q__v1 = q__c1}"},
		{"quiet, nothing assigned", "for q > 3 { }", "{q__c1 := q__v1;for q__c1 > 3 { }}"},
		{"quiet, fields", "for acc.n < 3 { acc.n++; acc.n++; acc.f = acc.f / 2 }",
			"for acc__c1.n < 3 {if __cell.Stopped() {acc__v1.f = acc__c1.f;acc__v1.n = acc__c1.n}; acc__c1.n++; acc__c1.n++; acc__c1.f = acc__c1.f / 2 };acc__v1.f = acc__c1.f;acc__v1.n = acc__c1.n}"},
		{"division", "for i := range 3 { q = 5 / i }", "for i := range 3 { q__c1 = 5 / i;q__v1 = q__c1 }}"},
		{"shift", "for i := range 3 { q <<= i }", "q__c1 <<= i;q__v1 = q__c1 }}"},
		{"return", "for range 3 { q++; if ok { return } }", "q__c1++;q__v1 = q__c1; if ok__c1 { return } }}"},
		{"jump out", "out: switch { case ok: for range 3 { q++; break out } }", "q__c1++;q__v1 = q__c1; break out }} }"},
		{"comparison that panics", "for any1 == any(q) { q++ }", "for any1__v1 == any(q__c1) { q__c1++;q__v1 = q__c1 }}"},
		{"map written", "for range 3 { q++; m[name] = q }", "q__c1++;q__v1 = q__c1; m__c1[name__c1] = q__c1 }}"},

		// Loops in which cells of other shells have their turn.
		{"sleep", "for ok { time.Sleep(1) }", "for ok__v1 { time.Sleep(1) }"},
		{"call of a cell's function", "for range 3 { s += get() }", "for range 3 { s__v1 += get() }"},
		{"call of a method", "for range 3 { f = acc.mean() }", "for range 3 { f__v1 = acc__v1.mean() }"},
		{"call of a literal", "for range 3 { s++; func() { println(s) }() }", "for range 3 { s__v1++; func() { println(s__v1) }() }"},
		{"select", "for range 3 { select { case s = <-ch: default: } }", "for range 3 { select { case s__v1 = <-ch__v1: default: } }"},
		{"send", "for range 3 { ch <- q }", "for range 3 { ch__v1 <- q__v1 }"},
		{"receive", "for range 3 { q += <-ch }", "for range 3 { q__v1 += <-ch__v1 }"},
		{"range over a channel", "for range ch { q++ }", "for range ch__v1 { q__v1++ }"},
		{"only around the inner loop", "for ok { get(); for range 3 { q++ } }",
			"for ok__v1 { get(); {q__c1 := q__v1;for range 3 {if __cell.Stopped() {q__v1 = q__c1}; q__c1++ };q__v1 = q__c1} }"},

		// What is left alone.
		{"nothing of the session", "for i := range 3 { _ = i }", "for i := range 3 { _ = i }"},
		{"address taken", "for i := range 3 { n += i }", "for i := range 3 { n__v1 += i }"},
		{"large struct, array, interface", "for i := range 3 { large.a++; part[i]++; any1 = i }", "for i := range 3 { large__v1.a++; part__v1[i]++; any1__v1 = i }"},
		{"field's address taken", "for range 3 { held.f++ }", "for range 3 { held__v1.f++ }"},
		{"embedded field", "for range 3 { emb.Acc = Acc{}; emb.f++ }", "for range 3 { emb__v1.Acc = Acc{}; emb__v1.f++ }"},
		{"append", "for i := range 3 { xs = append(xs, f, ys[i]) }", "{f__c1 := f__v1;ys__c1 := ys__v1;for i := range 3 { xs__v1 = append(xs__v1, f__c1, ys__c1[i]) }}"},
		{"method by address", "for range 3 { buf.put(1); _ = buf[0] }", "for range 3 { buf__v1.put(1); _ = buf__v1[0] }"},
		{"literal that writes", "for range 3 { s++; func() { s++ }() }", "for range 3 { s__v1++; func() { s__v1++ }() }"},
		{"assigned and then a panic", "for range 3 { s, xs[s] = 1, 2 }", "{xs__c1 := xs__v1;for range 3 { s__v1, xs__c1[s__v1] = 1, 2 }}"},
		{"assigned in an if", "for range 3 { if s = d; ok { } }", "for range 3 { if s__v1 = d__c1; ok__c1 { } }}"},
		{"condition that panics", "for s = 0; xs[s] > 0; s++ { }", "{xs__c1 := xs__v1;for s__v1 = 0; xs__c1[s__v1] > 0; s__v1++ { }}"},
		{"condition that calls", "for s = 0; get() < 5; s++ { }", "for s__v1 = 0; get() < 5; s__v1++ { }"},
		{"body of an iterator", "for i := range seq { s += i }", "for i := range seq { s__v1 += i }"},
		{"iterator inside", "for range 3 { for i := range seq { s += i } }", "for range 3 { for i := range seq { s__v1 += i } }"},
		{"goto", "a: for range 3 { s++ }; if s < 9 { goto a }", "a: for range 3 { s__v1++ };"},
		{"in a literal", "func() { for range 3 { println(s) } }()", "for range 3 { println(s__v1) }"},
	} {
		t.Run(c.name, func(t *testing.T) {
			nb := start(t)
			nb.commit(decls, setup)
			p := nb.commit("", c.loop)
			text := strings.NewReplacer("__cell.Check();", "", "__cell.CheckBody();", "", ";__cell.Interrupt()", "").Replace(p.text())
			if !strings.Contains(text, c.want) || strings.HasPrefix(c.want, "for") && strings.Contains(text, "{"+c.want) {
				t.Errorf("%s\nis not\n%s\nbut\n%s", c.loop, c.want, text)
			}
		})
	}
}

// TestSharedVariables says of what cells do with q whether later loops copy it.
func TestSharedVariables(t *testing.T) {
	for _, c := range []struct{ decls, stmts, loop string }{
		{"", "q = 3; for range 2 { q++ }; fmt.Sprint(q)", "q__c1 += i }"},
		{"", gen.TimeitBefore(1, 1, true) + gen.TimeitLoop + "q++" + gen.TimeitAfter, "q__c1 += i }"},
		{"", "p := &xs[0]; *p = q", "q__c1 += i }"},
		{"func f() int { return q }", "", "q__c1 += i;q__v1 = q__c1 }"},
		{"", "f := func() int { return q }", "q__c1 += i;q__v1 = q__c1 }"},
		{"func f() { q = 1 }", "", "q__v1 += i }"},
		{"func f() { for q = range 3 { } }", "", "q__v1 += i }"},
		{"type T struct{}\nfunc (T) m() { q-- }", "", "q__v1 += i }"},
		{"", "f := func() { q, xs[0] = 1, 2 }", "q__v1 += i }"},
		{"", "go func() { q++ }()", "q__v1 += i }"},
		{"", "p := &(q)", "q__v1 += i }"},
	} {
		nb := start(t)
		nb.commit("", "q, xs := 0, []int{1}")
		nb.commit(c.decls, c.stmts)
		if text := nb.commit("", "for i := range 3 { q += i }").text(); !strings.Contains(text, c.loop) {
			t.Errorf("after %q and %q\n%s\nlacks %s", c.decls, c.stmts, text, c.loop)
		}
	}
	nb := start(t)
	nb.commit("", "q := 0")
	nb.commit("", "p := &q")
	nb.commit("", "q = 1")
	contains(t, nb.commit("", "for i := range 3 { q += i }"), "q__v1 += i }") // the pointer may still be there
	nb.commit("", "q := 1.5")
	contains(t, nb.commit("", "for i := range 3 { q += float64(i) }"), "q__c2 += float64(i) };q__v2 = q__c2}") // this is another memory
}
