package memory

import (
	"os"
	"path/filepath"
	"testing"
)

// system makes a folder that looks like a system's root.
func system(t *testing.T, files map[string]string) string {
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestAvailable(t *testing.T) {
	const meminfo = "MemTotal:       16000000 kB\nMemFree: 5 kB\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64
		kills int64
	}{
		{"a machine", map[string]string{"proc/meminfo": meminfo}, 16000000 << 10, 0},
		{"version 2", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/memory.max": "1073741824\n",
			"sys/fs/cgroup/a/b/memory.events": "low 0\noom 4\noom_kill 3\n"}, 1 << 30, 3},
		{"version 1", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "5:cpu:/\n4:memory:/x\n",
			"sys/fs/cgroup/memory/x/memory.limit_in_bytes": "536870912\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
			"sys/fs/cgroup/memory/x/memory.oom_control": "oom_kill_disable 0\noom_kill 2\n"}, 512 << 20, 2},
		{"a container", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/not/seen/here\n",
			"sys/fs/cgroup/memory.max": "2147483648\n"}, 2 << 30, 0},
		{"nothing known", map[string]string{"proc/self/cgroup": "garbage\n::\n"}, 0, 0},
	} {
		root := system(t, c.files)
		if got := available(root); got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, got, c.want)
		}
		if got := kills(root); got != c.kills {
			t.Errorf("%s: %d kills, want %d", c.name, got, c.kills)
		}
	}
}

func TestLimit(t *testing.T) {
	for set, want := range map[string]int64{"1GiB": 1 << 30, "1.5 GiB": 3 << 29, "500MB": 500e6, "123": 123, "7B": 7, "off": 0} {
		t.Setenv(Env, set)
		if got, err := Limit(); got != want || err != nil {
			t.Errorf("%s: %d, %v; want %d", set, got, err, want)
		}
	}
	t.Setenv(Env, "")
	without, err := Limit()
	if err != nil || without <= 0 {
		t.Errorf("by itself: %d, %v", without, err)
	}
	for _, set := range []string{"x", "-1GiB", "GiB", "0", "NaN", "1e300TB", "1 XB"} {
		t.Setenv(Env, set)
		if got, err := Limit(); got != without || err == nil {
			t.Errorf("%s: %d, %v", set, got, err)
		}
	}
}
