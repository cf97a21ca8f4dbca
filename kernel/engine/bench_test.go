package engine

import (
	"fmt"
	"testing"

	"modelbook/kernel/build"
)

// Latency of a cell, from text to shown value. Run with -benchtime=20x on a
// quiet machine.

func benchmarkCell(b *testing.B, home string, setup, cell string) {
	nb := &notebook{t: b, Engine: newEngineAt(b, home)}
	if setup != "" {
		nb.run(setup)
	}
	i := 0
	for b.Loop() {
		i++
		nb.run(fmt.Sprintf(cell, i))
	}
}

func BenchmarkTrivialCell(b *testing.B) {
	benchmarkCell(b, prepared(b, "libraries", build.Libraries()), "x := 1", "x += %d\nx")
}

func BenchmarkPrintingCell(b *testing.B) {
	benchmarkCell(b, prepared(b, "libraries", build.Libraries()), "", "fmt.Println(\"cell\", %d)")
}

func BenchmarkDeclarationsOnly(b *testing.B) {
	benchmarkCell(b, prepared(b, "libraries", build.Libraries()), "", "func f%d() int { return 1 }")
}

func BenchmarkMatrixCell(b *testing.B) {
	benchmarkCell(b, prepared(b, "libraries", build.Libraries()), "", "m := mat.NewDense(2, 2, []float64{1, 2, 3, %d})\nmat.Det(m)")
}

func BenchmarkPlotCell(b *testing.B) {
	benchmarkCell(b, prepared(b, "libraries", build.Libraries()), "", "p := plot.New()\np.Title.Text = \"%d\"\np.Title.Text")
}

// BenchmarkStart is the time from New to the end of the first cell.
func BenchmarkStart(b *testing.B) {
	home := prepared(b, "libraries", build.Libraries())
	for b.Loop() {
		e, err := New(Config{Home: home})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		e.Close()
		b.StartTimer()
	}
}
