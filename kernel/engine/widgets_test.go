package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"modelbook/kernel/toolchain"
)

// Widgets of package ipywidgets live between cells: they are made, moved, read
// and shown in different ones, and are gone after a restart.
func TestCellsMakeWidgets(t *testing.T) {
	t.Parallel()
	f := newFrontEnd(t)
	e, err := New(Config{Home: prepared(t, "libraries", toolchain.Libraries()), Dir: t.TempDir(), Comms: f.Registry})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	nb := &notebook{t: t, Engine: e}
	ran := nb.run(`slider := ipywidgets.NewIntSlider(3, 1, 10)
moved := make(chan int, 10)
slider.OnChange(func(n int) { moved <- n })
slider`)
	if want := `IntSlider(max=10, min=1, value=3)`; len(ran.results) != 1 || ran.results[0] != want {
		t.Errorf("shown as %q, want %q", ran.results, want)
	}
	id := ""
	for id == "" { // its layout and style are opened before it
		var open struct {
			ID   string `json:"comm_id"`
			Data struct{ State map[string]any }
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(f.sees("comm_open "), "comm_open ")), &open); err != nil {
			t.Fatal(err)
		}
		if open.Data.State["_model_name"] == "IntSliderModel" {
			id = open.ID
		}
	}
	f.Message(id, json.RawMessage(`{"method":"update","state":{"value":7},"buffer_paths":[]}`))
	f.sees(fmt.Sprintf(`comm_msg {"comm_id":%q,"data":{"method":"echo_update","state":{"value":7}`, id))
	nb.shows("<-moved", "7")
	nb.shows("slider.Value()", "7")
	nb.run("slider.SetValue(2)")
	f.sees(fmt.Sprintf(`comm_msg {"comm_id":%q,"data":{"buffer_paths":[],"method":"update","state":{"value":2}}}`, id))

	nb.run(`in := ipywidgets.Interact(func(n int, name string) string { return fmt.Sprint(name, n) }, 2, []string{"a", "b"})`)
	nb.shows(`in.Controls[0].Set("value", 5)
for in.Output.Get("outputs").([]map[string]any)[0]["data"].(map[string]any)["text/plain"] != "\"a5\"" {
	time.Sleep(time.Millisecond)
}
"redrawn"`, `"redrawn"`)
	// What a function prints is its widget's, what the cell prints the cell's.
	ran = nb.run(`out := ipywidgets.NewOutput()
out.Capture(func() {
	fmt.Println("captured")
	fmt.Fprintln(os.Stderr, "with errors")
	var wg sync.WaitGroup
	wg.Go(func() { log.Print("of a goroutine") })
	wg.Wait()
})
fmt.Println("the cell's")`)
	if ran.stdout != "the cell's\n" || ran.stderr != "" {
		t.Errorf("the cell prints %q and %q", ran.stdout, ran.stderr)
	}
	captured := nb.run(`for _, o := range out.Get("outputs").([]map[string]any) { fmt.Print(o["name"], " ", o["text"]) }`).stdout
	if !strings.HasPrefix(captured, "stdout captured\nstderr with errors\n") || !strings.HasSuffix(captured, "of a goroutine\n") {
		t.Errorf("captured %q", captured)
	}
	nb.run(`printed := ipywidgets.Interact(func(n int) { fmt.Println("n is", n) }, 3)`)
	nb.shows(`printed.Output.Get("outputs").([]map[string]any)[0]["text"]`, `"n is 3\n"`)
	if n := len(f.Info("jupyter.widget")); n < 10 {
		t.Errorf("%d widgets are open", n)
	}
	if err := e.Restart(); err != nil {
		t.Fatal(err)
	}
	f.sees("comm_close")
	if n := len(f.Info("")); n != 0 {
		t.Errorf("%d comms are open after a restart", n)
	}
}
