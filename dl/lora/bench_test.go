package lora

import (
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// BenchmarkStep is a step of fine-tuning GPT-2 124M, batch 4 of 256 tokens, in as many threads as -cpu says: forward, backward
// and AdamW; in full, and by LoRA of rank 8 at all matrices of its layers, each also with gradient checkpointing. It reports
// the least time, and the most memory that the process had (Linux only): weights, gradients, what is kept for the gradients,
// and the optimizer's.
//
//	go test ./dl/lora -run - -bench Step -benchtime 3x -cpu 1,2
//	python3 dl/lora/testdata/step.py full 1; python3 dl/lora/testdata/step.py lora 1
func BenchmarkStep(b *testing.B) {
	dl.SetThreads(runtime.GOMAXPROCS(0))
	defer dl.SetThreads(0)
	for _, c := range []struct {
		name             string
		lora, checkpoint bool
	}{{"full", false, false}, {"full/checkpoint", false, true}, {"lora", true, false}, {"lora/checkpoint", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			forgetPeak()
			step := newStep(b, c.lora, c.checkpoint)
			step()
			least := time.Hour
			for b.Loop() {
				before := time.Now()
				step()
				least = min(least, time.Since(before))
			}
			b.ReportMetric(least.Seconds()*1e3, "least-ms")
			if mb := peak(); mb > 0 {
				b.ReportMetric(mb, "peak-MB")
			}
		})
	}
}

// newStep returns a step of training.
func newStep(b *testing.B, low, checkpoint bool) func() {
	dl.Seed(1)
	m, err := lm.GPT2Config{}.New()
	if err != nil {
		b.Fatal(err)
	}
	m.Checkpoint = checkpoint
	if low {
		if _, err := Add(m, Config{Targets: []string{AllLinear}}); err != nil {
			b.Fatal(err)
		}
	}
	nn.SetTraining(m, true)
	x, y := dl.New(dl.Int32, 4, 256), dl.New(dl.Int32, 4, 256)
	for i := range 4 * 256 {
		x.Int32s()[i], y.Int32s()[i] = int32(i*37%50000), int32((i+1)*37%50000)
	}
	parameters, opt, arena := nn.Trainable(m), &optim.AdamW{LearningRate: 1e-4}, dl.NewArena()
	run := func() {
		lm.Loss(m, x, y, lm.LossOptions{}).Backward()
		opt.Step(parameters)
		for _, p := range parameters {
			p.ZeroGrad()
		}
	}
	return func() { arena.Run(run) }
}

// forgetPeak gives memory back and makes Linux count the peak anew.
func forgetPeak() {
	runtime.GC()
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200)
}

// peak is the most memory that the process had, in MB; 0 where it is not known.
func peak() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if f := bytes.Fields(line); len(f) == 3 && string(f[0]) == "VmHWM:" {
			kb, _ := strconv.ParseFloat(string(f[1]), 64)
			return kb * 1024 / 1e6
		}
	}
	return 0
}
