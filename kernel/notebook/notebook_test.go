package notebook

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"modelbook/kernel/jupyter"
)

// stored is a notebook as JupyterLab stores it.
const stored = `{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "aaaa",
   "metadata": {
    "jupyter": {
     "source_hidden": true
    }
   },
   "source": [
    "# Title\n",
    "text with <angles> & é"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 7,
   "id": "bbbb",
   "metadata": {
    "tags": [
     "parameters"
    ]
   },
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "old\n"
     ]
    }
   ],
   "source": [
    "epochs := 10"
   ]
  },
  {
   "attachments": {
    "x": 1
   },
   "cell_type": "raw",
   "id": "cccc",
   "metadata": {},
   "source": []
  }
 ],
 "metadata": {
  "other": {
   "big": 12345678901234567890.5
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5,
 "unknown": null
}
`

func TestUntouchedNotebookStaysByteForByte(t *testing.T) {
	nb, err := Parse([]byte(stored))
	if err != nil {
		t.Fatal(err)
	}
	got, err := nb.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != stored {
		t.Errorf("got:\n%s", got)
	}
}

func TestSourceIsAStringOrAList(t *testing.T) {
	for _, source := range []string{`"a\nb"`, `["a\n","b"]`, `["a\nb"]`} {
		nb, err := Parse([]byte(`{"nbformat":4,"cells":[{"cell_type":"code","source":` + source + `}]}`))
		if err != nil || nb.Cells[0].Source != "a\nb" {
			t.Errorf("%s: got %v, %v", source, nb, err)
		}
	}
}

func TestOldNotebooksGetCellIDs(t *testing.T) {
	nb, err := Parse([]byte(`{"nbformat":4,"nbformat_minor":2,"metadata":{},"cells":[{"cell_type":"code","source":"1"},{"cell_type":"code","source":"1"},{"cell_type":"code","id":"mine","source":"1"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var first []byte
	for range 2 {
		b, err := nb.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !bytes.Equal(b, first) {
			t.Error("the IDs differ from one writing to the next")
		}
		first = b
	}
	var got struct {
		Minor int `json:"nbformat_minor"`
		Cells []struct {
			ID       string
			Metadata map[string]any
		}
	}
	if err := json.Unmarshal(first, &got); err != nil {
		t.Fatal(err)
	}
	if got.Minor != 5 || got.Cells[0].ID == "" || got.Cells[0].ID == got.Cells[1].ID || got.Cells[2].ID != "mine" {
		t.Errorf("got %+v", got)
	}
}

func TestWhatIsNoNotebookIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "not a notebook",
		"null":                          "not a notebook",
		"[]":                            "not a notebook",
		"{}":                            "no nbformat",
		`{"nbformat":3,"worksheets":0}`: "format 3",
		`{"nbformat":4}`:                "cells",
		`{"nbformat":4,"cells":{}}`:     "cells",
		`{"nbformat":4,"cells":[null]}`: "cell 1",
		`{"nbformat":4,"cells":[{"cell_type":"code","source":"1"},{"source":"1"}]}`: "cell 2 of the notebook: no cell_type",
		`{"nbformat":4,"cells":[{"cell_type":"code","source":{"a":1}}]}`:            "neither a string nor a list",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	if _, err := ReadFile(filepath.Join(t.TempDir(), "none.ipynb")); !os.IsNotExist(err) {
		t.Errorf("got %v", err)
	}
}

func TestWritingReplacesTheFileAsAWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.ipynb")
	if err := os.WriteFile(path, []byte("something longer than nothing"), 0o640); err != nil {
		t.Fatal(err)
	}
	nb, err := Parse([]byte(stored))
	if err != nil {
		t.Fatal(err)
	}
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || string(b) != stored {
		t.Errorf("got %q, %v", b, err)
	}
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o640 {
		t.Errorf("its mode is %v", st.Mode())
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left in the folder: %v", entries)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(stored))
	f.Add([]byte(`{"nbformat":4,"cells":[{"cell_type":"code","source":"1","id":5,"metadata":{"tags":"x"}}]}`))
	f.Add([]byte(`{"nbformat":4,"metadata":[],"cells":[{"cell_type":"code","source":["\u2028"]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		nb, err := Parse(b)
		if err != nil {
			return
		}
		nb.Inject([]Parameter{{Name: "a", Value: "1"}})
		if _, err := nb.HTML("t", false); err != nil {
			t.Fatal(err)
		}
		nb.SetLanguage(Kernelspec{}, jupyter.LanguageInfo{})
		out, err := nb.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(out)
		if err != nil {
			t.Fatalf("cannot read what was written: %v\n%s", err, out)
		}
		if len(again.Cells) != len(nb.Cells) {
			t.Fatalf("%d cells became %d", len(nb.Cells), len(again.Cells))
		}
		for i := range nb.Cells {
			if again.Cells[i].Source != nb.Cells[i].Source {
				t.Fatalf("source %q became %q", nb.Cells[i].Source, again.Cells[i].Source)
			}
		}
	})
}

func TestParameters(t *testing.T) {
	for in, want := range map[string]string{
		"n=1": "1", "x=-2.5": "-2.5", "s=text": `"text"`, "s=two words": `"two words"`, `s="quoted"`: `"quoted"`,
		"b=true": "true", "s=a-b": `"a-b"`, "l=[]int{1, 2}": "[]int{1, 2}", "s=": `""`, "s=f()": `"f()"`, "s=a=b": `"a=b"`,
	} {
		p, err := ParseParameter(in)
		if err != nil || p.Value != want {
			t.Errorf("%s: got %s, %v; want %s", in, p.Value, err, want)
		}
	}
	for _, bad := range []string{"", "x", "=1", "1x=2", "a b=3", "for=1"} {
		if p, err := ParseParameter(bad); err == nil {
			t.Errorf("%q: accepted as %v", bad, p)
		}
	}
}

func TestInjectedCellStandsBehindTheParameters(t *testing.T) {
	nb, err := Parse([]byte(stored))
	if err != nil {
		t.Fatal(err)
	}
	nb.Cells[1].Source += "\nrate := 0.5"
	for _, value := range []string{"1", "2"} { // the second replaces the first
		if err := nb.Inject([]Parameter{{Name: "epochs", Value: value}, {Name: "rate", Value: "0.1"}}); err != nil {
			t.Fatal(err)
		}
		if len(nb.Cells) != 4 || !strings.HasSuffix(nb.Cells[2].Source, "\nepochs = "+value+"\nrate = 0.1") {
			t.Fatalf("the cells: %+v", nb.Cells)
		}
	}
	nb.Cells = nb.Cells[:1]
	if err := nb.Inject([]Parameter{{Name: "epochs", Value: "1"}}); err == nil {
		t.Error("values without a cell tagged parameters are swallowed")
	}
}

func TestPageShowsWhatATerminalWould(t *testing.T) {
	for in, want := range map[string]string{
		"plain\n":                          "plain\n",
		"10%\r20%\r100%\n":                 "100%\n",
		"long line\rshort\n":               "shortline\n",
		"a\r\nb\r\n":                       "a\nb\n",
		"abc\b\bX":                         "aXc",
		"50 %\r\x1b[Kdone":                 "done",
		"50 %\r\x1b[2Kdone":                "done",
		"\x1b[31mred\x1b[0m":               "\x1b[31mred\x1b[0m",
		"é\rü":                             "ü",
		"\x1b[":                            "\x1b[",
		"x\x1b[" + strings.Repeat("1", 50): "x\x1b[" + strings.Repeat("1", 50),
	} {
		var p page
		for _, r := range in { // however it is cut
			p.write(string(r))
		}
		if got := p.String(); got != want {
			t.Errorf("%q shows %q, want %q", in, got, want)
		}
	}
}

func TestLinksAndPipesAreNotReplaced(t *testing.T) {
	dir := t.TempDir()
	nb := book(t, "print")
	file, link, pipe := filepath.Join(dir, "a.ipynb"), filepath.Join(dir, "b.ipynb"), filepath.Join(dir, "pipe")
	if err := os.WriteFile(file, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a.ipynb", link); err != nil {
		t.Fatal(err)
	}
	if err := nb.WriteFile(link); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Lstat(link); err != nil || st.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v %v", st, err)
	}
	if again, err := ReadFile(file); err != nil || len(again.Cells) != 1 {
		t.Errorf("the file behind the link: %v", err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan []byte)
	go func() {
		b, _ := os.ReadFile(pipe)
		read <- b
	}()
	if err := nb.WriteFile(pipe); err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(<-read); err != nil {
		t.Errorf("through the pipe: %v", err)
	}
	if st, err := os.Lstat(pipe); err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe is gone: %v %v", st, err)
	}
}

func TestLanguage(t *testing.T) {
	for metadata, want := range map[string]string{`{}`: "", `{"kernelspec": {"language": "python"}}`: "python", `{"language_info": {"name": "go"}, "kernelspec": {"name": "gonb"}}`: "go", `[]`: ""} {
		nb, err := Parse([]byte(`{"nbformat":4,"nbformat_minor":5,"metadata":` + metadata + `,"cells":[]}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := nb.Language(); got != want {
			t.Errorf("%s: %q, want %q", metadata, got, want)
		}
	}
}
