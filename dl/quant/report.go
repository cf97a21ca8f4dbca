package quant

import (
	"fmt"
	"strings"
)

// A Report sets quantized weights beside float32 ones: what they measure and what they take. It prints as a table.
type Report struct {
	Measure string // what is measured, as "perplexity"
	Rows    []Row  // float32 first
}

// A Row is about one kind of weights.
type Row struct {
	Weights string // "float32", "Q8_0", "Q4_0" or "int8"
	Bytes   int64  // of all parameters
	Value   float64
}

// String returns the table: for each row its measure, by how much that is another one than float32's, and its size.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-8s %12s %9s %14s %6s\n", "weights", r.Measure, "change", "bytes", "ratio")
	for i, row := range r.Rows {
		change, ratio := "", ""
		if first := r.Rows[0]; i > 0 {
			change = fmt.Sprintf("%+.4f", row.Value-first.Value)
			ratio = fmt.Sprintf("%.2f", float64(row.Bytes)/float64(max(first.Bytes, 1)))
		}
		line := fmt.Sprintf("%-8s %12.4f %9s %14d %6s", row.Weights, row.Value, change, row.Bytes, ratio)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
