package text_test

import (
	"context"
	"slices"
	"strings"
	"syscall"
	"testing"

	"modelbook/dl/data/shakespeare"
	"modelbook/dl/text"
)

// benchmarked is the tokenizer of -tokenizer, or a small one.
func benchmarked(b *testing.B) *text.Tokenizer {
	if *tokenizerDir == "" {
		return small()
	}
	tok, err := text.Load(*tokenizerDir)
	if err != nil {
		b.Fatal(err)
	}
	return tok
}

// processorSeconds is the time for which the program had a processor: other than that on the wall, it does not depend on
// what else the machine does.
func processorSeconds(b *testing.B) float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return float64(r.Utime.Sec+r.Stime.Sec) + float64(r.Utime.Usec+r.Stime.Usec)/1e6
}

// bench runs do on the lines of Shakespeare and reports megabytes for a second of a processor.
func bench(b *testing.B, do func(tok *text.Tokenizer, lines []string)) {
	tok := benchmarked(b)
	lines := slices.Collect(strings.Lines(shakespeare.Text()))
	do(tok, lines) // the words are remembered from here on
	start := processorSeconds(b)
	for b.Loop() {
		do(tok, lines)
	}
	b.ReportMetric(float64(len(shakespeare.Text()))*float64(b.N)/1e6/(processorSeconds(b)-start), "MB/cpu-s")
}

// The peer is testdata/bench.mjs, which runs Hugging Face's tokenizers in one thread.
func BenchmarkEncode(b *testing.B) {
	bench(b, func(tok *text.Tokenizer, lines []string) { tok.EncodeBatch(lines) })
}

func BenchmarkEncodeIDs(b *testing.B) {
	bench(b, func(tok *text.Tokenizer, lines []string) {
		for _, l := range lines {
			tok.EncodeIDs(l)
		}
	})
}

func BenchmarkEncodeIDsWhole(b *testing.B) {
	bench(b, func(tok *text.Tokenizer, _ []string) { tok.EncodeIDs(shakespeare.Text()) })
}

func BenchmarkDecode(b *testing.B) {
	tok := benchmarked(b)
	ids := tok.EncodeIDs(shakespeare.Text())
	b.SetBytes(int64(len(shakespeare.Text())))
	for b.Loop() {
		tok.Decode(ids)
	}
}

// BenchmarkTrainBPE trains on ten times Shakespeare, each time with other words, 11 MB in all.
func BenchmarkTrainBPE(b *testing.B) {
	lines := slices.Collect(strings.Lines(shakespeare.Text()))
	var all []string
	for i := range 10 {
		to := strings.NewReplacer("e", string(rune('a'+i)), "st", string(rune('p'+i)))
		for _, l := range lines {
			all = append(all, to.Replace(l))
		}
	}
	b.SetBytes(int64(10 * len(shakespeare.Text())))
	start := processorSeconds(b)
	for b.Loop() {
		if _, err := text.TrainBPE(context.Background(), text.Texts(all...), text.BPETraining{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((processorSeconds(b)-start)/float64(b.N), "cpu-s")
}
