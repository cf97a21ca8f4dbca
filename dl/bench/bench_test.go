package main

import (
	"fmt"
	"testing"
)

// BenchmarkTrain measures training steps of every workload, with GOMAXPROCS threads.
func BenchmarkTrain(b *testing.B) {
	for i := range workloads {
		w := &workloads[i]
		b.Run(w.name, func(b *testing.B) { steps(b, w, "train", w.batch) })
	}
}

// BenchmarkInfer measures the flagship's forward pass.
func BenchmarkInfer(b *testing.B) {
	for _, batch := range []int{1, 64} {
		b.Run(fmt.Sprintf("flagship/batch=%d", batch), func(b *testing.B) { steps(b, &workloads[0], "infer", batch) })
	}
}

// BenchmarkBatch shows how the time of an image depends on the size of the batch.
func BenchmarkBatch(b *testing.B) {
	for _, batch := range []int{16, 64, 256, 512} {
		b.Run(fmt.Sprintf("flagship/batch=%d", batch), func(b *testing.B) { steps(b, &workloads[0], "train", batch) })
	}
}

func steps(b *testing.B, w *workload, mode string, batch int) {
	r, err := newRunner(w, mode, batch)
	if err != nil {
		b.Fatal(err)
	}
	for range 3 {
		r.Step()
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Step()
	}
	b.ReportMetric(float64(batch*w.items*max(w.fit, 1))*float64(b.N)/b.Elapsed().Seconds(), w.unit+"/s")
}

// Every workload learns its few batches by heart: the steps that are measured are steps of a training.
func TestWorkloadsLearn(t *testing.T) {
	for i := range workloads {
		w := &workloads[i]
		if w.layers == nil {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			batch, most, least := 4, 200, 0.8
			if w.frozen { // one layer alone learns little of noise
				most, least = 400, 0.97
			}
			if w.items > 1 { // a sample of many items takes its time without SIMD, and tells much
				batch, most = 1, 20
			}
			r, err := newRunner(w, "train", batch)
			if err != nil {
				t.Fatal(err)
			}
			r.Step()
			first := r.last
			for range most {
				if r.Step(); r.last <= least*first {
					return
				}
			}
			t.Errorf("loss %v after %d steps, %v after the first", r.last, most+1, first)
		})
	}
}
