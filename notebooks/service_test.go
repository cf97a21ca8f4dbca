//go:build client

package notebooks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The notebook that becomes a service, through nbconvert: it exports itself, builds the program, and asks it.
func TestClientFromNotebookToService(t *testing.T) {
	t.Setenv("IRIS_ADDRESS", "") // not the user's
	path := copied(t, "from_notebook_to_service.ipynb")
	nb := converted(t, path, 300)
	nb.check(t)
	text := nb.text()
	for _, want := range []string{"PASS", "1 passed", "POST /predict  200 {\"species\":\"virginica\"", "422 petal_width is 0", "unknown field \"petal_widht\"", "invalid character 's'",
		"request body too large", "405 Method Not Allowed", "GET /healthz  200 ok", "answers a second", "per loop", "it answers after", "the program and the notebook agree: true", "ended: exit status 0"} {
		if !strings.Contains(text, want) {
			t.Errorf("no output says %q", want)
		}
	}
	if n := nb.images("image/png"); n != 2 {
		t.Errorf("%d outputs with a PNG, want 2", n)
	}
	for _, name := range []string{"iris-server", "iris-service", "iris.json", "iris.safetensors"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), name)); err == nil {
			t.Errorf("%s stays behind", name)
		}
	}
}
