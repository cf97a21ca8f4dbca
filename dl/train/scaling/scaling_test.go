package scaling_test

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/train/scaling"
)

const (
	us = time.Microsecond
	ms = time.Millisecond
)

// plain is a link of 100 µs and 100 MB/s that sends every message without asking.
var plain = scaling.Link{Latency: 100 * us, Bandwidth: 100e6, Eager: 1 << 40}

func near(a, b time.Duration) bool { return math.Abs(float64(a-b)) <= 1+1e-6*float64(b) }

func TestLink(t *testing.T) {
	if got := plain.Message(1e6); got != 10*ms+100*us {
		t.Errorf("1 MB at 100 MB/s and 100 µs: %v", got)
	}
	asks := plain
	asks.Eager = 0 // 64 KiB
	if got, short := asks.Message(1e6), asks.Message(64<<10); got != 10*ms+300*us || short != 655360*time.Nanosecond+100*us {
		t.Errorf("1 MB that asks first: %v; 64 KiB: %v", got, short)
	}
	// 125 MB/s times 1448/1538
	if got := scaling.Ethernet(1, 0).Bandwidth; math.Abs(got-117.685e6) > 1e3 {
		t.Errorf("gigabit Ethernet: %g bytes a second", got)
	}
}

// The times by hand, with 1 MB: an exchange takes 0.1 ms + 10 ms times the share of it that is sent, and adding all 1 ms.
func TestAllReduce(t *testing.T) {
	half := plain
	half.Exchange = 50e6
	for _, c := range []struct {
		what    string
		cluster scaling.Cluster
		by      scaling.Algorithm
		want    time.Duration
	}{
		{"one rank", scaling.Cluster{Nodes: 1}, scaling.Ring, 0},
		{"doubling, 2", scaling.Cluster{Nodes: 2, Network: plain, Add: 1e9}, scaling.RecursiveDoubling, 11*ms + 100*us},
		{"doubling, 8", scaling.Cluster{Nodes: 8, Network: plain, Add: 1e9}, scaling.RecursiveDoubling, 3 * (11*ms + 100*us)},
		{"doubling, 6: as 4, and to a neighbour and back", scaling.Cluster{Nodes: 6, Network: plain, Add: 1e9}, scaling.RecursiveDoubling, 2*(11*ms+100*us) + 2*(10*ms+100*us) + ms},
		{"ring, 4: 6 steps of a quarter", scaling.Cluster{Nodes: 4, Network: plain, Add: 1e9}, scaling.Ring, 6*(2500*us+100*us) + 750*us},
		{"Rabenseifner, 2: a half there, a half back", scaling.Cluster{Nodes: 2, Network: plain, Add: 1e9}, scaling.Rabenseifner, 2*(5*ms+100*us) + 500*us},
		{"Rabenseifner, 4: a half, a quarter, and back", scaling.Cluster{Nodes: 4, Network: plain, Add: 1e9}, scaling.Rabenseifner, 2*(7500*us+200*us) + 750*us},
		{"Rabenseifner, 3: as 2, halves to a neighbour, one back, and all at the end", scaling.Cluster{Nodes: 3, Network: plain, Add: 1e9}, scaling.Rabenseifner,
			2*(5*ms+100*us) + 500*us + 2*(5*ms+100*us) + 500*us + 10*ms + 100*us},
		{"to and fro after each other", scaling.Cluster{Nodes: 2, Network: half}, scaling.Rabenseifner, 2 * (10*ms + 100*us)},
		// the quarters of 4 ranks on 2 nodes go over the network at once, the halves through a memory ten times as fast
		{"2 nodes of 2", scaling.Cluster{Nodes: 2, PerNode: 2, Network: plain, Memory: scaling.Link{Bandwidth: 1e9}}, scaling.Rabenseifner, 2 * (500*us + 5*ms + 100*us)},
		{"ring of 2 nodes of 2: one rank of each sends over the network", scaling.Cluster{Nodes: 2, PerNode: 2, Network: plain, Memory: scaling.Link{Bandwidth: 1e9}}, scaling.Ring, 6 * (2500*us + 100*us)},
	} {
		if got := c.cluster.AllReduceBy(c.by, 1e6); !near(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
	for _, c := range []struct {
		ranks, bytes int
		want         scaling.Algorithm
	}{{2, 1000, scaling.RecursiveDoubling}, {2, 1 << 20, scaling.Rabenseifner}, {128, 1 << 17, scaling.RecursiveDoubling}, {256, 1 << 17, scaling.Rabenseifner}} {
		if got := scaling.Choice(c.ranks, c.bytes); got != c.want {
			t.Errorf("%d ranks, %d bytes: %v, want %v", c.ranks, c.bytes, got, c.want)
		}
	}
}

func TestFitCost(t *testing.T) {
	line := scaling.FitCost([]int{10, 20, 40}, []time.Duration{30 * ms, 50 * ms, 90 * ms})
	if !near(line.Fixed, 10*ms) || !near(line.Sample, 2*ms) || !near(line.Of(100), 210*ms) {
		t.Errorf("a line of 10 ms + 2 ms a sample: %v", line)
	}
	if c := scaling.FitCost([]int{1, 2}, []time.Duration{ms, 3 * ms}); c.Fixed != 0 || c.Sample <= ms {
		t.Errorf("a negative start: %v", c)
	}
	if c := scaling.FitCost([]int{1, 2}, []time.Duration{3 * ms, 2 * ms}); c.Sample != 0 {
		t.Errorf("a falling line: %v", c)
	}
}

// profile is a model with 1 MB of gradients in one tensor, complete in the middle of Backward.
func profile() *scaling.Profile {
	return &scaling.Profile{Name: "test", Sample: "image", Machine: "a machine",
		Alone:    scaling.Cost{Fixed: 10 * ms, Sample: 3 * ms},
		Forward:  scaling.Cost{Fixed: 10 * ms, Sample: ms},
		Backward: scaling.Cost{Sample: 2 * ms},
		Tensors:  []scaling.Gradient{{Values: 1 << 18, Ready: 0.5}}}
}

// By hand, on two nodes: the sum of 2^20 bytes takes 2 (5.24288 + 0.1) ms = 10.68576 ms, that of 8 bytes of notes 0.10008 ms.
func TestStep(t *testing.T) {
	c := scaling.Cluster{Nodes: 2, Network: plain}
	const large, notes = 10685760 * time.Nanosecond, 100080 * time.Nanosecond
	// 2 samples, 1 on each rank: Backward from 11 to 13 ms, the sum from 12 ms
	s := c.Step(profile(), 2)
	if want := 12*ms + large + notes; !near(s.Total, want) || !near(s.Compute, 13*ms) || !near(s.Sums, large+notes) || !near(s.Shown, want-13*ms) {
		t.Errorf("a small batch: %+v, want %v", s, want)
	}
	if want := (16 * ms).Seconds() / s.Total.Seconds(); math.Abs(s.Speedup-want) > 1e-9 || math.Abs(s.Efficiency-want/2) > 1e-9 || math.Abs(s.Throughput-2/s.Total.Seconds()) > 1e-9 {
		t.Errorf("speedup %g, want %g", s.Speedup, want)
	}
	// 100 on each: Backward from 110 to 310 ms hides the first sum
	if s, want := c.Step(profile(), 200), 310*ms+notes; !near(s.Total, want) || !near(s.Shown, notes) {
		t.Errorf("a large batch: %+v, want %v", s, want)
	}
	if s := (scaling.Cluster{Nodes: 1}).Step(profile(), 10); s.Total != 40*ms || s.Speedup != 1 || s.Sums != 0 {
		t.Errorf("one node: %+v", s)
	}
	// the larger part counts: 3 samples on two ranks take as long as 4
	if three, four := c.Step(profile(), 3).Total, c.Step(profile(), 4).Total; three != four {
		t.Errorf("3 samples take %v and 4 %v", three, four)
	}
	// the larger of two normal values is 1/sqrt(pi) = 0.564 deviations beyond the mean
	uneven := profile()
	uneven.Deviates = 0.1
	if got, want := c.Step(uneven, 200).Compute.Seconds(), 0.310*1.0564; math.Abs(got/want-1) > 0.01 {
		t.Errorf("with ranks that deviate by a tenth: %v, want about %v s", got, want)
	}
}

// By hand, on four nodes that share the optimizer's 4 ms for 2^20 bytes in rows of 64 values: a part takes 2.62144 ms and
// 0.1 ms to send, and agreeing on something 4 and 8 bytes and 0.1 ms each.
func TestStepShared(t *testing.T) {
	c := scaling.Cluster{Nodes: 4, Network: plain, Add: 1e9}
	p := profile()
	p.Update, p.Tensors[0].Shared, p.Tensors[0].Width, p.Tensors[0].Factors = 4*ms, true, 64, 1
	const (
		parts   = 3 * (2621440 + 100000) * time.Nanosecond // of gradients, or of weights
		add     = 786432 * time.Nanosecond
		agree   = 200120 * time.Nanosecond
		notes   = 200176 * time.Nanosecond
		rows    = 4096 // 2^18 / 64
		factors = 3*(16*rows/4*10+100000)*time.Nanosecond + 3*(16*64*10+100000)*time.Nanosecond
	)
	// 20 samples on each rank are 80 rows of factors, more than 64: Backward from 30 to 70 ms, gradients from 50
	if s, want := c.Step(p, 80), 70*ms+notes+ms+parts; !near(s.Total, want) || !near(s.Sums, agree+parts+add+notes+parts) || !near(s.Compute, 71*ms) {
		t.Errorf("gradients: %+v, want %v", s, want)
	}
	// 4 on each are 16 rows: Backward from 14 to 22 ms
	if s, want := c.Step(p, 16), 22*ms+notes+ms+parts; !near(s.Total, want) || !near(s.Sums, agree+factors+notes+parts) {
		t.Errorf("factors: %+v, want %v and sums of %v", s, want, agree+factors+notes+parts)
	}
	one := scaling.Cluster{Nodes: 1, PerNode: 4, Memory: plain, Add: 1e9} // weights are not sent
	if s, want := one.Step(p, 80), 70*ms+notes+ms; !near(s.Total, want) {
		t.Errorf("on one node: %+v, want %v", s, want)
	}
	if a, g := c.AllToAll(1<<20), c.AllGather(1<<20); a != parts || g != parts {
		t.Errorf("parts take %v and %v, want %v", a, g, parts)
	}
	two := scaling.Cluster{Nodes: 2, PerNode: 2, Network: plain, Memory: scaling.Link{Bandwidth: 1e9, Eager: 1 << 40}}
	if a, g := two.AllToAll(1e6), two.AllGather(1e6); !near(a, 250*us+2*(5*ms+100*us)) || !near(g, 3*(2500*us+100*us)) {
		t.Errorf("on 2 nodes of 2 parts take %v and %v", a, g)
	}
}

func TestBuckets(t *testing.T) {
	p := profile()
	p.Tensors = []scaling.Gradient{{Values: 200_000, Ready: 0.1}, {Values: 300_000, Ready: 0.2}, {Values: 50_000, Ready: 0.3}, {Values: 100_000, Ready: 0.4}}
	got := p.Buckets()
	// the large one goes by itself, before the two that are complete together; the last with 5 notes
	want := []scaling.Bucket{{Bytes: 1_200_000, Ready: 0.2, Alone: p.Tensors[1]}, {Bytes: 1_000_000, Ready: 0.3}, {Bytes: 400_020, Ready: 1}}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("%v, want %v", got, want)
	}
}

// A smaller batch than the one found is not enough, and that one is.
func TestBatch(t *testing.T) {
	for _, nodes := range []int{2, 3, 8, 100} {
		c := scaling.Cluster{Nodes: nodes, Network: plain}
		for _, efficiency := range []float64{1 / float64(nodes), 0.5, 0.8} {
			batch, ok := c.Batch(profile(), efficiency)
			if !ok || batch%nodes != 0 {
				t.Errorf("%d nodes, %g: batch %d, %v", nodes, efficiency, batch, ok)
				continue
			}
			if e := c.Step(profile(), batch).Efficiency; e < efficiency-1e-6 {
				t.Errorf("%d nodes, batch %d: an efficiency of %g, want %g", nodes, batch, e, efficiency)
			}
			if batch > nodes && c.Step(profile(), batch-nodes).Efficiency >= efficiency {
				t.Errorf("%d nodes, %g: batch %d is not the smallest", nodes, efficiency, batch)
			}
		}
	}
	slow := profile()
	slow.Backward.Sample = 10 * ms
	if batch, ok := (scaling.Cluster{Nodes: 2, Network: plain}).Batch(slow, 0.9); ok {
		t.Errorf("ranks that need 11 ms for what takes 3 ms alone reach 0.9 with %d", batch)
	}
}

func TestPlan(t *testing.T) {
	slow := scaling.Ethernet(0.001, 100*us)
	slow.Latency = time.Hour
	p := scaling.NewPlan(profile(), scaling.Cluster{}, []int{2, 1024}, []scaling.Network{{"fast", plain}, {"slow", slow}})
	text, html, md := p.String(), p.HTML(), p.Markdown()
	for _, want := range []string{"test: 1 MB of gradients", "fast: pays from", "1024", "50,439,168", "never"} {
		if !strings.Contains(text, want) || !strings.Contains(html, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if lines := strings.Split(md, "\n"); len(lines) != 5 || lines[1] != "|--:|--:|--:|--:|--:|" {
		t.Errorf("Markdown:\n%s", md)
	}
	if bundle := p.MimeBundle(); bundle["text/plain"] != text || bundle["text/html"] != html {
		t.Errorf("the notebook gets %v", bundle)
	}
	if p.Rows[0].Speedup[0] < 1.6-1e-6 || p.Rows[1].Speedup[1] != 0 {
		t.Errorf("speedups %v and %v: 80 %% of 2 nodes is 1.6", p.Rows[0].Speedup, p.Rows[1].Speedup)
	}
}

func TestFaster(t *testing.T) {
	f := profile().Faster(2)
	if f.Alone.Of(100) != 155*ms || f.Backward.Sample != ms || profile().Alone.Of(100) != 310*ms {
		t.Errorf("twice as fast: %v", f.Alone)
	}
}

func TestFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.json")
	if err := profile().Save(path); err != nil {
		t.Fatal(err)
	}
	p, err := scaling.Load(path)
	if err != nil || p.Alone != profile().Alone || len(p.Tensors) != 1 || p.Tensors[0] != profile().Tensors[0] {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := scaling.Load(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("no error of a file that is not there")
	}
	if err := profile().Save(filepath.Join(t.TempDir(), "no", "folder")); err == nil {
		t.Error("no error of a folder that is not there")
	}
}

// Nonsense panics with a dl.ValueError that says what would be right.
func TestNonsense(t *testing.T) {
	two := scaling.Cluster{Nodes: 2, Network: plain}
	bad := func(change func(p *scaling.Profile)) *scaling.Profile {
		p := profile()
		change(p)
		return p
	}
	for what, f := range map[string]func(){
		"no bandwidth":       func() { scaling.Link{}.Message(1) },
		"negative bytes":     func() { plain.Message(-1) },
		"a rate of NaN":      func() { scaling.Ethernet(math.NaN(), 0) },
		"a negative latency": func() { scaling.Ethernet(1, -1) },
		"no nodes":           func() { scaling.Cluster{}.Step(profile(), 1) },
		"no network":         func() { scaling.Cluster{Nodes: 2}.Step(profile(), 1) },
		"no memory":          func() { scaling.Cluster{Nodes: 1, PerNode: 2}.Step(profile(), 1) },
		"infinite sums":      func() { scaling.Cluster{Nodes: 1, Add: math.Inf(1)}.AllReduce(1) },
		"parts of -1 bytes":  func() { two.AllToAll(-1) },
		"a sum of -1 bytes":  func() { two.AllReduce(-1) },
		"no such algorithm":  func() { two.AllReduceBy(7, 1) },
		"no samples":         func() { two.Step(profile(), 0) },
		"no profile":         func() { two.Step(nil, 1) },
		"an empty profile":   func() { two.Step(&scaling.Profile{}, 1) },
		"a negative cost":    func() { two.Step(bad(func(p *scaling.Profile) { p.Forward.Fixed = -1 }), 1) },
		"late gradients":     func() { two.Step(bad(func(p *scaling.Profile) { p.Tensors[0].Ready = 2 }), 1) },
		"deviations of NaN":  func() { two.Step(bad(func(p *scaling.Profile) { p.Deviates = math.NaN() }), 1) },
		"an efficiency of 0": func() { two.Batch(profile(), 0) },
		"one of 2":           func() { two.Batch(profile(), 2) },
		"one time":           func() { scaling.FitCost([]int{1}, []time.Duration{1}) },
		"equal samples":      func() { scaling.FitCost([]int{1, 1}, []time.Duration{1, 1}) },
		"a time of 0":        func() { scaling.FitCost([]int{1, 2}, []time.Duration{0, 1}) },
		"never as fast":      func() { profile().Faster(0) },
		"a plan of nothing":  func() { scaling.NewPlan(profile(), two, nil, nil) },
	} {
		var e *dl.ValueError
		if err := dl.Try(f); !errors.As(err, &e) || !strings.HasPrefix(e.Op, "scaling.") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
