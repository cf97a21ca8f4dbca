package engine

import (
	"fmt"
	"strings"
	"testing"
)

func TestGonbuiPrograms(t *testing.T) {
	nb := open(t)
	out := nb.run(`fmt.Println("before")
gonbui.DisplayHTML("<b>hello</b>")
gonbui.DisplayMarkdown("*hi*")
id := gonbui.UniqueId()
gonbui.UpdateHTML(id, "<i>1</i>")
gonbui.UpdateHTML(id, "<i>2</i>")
gonbui.Sync()`)
	var got []string
	for _, d := range out.displays {
		got = append(got, fmt.Sprintf("%v %v %v %v", d.Data["text/html"], d.Data["text/markdown"], d.ID != "", d.Update))
	}
	want := "<b>hello</b> <nil> false false|<nil> *hi* false false|<i>1</i> <nil> true false|<i>2</i> <nil> true true"
	if strings.Join(got, "|") != want {
		t.Errorf("displays\n%s\nwant\n%s", strings.Join(got, "|"), want)
	}
	nb.shows("gonbui.IsNotebook", "true")
}

func TestDisplaysAreCompleteAtTheEndOfTheCell(t *testing.T) {
	nb := open(t)
	if out := nb.run("for i := range 50 { gonbui.DisplayHTML(fmt.Sprint(i)) }"); len(out.displays) != 50 {
		t.Errorf("%d displays, want 50", len(out.displays))
	}
}

func TestInputRequest(t *testing.T) {
	nb := open(t)
	out := &record{answers: []string{"Ada"}}
	_, err := nb.tryInto(t.Context(), `gonbui.RequestInput("name? ", false)
var name string
fmt.Scanln(&name)
fmt.Print("hello ", name)`, out)
	if err != nil || out.stdout != "hello Ada" {
		t.Errorf("prints %q, error %v", out.stdout, err)
	}
}
