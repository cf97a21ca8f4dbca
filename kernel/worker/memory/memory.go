// Package memory knows how much memory a process may use on this machine, in
// this container, and whether the system has killed for the lack of it.
package memory

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Env is the environment variable by which a user sets the limit of the
// process that runs cells: "8GiB", "500MB", a number of bytes, or "off".
const Env = "MODELBOOK_MEMORY"

// Limit is the memory, in bytes, that the process that runs cells may use:
// what the user set, or nine tenths of what there is, so that the kernel, the
// notebook server and the page live on; 0 is no limit. An error says what is
// wrong with what the user set; the limit is then the one without it.
func Limit() (int64, error) {
	limit := available("/") / 10 * 9
	set := os.Getenv(Env)
	if set == "" {
		return limit, nil
	}
	n, err := Parse(set)
	if err != nil {
		return limit, fmt.Errorf("%s: %w", Env, err)
	}
	return n, nil
}

var units = []struct {
	name  string
	bytes float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1},
}

// Parse reads an amount of memory; "off" is 0.
func Parse(s string) (int64, error) {
	if s == "off" {
		return 0, nil
	}
	for _, u := range units {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(n > 0 && n*u.bytes < 1<<62) {
			break
		}
		return int64(n * u.bytes), nil
	}
	return 0, errors.New(strconv.Quote(s) + `: want an amount as "8GiB" or "500MB", or "off"`)
}

// available is the memory of the machine or, if less, of the control groups
// that this process is in. root is "/", except in tests.
func available(root string) int64 {
	least := int64(0)
	consider := func(n int64) {
		if n > 0 && n < 1<<60 && (least == 0 || n < least) { // version 1 says "no limit" with a huge number
			least = n
		}
	}
	if b, err := os.ReadFile(filepath.Join(root, "proc/meminfo")); err == nil {
		consider(field(string(b), "MemTotal:") << 10)
	}
	for _, dir := range groups(root) {
		for _, name := range []string{"memory.max", "memory.limit_in_bytes"} {
			if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
				n, _ := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64) // "max" is 0
				consider(n)
			}
		}
	}
	return least
}

// Machine is the memory, in bytes, of this machine or container, 0 when it
// cannot be known.
func Machine() int64 { return available("/") }

// Kills is the number of processes that the system has killed for lack of
// memory in this process's control group, as far as it can be known.
func Kills() int64 { return kills("/") }

func kills(root string) int64 {
	for _, dir := range groups(root) {
		for _, name := range []string{"memory.events", "memory.oom_control"} {
			if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
				return field(string(b), "oom_kill")
			}
		}
	}
	return 0
}

// groups lists the folders of the memory control groups that this process is
// in, the innermost first.
func groups(root string) (dirs []string) {
	f, err := os.Open(filepath.Join(root, "proc/self/cgroup"))
	if err != nil {
		return nil
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); { // "4:memory:/path", "0::/path"
		parts := strings.SplitN(lines.Text(), ":", 3)
		if len(parts) != 3 {
			continue
		}
		mount := ""
		switch {
		case parts[1] == "":
			mount = "sys/fs/cgroup"
		case strings.Contains(","+parts[1]+",", ",memory,"):
			mount = "sys/fs/cgroup/memory"
		default:
			continue
		}
		for path := filepath.Clean("/" + parts[2]); ; path = filepath.Dir(path) {
			dirs = append(dirs, filepath.Join(root, mount, path))
			if path == "/" {
				break
			}
		}
	}
	return dirs
}

// field is the number behind a name at the start of a line, or 0.
func field(text, name string) int64 {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == name {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return n
		}
	}
	return 0
}

// Text writes an amount of memory for people.
func Text(bytes int64) string {
	switch {
	case bytes < 1<<30:
		return fmt.Sprintf("%d MiB", bytes>>20)
	case bytes < 1<<40:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	}
	return fmt.Sprintf("%.1f TiB", float64(bytes)/(1<<40))
}
