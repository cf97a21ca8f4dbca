// Command compare times GPT-2 124M with random weights beside llama.cpp and PyTorch: a prompt, and one token at a time
// behind it, of the same GGUF files, run alternately.
//
//	npm install --prefix /tmp/peer node-llama-cpp@3 --ignore-scripts
//	go run ./dl/quant/compare -node /tmp/peer -python "python3 dl/quant/compare/peer.py" -threads 1
//
// Ratios are of the peer's time to ours: above 1 we are faster. Without -node or -python that peer is left out.
package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"modelbook/dl"
	"modelbook/dl/gguf"
	"modelbook/dl/lm"
	"modelbook/dl/quant"
)

var (
	one     = flag.String("one", "", "time this file alone")
	dir     = flag.String("dir", filepath.Join(os.TempDir(), "modelbook-compare"), "where the files are, or are written")
	node    = flag.String("node", "", "the folder with node_modules of node-llama-cpp")
	python  = flag.String("python", "", "the command that runs peer.py with a Python that has PyTorch")
	threads = flag.Int("threads", 1, "of everyone")
	prompt  = flag.Int("prompt", 128, "tokens of the prompt")
	tokens  = flag.Int("tokens", 64, "tokens that are generated")
	rounds  = flag.Int("rounds", 5, "how often everyone runs")
	types   = flag.String("types", "F32,Q8_0,Q4_0", "which files")
)

func main() {
	flag.Parse()
	var err error
	if *one != "" {
		err = alone(*one)
	} else {
		err = compare()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A timing is what a runner prints: milliseconds of the prompt, and of a token; and its peak of resident memory in MB, of which the
// pages of a mapped file are a part.
type timing struct{ prompt, token, peak float64 }

var printed = regexp.MustCompile(`prompt ([0-9.]+) ms, token ([0-9.]+) ms`)

// alone times one file, the least of four prompts and the lower decile of the tokens: others run on the machine, too.
func alone(path string) error {
	dl.SetThreads(*threads)
	m, f, err := quant.LoadGGUF(path)
	if err != nil {
		return err
	}
	defer f.Close()
	s := lm.NewSession(m, 1, *prompt+*tokens+8)
	ids := make([]int, *prompt)
	for i := range ids {
		ids[i] = (i*31 + 7) % 50000
	}
	t := timing{prompt: math.Inf(1)}
	for range 4 {
		s.Truncate(0)
		start := time.Now()
		if err := s.Prompt([][]int{ids}); err != nil {
			return err
		}
		t.prompt = min(t.prompt, milliseconds(start))
	}
	var times []float64
	for range *tokens {
		start := time.Now()
		logits := s.Logits(0)
		best := 0
		for i, v := range logits {
			if v > logits[best] {
				best = i
			}
		}
		if err := s.Step([]int{best}); err != nil {
			return err
		}
		times = append(times, milliseconds(start))
	}
	slices.Sort(times)
	fmt.Printf("prompt %.2f ms, token %.3f ms\n", t.prompt, times[len(times)/10])
	return nil
}

func milliseconds(start time.Time) float64 { return time.Since(start).Seconds() * 1e3 }

// A runner is one of those who are compared.
type runner struct {
	name    string
	command func() *exec.Cmd
	all     []timing
}

func (r *runner) run() error {
	c := r.command()
	var text strings.Builder
	c.Stdout, c.Stderr = &text, &text
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", r.name, err, text.String())
	}
	m := printed.FindStringSubmatch(text.String())
	if m == nil {
		return fmt.Errorf("%s printed %s", r.name, text.String())
	}
	var t timing
	t.prompt, _ = strconv.ParseFloat(m[1], 64)
	t.token, _ = strconv.ParseFloat(m[2], 64)
	t.peak = float64(c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1e3
	r.all = append(r.all, t)
	return nil
}

func compare() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	sizes := []string{strconv.Itoa(*threads), strconv.Itoa(*prompt), strconv.Itoa(*tokens)}
	fmt.Printf("| weights | threads | | prompt, tokens/s | generation, tokens/s | MB | prompt: ratio min/median/max | generation: ratio min/median/max |\n|---|---|---|---|---|---|---|---|\n")
	for _, name := range strings.Split(*types, ",") {
		path, err := file(name)
		if err != nil {
			return err
		}
		all := []*runner{{name: "modelbook", command: func() *exec.Cmd {
			return exec.Command(self, "-one", path, "-threads", sizes[0], "-prompt", sizes[1], "-tokens", sizes[2])
		}}}
		if *node != "" {
			script := filepath.Join(*node, "llamacpp.mjs") // beside its modules
			if err := copyFile(script, "dl/quant/compare/llamacpp.mjs"); err != nil {
				return err
			}
			all = append(all, &runner{name: "llama.cpp", command: func() *exec.Cmd { return exec.Command("node", append([]string{script, path}, sizes...)...) }})
		}
		if *python != "" && name == "F32" {
			torch := func(name string, how ...string) *runner {
				return &runner{name: name, command: func() *exec.Cmd {
					words := strings.Fields(*python)
					return exec.Command(words[0], slices.Concat(words[1:], sizes, how)...)
				}}
			}
			all = append(all, torch("PyTorch"), torch("PyTorch, compiled", "compile"))
		}
		for range *rounds {
			for _, r := range all {
				if err := r.run(); err != nil {
					return err
				}
			}
		}
		for _, r := range all {
			rate := func(n int, of func(t timing) float64) string {
				return fmt.Sprintf("%.1f", float64(n)*1e3/ordered(r.all, of)[len(r.all)/2])
			}
			ratios := func(of func(t timing) float64) string {
				if r == all[0] {
					return ""
				}
				var q []float64
				for i, t := range r.all {
					q = append(q, of(t)/of(all[0].all[i]))
				}
				slices.Sort(q)
				return fmt.Sprintf("%.2f / %.2f / %.2f", q[0], q[len(q)/2], q[len(q)-1])
			}
			p, g, peak := func(t timing) float64 { return t.prompt }, func(t timing) float64 { return t.token }, func(t timing) float64 { return t.peak }
			fmt.Printf("| %s | %d | %s | %s | %s | %.0f | %s | %s |\n", name, *threads, r.name, rate(*prompt, p), rate(1, g), ordered(r.all, peak)[len(r.all)/2], ratios(p), ratios(g))
		}
	}
	return nil
}

func ordered(all []timing, of func(t timing) float64) (v []float64) {
	for _, t := range all {
		v = append(v, of(t))
	}
	slices.Sort(v)
	return v
}

func copyFile(to, from string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("%w: run this in the folder of the repository", err)
	}
	return os.WriteFile(to, b, 0o644)
}

// file is the GGUF file of a type, which is written once.
func file(name string) (string, error) {
	path := filepath.Join(*dir, "gpt2-"+name+".gguf")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	t, ok := map[string]gguf.Type{"F32": gguf.F32, "Q8_0": gguf.Q8_0, "Q4_0": gguf.Q4_0}[name]
	if !ok {
		return "", fmt.Errorf("the type %q is not known; there are F32, Q8_0 and Q4_0", name)
	}
	if err := os.MkdirAll(*dir, 0o777); err != nil {
		return "", err
	}
	dl.Seed(1)
	m, err := lm.GPT2Config{}.New()
	if err != nil {
		return "", err
	}
	return path, lm.SaveGGUF(path, m, t, tokenizer(m.Vocabulary()))
}

// tokenizer is what llama.cpp asks of one: tokens are letters for bytes, and names. Nobody encodes texts with it.
func tokenizer(n int) []gguf.Pair {
	list := make([]string, 0, n)
	for i, more := 0, 256; i < 256; i++ { // GPT-2's letters for bytes
		r := rune(i)
		if i <= ' ' || i >= 127 && i <= 160 || i == 173 {
			r = rune(more)
			more++
		}
		list = append(list, string(r))
	}
	for i := 256; i < n-1; i++ {
		list = append(list, fmt.Sprintf("<%d>", i))
	}
	list = append(list, "<|endoftext|>")
	kinds := slices.Repeat([]int32{1}, n)
	kinds[n-1] = 3
	return []gguf.Pair{{Key: "general.name", Value: "random"}, {Key: "tokenizer.ggml.model", Value: "gpt2"}, {Key: "tokenizer.ggml.pre", Value: "gpt-2"},
		{Key: "tokenizer.ggml.tokens", Value: list}, {Key: "tokenizer.ggml.token_type", Value: kinds}, {Key: "tokenizer.ggml.merges", Value: []string{"a b"}},
		{Key: "tokenizer.ggml.bos_token_id", Value: uint32(n - 1)}}
}
