package dist_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/dist"
)

// The test binary is also the program that mpirun starts: what it does then has the name in this variable.
const caseVariable = "DIST_TEST_CASE"

func TestMain(m *testing.M) {
	if name := os.Getenv(caseVariable); name != "" {
		dist.Run(cases[name])
		return
	}
	os.Exit(m.Run())
}

var cases = map[string]func(c *dist.Comm) error{
	"timed":    timed,
	"together": together,
	"fit":      fit,
	"samples":  samples,
	"model":    func(c *dist.Comm) error { return differs(c, uint64(c.Rank()), 60) },
	"data":     func(c *dist.Comm) error { return differs(c, 0, 60+c.Rank()) },
	"panic":    func(c *dist.Comm) error { return ends(c, func() { panic("out of paper") }) },
	"error":    func(c *dist.Comm) error { return fmt.Errorf("no such file") },
	"exit":     func(c *dist.Comm) error { return ends(c, func() { os.Exit(3) }) },
	"hangs":    hangs,
	"stops":    stops,
	"cancels":  cancels,
	"equal":    equal,
	"traced":   traced,
	"saves":    saves,
	"on":       func(c *dist.Comm) error { return ends(c, func() { fmt.Println(os.Getpid()) }) },
	"killed":   func(c *dist.Comm) error { return ends(c, killed) },
	"memory":   func(c *dist.Comm) error { return ends(c, fills) },
	"elsewhere": func(c *dist.Comm) error {
		return ends(c, func() { go func() { panic("out of ink") }(); select {} })
	},
	"search":   search,
	"searchon": searchOn,
}

// mpirun runs a case on some ranks and returns what they wrote.
func mpirun(t *testing.T, ranks int, name string, arguments ...string) (stdout, stderr string, err error) {
	t.Helper()
	if cases[name] == nil {
		t.Fatalf("there is no case %q", name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	options := []string{"-n", strconv.Itoa(ranks), "--oversubscribe", "--allow-run-as-root", os.Args[0]}
	cmd := exec.CommandContext(ctx, "mpirun", append(options, arguments...)...)
	cmd.Env = append(os.Environ(), caseVariable+"="+name)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("%s did not end:\n%s%s", name, &out, &errs)
	}
	return out.String(), errs.String(), err
}

// mustRun is mpirun of what must succeed.
func mustRun(t *testing.T, ranks int, name string, arguments ...string) string {
	t.Helper()
	out, errs, err := mpirun(t, ranks, name, arguments...)
	if err != nil {
		t.Fatalf("%s on %d ranks: %v\n%s%s", name, ranks, err, out, errs)
	}
	return out
}

// together checks what ranks do together.
func together(c *dist.Comm) error {
	if c.Timeout != 30*time.Minute {
		return fmt.Errorf("a rank that hangs is found after %v", c.Timeout)
	}
	own := make([]float32, 1000)
	wide := make([]float64, 3)
	for i := range own {
		own[i] = float32(i * (c.Rank() + 1))
	}
	for i := range wide {
		wide[i] = float64(c.Rank()) + 0.25
	}
	dist.AllReduce(c, own)
	dist.AllReduce(c, wide)
	n := c.Size()
	for i, v := range own {
		if want := float32(i * n * (n + 1) / 2); v != want {
			return fmt.Errorf("the sum of value %d is %v, want %v", i, v, want)
		}
	}
	if want := float64(n*(n-1)/2) + 0.25*float64(n); wide[2] != want {
		return fmt.Errorf("the sum is %v, want %v", wide[2], want)
	}
	roots := []float64{float64(c.Rank()), 7}
	dist.Broadcast(c, roots, n-1)
	if roots[0] != float64(n-1) || roots[1] != 7 {
		return fmt.Errorf("Broadcast gave %v", roots)
	}
	all := c.Gather(make([]float64, c.Rank()))
	for rank, values := range all {
		if len(all) != n || len(values) != rank {
			return fmt.Errorf("Gather gave %v", all)
		}
	}
	c.Barrier()
	if n > 1 { // messages around a ring, while each also receives; long ones wait for their receiver
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			for length := range 3 {
				c.Send((c.Rank()+1)%n, bytes.Repeat([]byte{byte(c.Rank())}, length*1e5))
			}
		}()
		for length := range 3 {
			from, message := c.Receive()
			if from != (c.Rank()+n-1)%n || !bytes.Equal(message, bytes.Repeat([]byte{byte(from)}, length*1e5)) {
				return fmt.Errorf("%s sent %d bytes", c.Name(from), len(message))
			}
		}
		<-sent
	}
	for _, f := range []func(){func() { c.Send(c.Rank(), nil) }, func() { c.Send(n, nil) }, func() { c.Send(-1, nil) }} {
		var value *dl.ValueError
		if err := dl.Try(f); !errors.As(err, &value) {
			return fmt.Errorf("a message to no other rank: %v", err)
		}
	}
	if c.Rank() == 0 {
		fmt.Println(c)
	}
	return nil
}

func TestRanksAddUp(t *testing.T) {
	for ranks := 1; ranks <= 3; ranks++ {
		out := mustRun(t, ranks, "together")
		if want := fmt.Sprintf(", of %d\n", ranks); !strings.HasPrefix(out, "rank 0 on ") || !strings.HasSuffix(out, want) {
			t.Errorf("%d ranks: %q", ranks, out)
		}
	}
}
