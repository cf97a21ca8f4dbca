package compile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestMappedFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	for _, text := range []string{"", "abc"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		wrong := errors.New("wrong")
		err := mapped(file, func(data []byte) error {
			if string(data) != text {
				t.Errorf("%q, want %q", data, text)
			}
			copy(data, "x")
			return wrong
		})
		if err != wrong {
			t.Errorf("error %v", err)
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "xbc" {
		t.Errorf("%q, %v: what is changed is not in the file", b, err)
	}
	if err := mapped(file+"none", func([]byte) error { return nil }); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
