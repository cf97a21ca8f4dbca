package notebook

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"modelbook/kernel/engine"
)

func TestPage(t *testing.T) {
	nb, err := Parse([]byte(`{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[
	 {"cell_type":"markdown","source":"# A *title*\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n![dot](attachment:dot.png)","metadata":{},"attachments":{"dot.png":{"image/png":"iVBO"}}},
	 {"cell_type":"code","source":"x := \"<b>\" // text","metadata":{},"execution_count":3,"outputs":[
	  {"output_type":"stream","name":"stdout","text":["1 < 2\n","\u001b[31mred\u001b[0m\n"]},
	  {"output_type":"display_data","data":{"image/png":"iVBO\nRw0K","text/plain":"a \"picture\""},"metadata":{"image/png":{"width":100}}},
	  {"output_type":"execute_result","execution_count":3,"data":{"text/html":"<i>rich</i>","text/plain":"poor"},"metadata":{}},
	  {"output_type":"display_data","data":{"image/svg+xml":"<svg><script>alert(1)</script></svg>"},"metadata":{}},
	  {"output_type":"error","ename":"Panic","evalue":"oops","traceback":[]}]},
	 {"cell_type":"code","source":"secret()","metadata":{"tags":["hide-input"]},"execution_count":4,"outputs":[{"output_type":"stream","name":"stdout","text":"shown"}]},
	 {"cell_type":"code","source":"gone()","metadata":{"tags":["remove_cell"]},"execution_count":5,"outputs":[]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := nb.HTML("t & t", false)
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for _, want := range []string{"<title>t &amp; t</title>", "<h1 id=\"a-title\">A <em>title</em></h1>", "<td>2</td>", "src=\"data:image/png;base64,iVBO\"",
		"x := <span class=\"string\">&#34;&lt;b&gt;&#34;</span> <span class=\"comment\">// text</span>", "[3]",
		"1 &lt; 2", "<span class=\"ansi-red\">red</span>", `<img src="data:image/png;base64,iVBORw0K" alt="a &#34;picture&#34;" width="100">`, "<i>rich</i>", "Panic: oops", "shown"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, not := range []string{"poor", "secret", "gone", "<script"} {
		if strings.Contains(page, not) {
			t.Errorf("the page has %s", not)
		}
	}
	if b, _ := nb.HTML("t", true); strings.Contains(string(b), "x := ") {
		t.Error("code is shown although it was not wanted")
	}
	if nb.Title() != "A *title*" {
		t.Errorf("title %q", nb.Title())
	}
	if dir := os.Getenv("MODELBOOK_PAGES"); dir != "" { // to look at
		os.WriteFile(dir+"/page.html", b, 0o644)
	}
}

// A text of a stranger runs nothing, and looks as it was meant to.
func TestHTMLInMarkdown(t *testing.T) {
	for source, want := range map[string]string{
		"a <b onclick=\"x()\">b</b> c":                             "<p>a <b>b</b> c</p>",
		"a <script>alert(1)</script> b":                            "<p>a alert(1) b</p>",
		"<script>\nalert(1)\n</script>\n\nafter":                   "<p>after</p>",
		"<img src=x onerror=alert(1)>":                             "<img src=\"x\">",
		"[a](javascript:alert(1))":                                 "<p><a href=\"\">a</a></p>",
		"<a href=\"javascript:alert(1)\">a</a>":                    "<p>a</a></p>",
		"<iframe src=\"https://example.org\"></iframe>":            "",
		"<svg><script>alert(1)</script></svg>":                     "<p>alert(1)</p>",
		"<div style=\"color: red; position: fixed\">x</div>":       "<div style=\"color: red\">x</div>",
		"<details><summary>More</summary>\n\n*text*\n\n</details>": "<details><summary>More</summary>\n<p><em>text</em></p>\n</details>",
		"![p](data:image/png;base64,iVBO)":                         "<p><img src=\"data:image/png;base64,iVBO\" alt=\"p\"></p>",
		"![p](data:image/svg+xml;base64,PHN2)":                     "<p><img src=\"data:image/svg+xml;base64,PHN2\" alt=\"p\"></p>",
		"![p](data:text/html;base64,PHN2)":                         "<p><img src=\"\" alt=\"p\"></p>",
		"```go\nfunc f() {}\n```":                                  "<pre><code><span class=\"keyword\">func</span> f() {}\n</code></pre>",
		"```\n<b>\n```":                                            "<pre><code>&lt;b&gt;\n</code></pre>",
	} {
		if got := strings.TrimSpace(renderMarkdown(source)); got != want {
			t.Errorf("%q:\n%s, want\n%s", source, got, want)
		}
	}
}

func TestParametersOfANotebook(t *testing.T) {
	nb := book(t, "print", "show")
	nb.Cells[0].Tags = []string{"parameters"}
	nb.Cells[0].Source = "%cd x\nepochs := 10\nrate, name := 1e-3, \"cnn\"\nvar sizes []int\nlayers := []float64{1, 2}"
	var got []string
	for _, p := range nb.Declared() {
		got = append(got, p.String())
	}
	if want := "epochs = 10; rate = 1e-3; name = \"cnn\"; sizes []int; layers = []float64{1, 2}"; strings.Join(got, "; ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "; "), want)
	}
	p, err := nb.ReadParameters([]byte(`{"epochs": 3, "name": "a \"b\"", "sizes": [1, 2], "layers": []}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := nb.Inject(p); err != nil {
		t.Fatal(err)
	}
	if got, want := nb.Cells[1].Source, "// Set for this run.\nepochs = 3\nlayers = []float64{}\nname = \"a \\\"b\\\"\"\nsizes = []int{1, 2}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := nb.Inject([]Parameter{{Name: "layers", Value: `"[1, 0.5]"`}}); err != nil || !strings.HasSuffix(nb.Cells[1].Source, "\nlayers = []float64{1, 0.5}") {
		t.Errorf("a list on the command line: %v, %s", err, nb.Cells[1].Source)
	}
	if got := nb.Fill("out/{name}_{epochs}_{other}.ipynb", []Parameter{{Name: "name", Value: `"a/b"`}}); got != "out/a_b_10_{other}.ipynb" {
		t.Errorf("the path %s", got)
	}
	for text, want := range map[string]string{`[1]`: "JSON object", `{"epochs": [1]}`: "neither a list", `{"epochs": null}`: "cannot be written in Go", `{"a b": 1}`: "variable of Go"} {
		if _, err := nb.ReadParameters([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := nb.Inject([]Parameter{{Name: "epoch", Value: "1"}}); err == nil || !strings.Contains(err.Error(), "there are epochs, rate") {
		t.Errorf("an unknown parameter: %v", err)
	}
}

func TestARunIsRecordedAndSavedCellByCell(t *testing.T) {
	nb := book(t, "print", "nonsense", "print", "nonsense")
	saved := 0
	r := Runner{Engine: play, KeepGoing: true, After: func() error { saved++; _, err := nb.Encode(); return err }}
	err := r.Run(context.Background(), nb)
	if f, ok := err.(*CellFailure); !ok || f.Number != 2 {
		t.Fatalf("got %v, want the first failure", err)
	}
	if saved != 4 {
		t.Errorf("saved %d times, want after each of 4 cells", saved)
	}
	b, _ := nb.Encode()
	for _, want := range []string{`"status": "completed"`, `"status": "failed"`, `"duration":`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the notebook lacks %s", want)
		}
	}
}

func TestALongCellIsSavedWhileItRuns(t *testing.T) {
	nb := book(t, "print and wait")
	saved, once := make(chan bool), sync.Once{}
	r := Runner{SaveEvery: time.Millisecond, After: func() error {
		b, err := nb.Encode()
		if strings.Contains(string(b), "so far") {
			once.Do(func() { close(saved) })
		}
		return err
	}, Engine: acts{"print and wait": func(_ context.Context, out engine.Sink) error {
		out.Stream("stdout", "so far\n")
		select {
		case <-saved:
			return nil
		case <-time.After(time.Minute):
			return errors.New("not saved")
		}
	}}}
	if err := r.Run(context.Background(), nb); err != nil {
		t.Fatal(err)
	}
}

func TestAFailureIsMarkedAtTheTopUntilTheNextRun(t *testing.T) {
	nb := book(t, "print", "nonsense")
	r := Runner{Engine: play}
	for range 2 {
		var f *CellFailure
		if err := r.Run(context.Background(), nb); !errors.As(err, &f) || len(nb.Cells) != 2 {
			t.Fatalf("%v, %d cells", err, len(nb.Cells))
		}
		nb.MarkFailure(f)
		if len(nb.Cells) != 4 || !strings.Contains(nb.Cells[0].Source, "In [2]") || !strings.Contains(nb.Cells[2].Source, "failed here") || nb.Cells[3].Source != "nonsense" {
			t.Errorf("the cells: %+v", nb.Cells)
		}
		b, err := nb.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if nb, err = Parse(b); err != nil {
			t.Fatal(err)
		}
	}
}
