package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// A peer is a process with a C library in it that times products on command.
type peer struct {
	name string
	core string // what the library chose to be
	in   io.WriteCloser
	out  *bufio.Reader
	cmd  *exec.Cmd
}

// compile builds the timer, with the C compiler of the machine.
func compile(dir string) (string, error) {
	program := filepath.Join(dir, "peer")
	source := filepath.Join("dl", "internal", "gemm", "compare", "testdata", "peer.c")
	out, err := exec.Command("cc", "-O2", "-o", program, source, "-ldl").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cc: %v\n%s(run this from the root of the repository)", err, out)
	}
	return program, nil
}

func start(program, name, library, symbol string, env ...string) (*peer, error) {
	p := &peer{name: name, cmd: exec.Command(program, library, symbol)}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if p.core, err = p.answer(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *peer) answer() (string, error) {
	line, err := p.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s: %v", p.name, err)
	}
	return strings.TrimSpace(line), nil
}

func (p *peer) setup(s shape) error {
	bit := map[bool]int{true: 1}
	fmt.Fprintln(p.in, "s", bit[s.ta], bit[s.tb], s.m, s.n, s.k, s.count)
	_, err := p.answer()
	return err
}

// measure returns the median seconds of the shape.
func (p *peer) measure(ms int) (float64, error) {
	fmt.Fprintln(p.in, "r", ms)
	line, err := p.answer()
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(line, 64)
}

func (p *peer) stop() {
	p.in.Close()
	p.cmd.Wait()
}
