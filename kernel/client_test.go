//go:build client

package kernel_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/kernel/build"
)

// The kernel through a real client: testdata/client.py drives it with
// Debian's jupyter_client, as a notebook server would.
func TestClientProtocol(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "modelbook")
	if out, err := exec.Command("go", "build", "-o", program, "./modelbook").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(cache, "modelbook-test", "client")
	if err := build.PrepareFor(context.Background(), "..", home, build.Libraries(), nil); err != nil {
		t.Fatal(err)
	}
	spec := filepath.Join(dir, "kernels", "modelbook")
	if err := os.MkdirAll(spec, 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(map[string]any{
		"argv": []string{program, "kernel", "--home", home, "{connection_file}"}, "display_name": "Go (modelbook)",
		"language": "go", "interrupt_mode": "message",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(spec, "kernel.json"), b, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "testdata/client.py")
	cmd.Env = append(os.Environ(), "JUPYTER_PATH="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v", err)
	}
	passed := 0
	for s := bufio.NewScanner(strings.NewReader(string(out))); s.Scan(); {
		if strings.HasPrefix(s.Text(), "ok ") {
			passed++
		}
	}
	if passed < 30 {
		t.Errorf("%d claims hold, want 30 or more", passed)
	}
	t.Logf("%s", out)
}
