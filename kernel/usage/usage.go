// Package usage measures what a process and its descendants take of the
// processors and of memory, and what the machine has. It reads /proc and
// imports nothing of this module.
package usage

import (
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Meter measures one process and its descendants. Shares of the processors
// are those since the measurement before.
type Meter struct {
	proc fs.FS
	now  func() time.Time
	pid  int

	mu        sync.Mutex
	processes map[process]ticks // of the measurement before
	at        time.Time         // when it was
	busy, all ticks             // of the machine, then
}

// A process is known by its number and the time of its start.
type process struct {
	pid   int
	since string
}

// ticks are processor time, in hundredths of a second.
type ticks float64

const ticksPerSecond = 100 // on Linux, whatever the processor

// New makes a meter of the process with this number.
func New(pid int) *Meter { return &Meter{proc: os.DirFS("/proc"), now: time.Now, pid: pid} }

// Usage is what was measured.
type Usage struct {
	// CPU is the processor time in percent of one processor, 0 at the first
	// measurement, and Memory is in bytes: memory that processes share is
	// counted once.
	CPU    float64
	Memory int64
	// HostCPU is the share of all processors that is in use, in percent, or nil
	// at the first measurement.
	HostCPU *float64
	Host    Memory
}

// Memory is the machine's memory in bytes. The names are those of psutil.
type Memory struct {
	Total, Available, Used, Free, Active, Inactive, Buffers, Cached, Shared, Slab int64
	Percent                                                                       float64 // that is not available
}

// Measure measures.
func (m *Meter) Measure() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	seconds := now.Sub(m.at).Seconds()
	u := Usage{Host: m.memory()}
	latest := map[process]ticks{}
	for p, used := range m.family() {
		u.Memory += m.resident(p.pid)
		if before, known := m.processes[p]; known && seconds > 0 {
			u.CPU += float64(used-before) / ticksPerSecond / seconds * 100
		}
		latest[p] = used
	}
	busy, all := m.machine()
	if m.processes != nil && all > m.all {
		share := float64(busy-m.busy) / float64(all-m.all) * 100
		u.HostCPU = &share
	}
	m.processes, m.at, m.busy, m.all = latest, now, busy, all
	return u
}

// family are the process and its descendants, with the time they have used.
func (m *Meter) family() map[process]ticks {
	type entry struct {
		process
		used ticks
	}
	children := map[int][]entry{}
	var all []entry
	dirs, _ := fs.Glob(m.proc, "[0-9]*/stat")
	for _, name := range dirs {
		// "7 (a name) R 1 ...": what follows the name counts from the state on.
		text := m.read(name)
		end := strings.LastIndex(text, ") ")
		if end < 0 {
			continue
		}
		const parent, user, system, since = 1, 11, 12, 19
		f := strings.Fields(text[end+2:])
		if len(f) <= since {
			continue
		}
		pid, _ := strconv.Atoi(strings.TrimSuffix(name, "/stat"))
		e := entry{process{pid, f[since]}, ticks(number(f[user]) + number(f[system]))}
		if pid == m.pid {
			all = append(all, e)
		} else {
			of, _ := strconv.Atoi(f[parent])
			children[of] = append(children[of], e)
		}
	}
	used := map[process]ticks{}
	for len(all) > 0 {
		e := all[0]
		all = append(all[1:], children[e.pid]...)
		used[e.process] = e.used
	}
	return used
}

// resident is the memory of a process, its share of what it shares.
func (m *Meter) resident(pid int) int64 {
	dir := strconv.Itoa(pid)
	if pss, ok := m.table(dir + "/smaps_rollup")["Pss"]; ok {
		return pss
	}
	if f := strings.Fields(m.read(dir + "/statm")); len(f) > 1 {
		return int64(number(f[1])) * int64(os.Getpagesize())
	}
	return 0
}

// machine is the time that all processors were busy, and their time in all.
func (m *Meter) machine() (busy, all ticks) {
	line, _, _ := strings.Cut(m.read("stat"), "\n")
	const idle, wait, guest = 4, 5, 9 // "cpu user nice system idle iowait irq softirq steal guest ..."
	for i, field := range strings.Fields(line) {
		if i == 0 || i >= guest {
			continue // guests are counted as user
		}
		all += ticks(number(field))
		if i != idle && i != wait {
			busy += ticks(number(field))
		}
	}
	return busy, all
}

// memory is the machine's memory.
func (m *Meter) memory() Memory {
	t := m.table("meminfo")
	h := Memory{Total: t["MemTotal"], Available: t["MemAvailable"], Free: t["MemFree"], Active: t["Active"], Inactive: t["Inactive"],
		Buffers: t["Buffers"], Cached: t["Cached"] + t["SReclaimable"], Shared: t["Shmem"], Slab: t["Slab"]}
	h.Used = h.Total - h.Available
	if h.Total > 0 {
		h.Percent = math.Round(float64(h.Used)/float64(h.Total)*1000) / 10
	}
	return h
}

// table reads lines such as "MemTotal:  123 kB", in bytes.
func (m *Meter) table(name string) map[string]int64 {
	values := map[string]int64{}
	for line := range strings.Lines(m.read(name)) {
		if key, rest, ok := strings.Cut(line, ":"); ok {
			if f := strings.Fields(rest); len(f) == 2 && f[1] == "kB" {
				values[key] = int64(number(f[0])) << 10
			}
		}
	}
	return values
}

func (m *Meter) read(name string) string {
	b, _ := fs.ReadFile(m.proc, name) // the process may be gone
	return string(b)
}

func number(s string) float64 {
	n, _ := strconv.ParseFloat(s, 64)
	return n
}
