package history

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func number(n int) *int { return &n }

// inputs asks and lists what comes back as "session/cell:input".
func inputs(t *testing.T, h *History, q Query) []string {
	t.Helper()
	cells, err := h.Find(q)
	if err != nil {
		t.Fatal(err)
	}
	found := []string{}
	for _, e := range cells {
		found = append(found, fmt.Sprintf("%d/%d:%s", e.Session, e.Number, e.Input))
	}
	return found
}

// written opens a history of the file and adds cells to it.
func written(path string, cells ...string) *History {
	h := Open(path)
	for i, input := range cells {
		h.Add(Entry{Number: i + 1, Input: input})
	}
	return h
}

func TestSessionsAreKeptAndAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "history.jsonl")
	written(path, "a := 1", "b := \"é😀\"\n<&>").Close()
	written(path, "fmt.Println(a)").Close()
	h := written(path, "x/y", "a := 1", "last")
	defer h.Close()
	for _, c := range []struct {
		name string
		q    Query
		want []string
	}{
		{"tail", Query{Access: "tail", N: number(4)}, []string{"2/1:fmt.Println(a)", "3/1:x/y", "3/2:a := 1", "3/3:last"}},
		{"tail of all", Query{Access: "tail"}, []string{"1/1:a := 1", "1/2:b := \"é😀\"\n<&>", "2/1:fmt.Println(a)", "3/1:x/y", "3/2:a := 1", "3/3:last"}},
		{"range here", Query{Access: "range", Start: 1, Stop: number(3)}, []string{"3/1:x/y", "3/2:a := 1"}},
		{"range without an end", Query{Access: "range", Start: 2}, []string{"3/2:a := 1", "3/3:last"}},
		{"range from the end", Query{Access: "range", Start: -1}, []string{"3/3:last"}},
		{"range of the session before", Query{Access: "range", Session: -1, Start: 1}, []string{"2/1:fmt.Println(a)"}},
		{"range by number", Query{Access: "range", Session: 1, Start: 1, Stop: number(2)}, []string{"1/1:a := 1"}},
		{"range of nothing", Query{Access: "range", Session: 9, Start: 1}, []string{}},
		{"search", Query{Access: "search", Pattern: "a*1"}, []string{"1/1:a := 1", "3/2:a := 1"}},
		{"search unique", Query{Access: "search", Pattern: "*a*", Unique: true, N: number(2)}, []string{"3/2:a := 1", "3/3:last"}},
		{"search over lines and slashes", Query{Access: "search", Pattern: "?*/?*"}, []string{"3/1:x/y"}},
		{"search for a line end", Query{Access: "search", Pattern: "b*>"}, []string{"1/2:b := \"é😀\"\n<&>"}},
		{"search with a bad pattern", Query{Access: "search", Pattern: "["}, []string{}},
	} {
		if got := inputs(t, h, c.q); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	for name, want := range map[string]os.FileMode{path: 0o600, path + ".lock": 0o600, filepath.Dir(path): 0o700} {
		if st, err := os.Stat(name); err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: mode %v, %v; want %v", name, st.Mode().Perm(), err, want)
		}
	}
}

func TestWithoutAFile(t *testing.T) {
	h := written("", "a", "b")
	defer h.Close()
	if got := inputs(t, h, Query{Access: "tail"}); !reflect.DeepEqual(got, []string{"1/1:a", "1/2:b"}) {
		t.Errorf("got %q", got)
	}
}

func TestSeveralKernelsAppendAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	const kernels, cells = 8, 50
	var all sync.WaitGroup
	for k := range kernels {
		all.Go(func() {
			h := Open(path)
			for i := range cells {
				h.Add(Entry{Number: i + 1, Input: fmt.Sprintf("%d %s", k, strings.Repeat("x", 3000))})
			}
			h.Close()
		})
	}
	all.Wait()
	h := Open(path)
	defer h.Close()
	found, err := h.Find(Query{Access: "tail"})
	if err != nil || len(found) != kernels*cells {
		t.Fatalf("%d cells, %v; want %d", len(found), err, kernels*cells)
	}
	owner := map[int]string{} // of a session: no two kernels have the same
	for _, e := range found {
		if k := e.Input[:1]; owner[e.Session] == "" {
			owner[e.Session] = k
		} else if owner[e.Session] != k {
			t.Fatalf("session %d belongs to kernels %s and %s", e.Session, owner[e.Session], k)
		}
	}
	if len(owner) != kernels {
		t.Errorf("%d sessions", len(owner))
	}
}

func TestDamagedFileLosesOnlyItsDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	content := "garbage\n" + `{"session":4,"cell":1,"input":"good"}` + "\n\x00\xff\n[]\nnull\n" +
		`{"session":4,"cell":2,"input":"cut sho`
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	h := written(path, "new")
	defer h.Close()
	if got := inputs(t, h, Query{Access: "tail"}); !reflect.DeepEqual(got, []string{"4/1:good", "5/1:new"}) {
		t.Errorf("got %q", got)
	}
	again := Open(path)
	defer again.Close()
	if got := inputs(t, again, Query{Access: "tail"}); !reflect.DeepEqual(got, []string{"4/1:good", "5/1:new"}) {
		t.Errorf("from the file: %q", got)
	}
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", st.Mode().Perm())
	}
}

func TestLargeFileLosesItsOlderHalf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	var b strings.Builder
	line := fmt.Sprintf(`{"session":7,"cell":%%d,"input":"%s"}`+"\n", strings.Repeat("y", 1000))
	for i := range maxFile/1000 + 100 {
		fmt.Fprintf(&b, line, i+1)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	written(path, "new").Close()
	st, err := os.Stat(path)
	if err != nil || st.Size() > maxFile*3/4 {
		t.Errorf("%d bytes, %v", st.Size(), err)
	}
	h := Open(path)
	defer h.Close()
	found, err := h.Find(Query{Access: "tail"})
	if err != nil || len(found) < maxFile/2/1100 || found[len(found)-1].Session != 8 || found[0].Number == 1 {
		t.Errorf("%d cells, %v", len(found), err)
	}
}

// What the disk does not take is told, and stays in memory.
func TestTroubleIsTold(t *testing.T) {
	for name, path := range map[string]string{
		"a folder that cannot be made": "/proc/nowhere/history.jsonl",
		"a device":                     full(t),
		"a FIFO":                       fifo(t),
	} {
		h := written(path, "kept")
		cells, err := h.Find(Query{Access: "tail"})
		if len(cells) != 1 || cells[0].Input != "kept" {
			t.Errorf("%s: got %v, %v", name, cells, err)
		}
		if h.Trouble() == nil {
			t.Errorf("%s: no trouble is told", name)
		}
		if h.Trouble() != nil {
			t.Errorf("%s: it is told twice", name)
		}
		h.Close()
	}
}

func full(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "full")
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	return path
}

func fifo(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// FuzzFile reads files that nobody wrote with care.
func FuzzFile(f *testing.F) {
	f.Add([]byte(`{"session":1,"cell":1,"input":"a"}` + "\n"))
	f.Add([]byte(`{"session":1,"cell":1,"input":"a"`))
	f.Add([]byte("\n\n{}\n[]\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "history.jsonl")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		h := written(path, "added")
		h.Close()
		again := &file{path: path}
		cells, err := again.read()
		if err != nil || len(cells) == 0 || cells[len(cells)-1].Input != "added" {
			t.Fatalf("got %v, %v", cells, err)
		}
	})
}
