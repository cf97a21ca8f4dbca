package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl/privacy/sealed"
	"modelbook/kernel/savefile"
)

func TestASessionSurvivesItsProcess(t *testing.T) {
	nb := open(t)
	for _, code := range []string{"type point struct{ x, y int }\n\nfunc (p point) sum() int { return p.x + p.y }",
		"import tpl \"text/template\"",
		"p := &point{1, 2}\nall := map[string]*point{\"p\": p}\nxs := []float64{1, 2, 3}",
		"var shape any = point{3, 4}\nvar err error = errors.New(\"old\")\n_ = err\nnow := time.Unix(5, 0).UTC()\nm := mat.NewDense(1, 2, []float64{7, 8})",
		"later := func() int { return 1 }\npages := make(chan int)",
		"func double(n int) int { return 2 * n }\nfunc init_loud() { fmt.Println(\"loud\") }",
		"t := tpl.Must(tpl.New(\"t\").Parse(\"x\"))"} {
		nb.run(code)
	}
	file := filepath.Join(nb.Dir(), "kept.mbk")
	out := nb.run("%save kept.mbk").stdout
	for _, want := range []string{"7 variables", "not saved: later (later: a function", "not saved: pages", "not saved: t ("} {
		if !strings.Contains(out, want) {
			t.Errorf("%%save says\n%s\nwithout %q", out, want)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v: not for this user alone", info, err)
	}
	if r := nb.run("late := 1\n%save other.mbk"); !strings.Contains(r.stderr, "give %save a cell of its own") {
		t.Errorf("%%save behind Go code says %q", r.stderr)
	}
	if err := nb.Restart(); err != nil {
		t.Fatal(err)
	}
	out = nb.run("%load_session kept.mbk").stdout
	if !strings.Contains(out, "7 variables") || strings.Contains(out, "loud") || !strings.Contains(out, "without a value: later") {
		t.Errorf("%%load_session says\n%s", out)
	}
	nb.prints("all[\"p\"].x = 5\nfmt.Println(p.sum(), all[\"p\"] == p, xs, shape.(point).sum(), err, now.Unix(), m.At(0, 1), double(4))", "7 true [1 2 3] 7 old 5 8 8\n")
	// what came back can be saved again, and loads over what is there
	nb.run("%save kept.mbk")
	nb.run("xs = nil\n")
	nb.run("%load_session kept.mbk")
	nb.prints("fmt.Println(len(xs))", "3\n")
}

// An encrypted session holds nothing that can be read, and is opened by its key alone.
func TestAnEncryptedSession(t *testing.T) {
	nb := open(t)
	key, err := sealed.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	other, err := sealed.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]sealed.Key{"key.txt": key, "other.txt": other} {
		if err := os.WriteFile(filepath.Join(nb.Dir(), name), []byte(k.Secret()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	nb.run("secret := strings.Repeat(\"a patient's name \", 3)\nxs := []float64{1, 2, 3}")
	if out := nb.run("%save -key key.txt a.mbk").stdout; !strings.Contains(out, "2 variables") {
		t.Errorf("%%save says %q", out)
	}
	file, err := os.ReadFile(filepath.Join(nb.Dir(), "a.mbk"))
	if err != nil || bytes.Contains(file, []byte("patient")) || bytes.Contains(file, []byte("float64")) {
		t.Error("the file can be read", err)
	}
	left, err := filepath.Glob(filepath.Join(nb.scratch.dir, "values*"))
	if err != nil || len(left) > 0 {
		t.Error("left behind:", left, err)
	}
	nb.run("secret, xs = \"\", nil")
	for _, c := range [][2]string{{"%load_session a.mbk", "is encrypted"}, {"%load_session -key other.txt a.mbk", "another key"}, {"%load_session -key none.txt a.mbk", "none.txt"}} {
		if _, err := nb.try(c[0]); err == nil || !strings.Contains(err.Value, c[1]) {
			t.Errorf("%s says %v", c[0], err)
		}
	}
	if out := nb.run("%load_session -key key.txt a.mbk").stdout; !strings.Contains(out, "2 variables") {
		t.Errorf("%%load_session says %q", out)
	}
	nb.prints("fmt.Println(secret[:9], xs)", "a patient [1 2 3]\n")
}

func TestADamagedSessionIsRefused(t *testing.T) {
	nb := open(t)
	nb.run("x := 5")
	nb.run("%save a.mbk")
	file := filepath.Join(nb.Dir(), "a.mbk")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("modelbook session 99\nwhatever"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := nb.try("%load_session a.mbk"); err == nil || !strings.Contains(err.Value, "another version of modelbook") {
		t.Errorf("a file of another version: %v", err)
	}
	for _, b := range [][]byte{nil, []byte("PK\x03\x04"), whole[:len(whole)-1], whole[:30], bytes.Replace(whole, []byte("\"Vars\""), []byte("\"Vars:"), 1)} {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := nb.try("%load_session a.mbk"); err == nil || !strings.Contains(err.Value, "is damaged") && !strings.Contains(err.Value, "not a session") {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
	nb.prints("fmt.Println(x)", "5\n")
}

func TestATrainingGoesOnAfterItsSessionIsLoaded(t *testing.T) {
	nb := open(t)
	nb.run("import (\n\t\"modelbook/dl\"\n\t\"modelbook/dl/data\"\n\t\"modelbook/dl/metric\"\n\t\"modelbook/dl/nn\"\n\t\"modelbook/dl/optim\"\n\t\"modelbook/dl/train\"\n)\nxs := dl.NewRand(3).Normals(0, 1, 60, 2)\nys := dl.Zeros(60, 1)\nfor i := range 60 {\n\tys.Set(xs.At(i, 0)-2*xs.At(i, 1), i, 0)\n}\nset := data.FromTensors(xs, ys)\nsource := dl.NewRand(9)\n_ = source.Uint64()\n" +
		"measures := []metric.Metric{metric.Recall{Class: metric.Only(1)}, metric.Weighted{Metric: metric.F1{}}, metric.Precision{}}")
	nb.run("model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 8, Activation: nn.ReLU}, nn.Dropout{Rate: 0.2}, nn.Dense{Units: 1})\n" +
		"trainer := &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.Adam{LearningRate: 0.01, Schedule: optim.Step{Every: 40, Gamma: 0.5},\n" +
		"\tGroups: []optim.Group{{Parameters: nn.Trainable(model.Layers[2]), RateFactor: 0.1}}}, Seed: 5}\n" +
		"twin, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 3}, nn.Dense{Units: 1})\n" +
		"fresh := &train.Trainer{Model: twin, Loss: nn.MSE, Optimizer: &optim.SGD{Groups: []optim.Group{{Parameters: nn.Trainable(twin.Layers[0]), RateFactor: 0.1}}}}\n" +
		"rate := &trainer.Optimizer\nhistory, err := trainer.Fit(ctx, set, train.Options{Epochs: 2, BatchSize: 4})")
	nb.run("mine := &train.Trainer{Model: model, Loss: nn.Loss{Name: \"mine\", Of: dl.MSE}, Optimizer: &optim.SGD{}}")
	if out := nb.run("%save").stdout; strings.Count(out, "not saved") != 1 || !strings.Contains(out, "mine.Loss: nn: the loss \"mine\" is a function of your own") {
		t.Errorf("%%save says\n%s", out)
	}
	more := "history, err = trainer.Fit(ctx, set, train.Options{Epochs: 2, BatchSize: 4})\nfmt.Println(history.Get(\"loss\"), model.Predict(xs).Sum().Item(), source.Uint64())\n" +
		"late, err := fresh.Fit(ctx, set, train.Options{})\nfmt.Println(late.Get(\"loss\"), twin.Predict(xs).Sum().Item(), measures)"
	want := nb.run(more).stdout
	if err := nb.Restart(); err != nil {
		t.Fatal(err)
	}
	if out := nb.run("%load_session").stdout; strings.Contains(out, "without a value: t") {
		t.Errorf("%%load_session says\n%s", out)
	}
	nb.prints("fmt.Println(trainer.Model == nn.Module(model), trainer.History == history, *rate == trainer.Optimizer, len(history.Epochs))", "true true true 2\n")
	if got := nb.run(more).stdout; got != want || got == "" {
		t.Errorf("after the load\n%s\nwithout\n%s", got, want)
	}
}

func TestASessionFileRunsNothing(t *testing.T) {
	nb := open(t)
	nb.run("type loud struct{ N int }\n\nfunc (l *loud) UnmarshalBinary(b []byte) error { fmt.Println(\"ran\"); return nil }\n\nfunc (l *loud) MarshalBinary() ([]byte, error) { return nil, nil }")
	nb.run("type pair[K comparable, V any] struct {\n\tK K\n\tV V\n}\ntype kind int\nvar boxed any = pair[kind, string]{1, \"c\"}\nvar bare any = struct {\n\tX int `json:\"x\"`\n\ty kind\n}{2, 3}\nre := regexp.MustCompile(\"a+\")\nrd := rand.New(rand.NewPCG(1, 2))")
	nb.run("l := loud{7}\ntype at struct {\n\ttime.Time\n\tname string\n}\nwhen := at{time.Unix(5, 0).UTC(), \"tea\"}")
	nb.run("%save a.mbk")
	if out := nb.run("%load_session a.mbk").stdout; strings.Contains(out, "ran") {
		t.Errorf("%%load_session says\n%s", out)
	}
	nb.prints("fmt.Println(boxed, bare, re, rd.IntN(1000) == rand.New(rand.NewPCG(1, 2)).IntN(1000))", "{1 c} {2 3} a+ true\n")
	nb.prints("fmt.Println(l.N, when.Unix(), when.name)", "7 5 tea\n")
	file := filepath.Join(nb.Dir(), "a.mbk")
	h, values, err := savefile.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	body := filepath.Join(nb.Dir(), "values")
	if err := os.WriteFile(body, values, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(h *savefile.Header){
		func(h *savefile.Header) { h.Decls += "\nfmt.Println(\"ran\")\n" },
		func(h *savefile.Header) { h.Decls += "\n!echo ran\n" },
		func(h *savefile.Header) { h.Decls += "\nfunc init() { fmt.Println(\"ran\") }\n" },
		func(h *savefile.Header) { h.Decls += "\nfunc main() { fmt.Println(\"ran\") }\n" },
		func(h *savefile.Header) { h.Decls += "\n%%\nfmt.Println(\"ran\")\n" },
		func(h *savefile.Header) { h.Decls = "%%bash\necho ran\n" },
		func(h *savefile.Header) { h.Decls += "\nvar v, err = fmt.Println(\"ran\")\n" },
		func(h *savefile.Header) {
			h.Vars = append(h.Vars, "var v = func() int { fmt.Println(\"ran\"); return 1 }()")
		},
		func(h *savefile.Header) { h.Vars = append(h.Vars, "fmt.Println(\"ran\")") },
		func(h *savefile.Header) {
			h.Types = append(h.Types, savefile.Type{Key: "k", Text: "int)(nil)); fmt.Println(\"ran\"); _ = (*int"})
		},
	} {
		bad := h
		bad.Vars, bad.Types = slices.Clone(h.Vars), slices.Clone(h.Types)
		change(&bad)
		if err := savefile.Write(file, bad, body); err != nil {
			t.Fatal(err)
		}
		r, err := nb.try("%load_session a.mbk")
		if err == nil || !strings.Contains(err.Value, "is not a session that %save has written") || strings.Contains(r.stdout, "ran") {
			t.Errorf("%s: %v, printed %q", strings.TrimPrefix(bad.Decls, h.Decls), err, r.stdout)
		}
	}
	bad := h
	bad.Decls = "import \"example.com/no/such/module\"\n" + h.Decls
	if err := savefile.Write(file, bad, body); err != nil {
		t.Fatal(err)
	}
	if _, err := nb.try("%load_session a.mbk"); err == nil || !strings.Contains(strings.Join(err.Traceback, "\n"), "No packages are downloaded") {
		t.Errorf("a module that is not there: %v", err)
	}
}

// testdata/v1.mbk was written before dl's types had the fields that they have now.
func TestFirstSessionsAreLoaded(t *testing.T) {
	nb := open(t)
	old, err := os.ReadFile("testdata/v1.mbk")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(nb.Dir(), "v1.mbk"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	if out := nb.run("%load_session v1.mbk").stdout; !strings.Contains(out, "13 variables") || strings.Contains(out, "without a value") {
		t.Errorf("%%load_session says\n%s", out)
	}
	nb.prints("fmt.Println(trainer.Model == nn.Module(model), trainer.History == history, half.Len(), held.Len(), sgd.Momentum, len(parts), acc[1].Name())",
		"true true 30 30 0.9 4 top2\n")
	out := nb.run("history, err = trainer.Fit(ctx, set, train.Options{Epochs: 2, BatchSize: 4})\n" +
		"fmt.Printf(\"%.3f %.3f %v\\n\", history.Get(\"loss\"), model.Predict(xs).Sum().Item(), source.Uint64())").stdout
	if want := "[5.477 2.941 2.303 1.456] -16.004 4773049234814170970\n"; out != want { // as it went on when it was written
		t.Errorf("got %s, want %s", out, want)
	}
}

func TestErrorsKeepTheirIdentityInASession(t *testing.T) {
	nb := open(t)
	for _, code := range []string{
		"var ErrMine = errors.New(\"mine\")\ne := io.EOF\nwrapped := fmt.Errorf(\"reading: %w\", errors.Join(fs.ErrNotExist, ErrMine))",
		"type failure struct{ Code int }\nfunc (f *failure) Error() string { return \"failure\" }\nvar typed error = fmt.Errorf(\"typed: %w\", &failure{3})",
		"client, none, late := http.DefaultClient, sql.ErrNoRows, context.DeadlineExceeded\n_, opened := os.Open(\"/nowhere\")\n_ = opened",
		"record := httptest.NewRecorder\nbuilt := build.Default.GOOS\nimport \"go/build\"\nmulti := error(&build.NoGoError{Dir: \"x\"})",
	} {
		nb.run(code)
	}
	nb.run("%save kept.mbk")
	if err := nb.Restart(); err != nil {
		t.Fatal(err)
	}
	nb.run("%load_session kept.mbk")
	nb.prints("var f *failure\nfmt.Println(e == io.EOF, errors.Is(wrapped, fs.ErrNotExist), errors.Is(wrapped, ErrMine), errors.As(typed, &f) && f.Code == 3, client == http.DefaultClient, none == sql.ErrNoRows, late == context.DeadlineExceeded, errors.Is(opened, os.ErrNotExist))",
		"true true true true true true true true\n")
}

// What does not come back as it was is told when it is saved.
func TestSaveTellsOfSharedMemory(t *testing.T) {
	nb := open(t)
	nb.run("type C struct{ M, N int }\nc := &C{1, 2}\nx, y := &c.M, c")
	if out := nb.run("%save"); out.stderr != "note: pointers into a structure, array or slice, and parts of slices, come back as copies: in c and x\n" {
		t.Errorf("stderr %q", out.stderr)
	}
	nb.run("%restart\n%load_session")
	nb.prints("c.N = 7; fmt.Print(*x, y.N, c == y)", "1 7 true")
}
