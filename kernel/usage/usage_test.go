package usage

import (
	"os"
	"testing"
	"testing/fstest"
	"time"
)

// A machine with the process 7, its child 8 and grandchild 9, and others.
func machine() fstest.MapFS {
	return fstest.MapFS{
		"stat":           file("cpu  100 10 50 800 40 0 0 0 5 0\ncpu0 1 2 3 4 5\n"),
		"meminfo":        file("MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\nBuffers: 10 kB\nCached: 200 kB\nSReclaimable: 20 kB\nShmem: 5 kB\nSlab: 30 kB\nActive: 300 kB\nInactive: 150 kB\nHugePages_Total: 3\n"),
		"7/stat":         stat("7 (modelbook) S", "1", "200", "100", "50"),
		"7/smaps_rollup": file("0000-ffff [rollup]\nRss: 30 kB\nPss: 20 kB\n"),
		"8/stat":         stat("8 (a ) name) R", "7", "1000", "0", "60"),
		"8/smaps_rollup": file("Pss: 300 kB\n"),
		"9/stat":         stat("9 (sh) R", "8", "0", "0", "70"),
		"9/statm":        file("9 2 1 1 0 1 0\n"), // another user's
		"10/stat":        stat("10 (other) R", "1", "5000", "0", "80"),
		"10/statm":       file("9 1000 1\n"),
		"self/stat":      stat("7 (modelbook) S", "1", "200", "100", "50"),
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func stat(begin, parent, user, system, since string) *fstest.MapFile {
	return file(begin + " " + parent + " 1 1 0 -1 0 0 0 0 0 " + user + " " + system + " 0 0 20 0 1 0 " + since + " 0 0\n")
}

func TestMeasure(t *testing.T) {
	proc, now := machine(), time.Unix(1000, 0)
	m := &Meter{proc: proc, now: func() time.Time { return now }, pid: 7}
	u := m.Measure()
	if want := int64(320<<10 + 2*os.Getpagesize()); u.Memory != want {
		t.Errorf("memory %d, want %d", u.Memory, want)
	}
	if u.CPU != 0 || u.HostCPU != nil {
		t.Errorf("at first: %v, %v", u.CPU, u.HostCPU)
	}
	const k = 1 << 10
	if want := (Memory{Total: 1000 * k, Available: 400 * k, Used: 600 * k, Free: 100 * k, Active: 300 * k, Inactive: 150 * k, Buffers: 10 * k, Cached: 220 * k,
		Shared: 5 * k, Slab: 30 * k, Percent: 60}); u.Host != want {
		t.Errorf("got %+v, want %+v", u.Host, want)
	}
	// Two seconds later: the processes have used 1 s and 1.5 s, there is a new
	// one, and one with the number of a process that is gone.
	now = now.Add(2 * time.Second)
	proc["7/stat"] = stat("7 (modelbook) S", "1", "250", "150", "50")
	proc["8/stat"] = stat("8 (a ) name) R", "7", "1150", "0", "60")
	proc["9/stat"] = stat("9 (sh) R", "8", "900", "0", "90")
	proc["11/stat"] = stat("11 (new) R", "8", "900", "0", "91")
	proc["stat"] = file("cpu  180 10 70 900 40 0 0 0 5 0\n")
	u = m.Measure()
	if u.CPU != 125 {
		t.Errorf("CPU %v %%, want 125", u.CPU)
	}
	if u.HostCPU == nil || *u.HostCPU != 50 {
		t.Errorf("host CPU %v, want 50", u.HostCPU)
	}
}

// The real thing.
func TestMeasureThisProcess(t *testing.T) {
	m := New(os.Getpid())
	m.Measure()
	for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); {
	}
	u := m.Measure()
	if u.CPU <= 0 || u.Memory < 1<<20 || u.HostCPU == nil || *u.HostCPU <= 0 || *u.HostCPU > 100 || u.Host.Total < u.Memory || u.Host.Available <= 0 {
		t.Errorf("got %+v", u)
	}
}

// Where there is no /proc, nothing is known.
func TestMeasureWithoutProc(t *testing.T) {
	m := &Meter{proc: fstest.MapFS{}, now: time.Now, pid: 7}
	if u := m.Measure(); u != (Usage{}) {
		t.Errorf("got %+v", u)
	}
}
