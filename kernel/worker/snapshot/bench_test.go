package snapshot

import (
	"bytes"
	"strconv"
	"testing"
)

type record struct {
	A int
	B string
	C float64
}

// BenchmarkWrite and BenchmarkRead are of 100,000 map entries, as many
// structures, and 100 MB of numbers.
func benchmarked() map[string]any {
	counts, records := map[string]int{}, make([]record, 100_000)
	for i := range records {
		counts[strconv.Itoa(i)] = i
		records[i] = record{i, "some text", 1}
	}
	return map[string]any{"counts": &counts, "records": &records, "xs": ptr(make([]float64, 12_500_000))}
}

func BenchmarkWrite(b *testing.B) {
	vars := benchmarked()
	for b.Loop() {
		var out bytes.Buffer
		if _, err := Write(&out, vars, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	var out bytes.Buffer
	if _, err := Write(&out, benchmarked(), nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Read(out.Bytes(), map[string]any{"counts": new(map[string]int), "records": new([]record), "xs": new([]float64)}, nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}
