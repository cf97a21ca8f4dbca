package comms

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"modelbook/kernel/jupyter"
)

// published is what a registry sends to front ends, as text.
type published struct {
	mu  sync.Mutex
	all []string
}

func (p *published) publish(content jupyter.Published) {
	b, err := json.Marshal(content)
	if err != nil {
		b = []byte(err.Error())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	text := content.MessageType() + " " + string(b)
	if with, ok := content.(interface{ Attachment() jupyter.Attached }); ok {
		if m := with.Attachment().Metadata; m != nil {
			text += " with " + string(m)
		}
		for _, b := range with.Attachment().Buffers {
			text += fmt.Sprintf(" and %q", b)
		}
	}
	p.all = append(p.all, text)
}

// take returns what was published since the last call.
func (p *published) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.all
	p.all = nil
	return all
}

func newRegistry() (*Registry, *published) {
	r, p := New(), &published{}
	r.Attach(p.publish)
	return r, p
}

func TestAnUnknownTargetIsClosed(t *testing.T) {
	r, p := newRegistry()
	r.Opened("7", "nobody", nil)
	if got, want := p.take(), []string{`comm_close {"comm_id":"7","data":{}}`}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if r.Message("7", nil) || len(r.Info("")) != 0 {
		t.Error("the comm is open")
	}
}

func TestCommsOpenedByAFrontEnd(t *testing.T) {
	r, p := newRegistry()
	var told []string
	r.Register("echo", func(c *Comm, data json.RawMessage) {
		told = append(told, "open "+string(data))
		c.OnMessage = func(data json.RawMessage, buffers [][]byte) { c.Send(data, buffers...) }
		c.OnClose = func(data json.RawMessage) { told = append(told, "close "+string(data)) }
	})
	r.Opened("a", "echo", json.RawMessage(`{"x":1}`))
	r.Opened("b", "echo", json.RawMessage(`{}`))
	if !r.Message("a", json.RawMessage(`{"y":2}`)) {
		t.Error("no comm a")
	}
	info, _ := json.Marshal(r.Info("echo"))
	if string(info) != `{"a":{"target_name":"echo"},"b":{"target_name":"echo"}}` || len(r.Info("other")) != 0 {
		t.Errorf("info %s", info)
	}
	r.Closed("a", json.RawMessage(`{"z":3}`))
	r.Closed("a", nil)
	if r.Message("a", nil) {
		t.Error("comm a is still open")
	}
	if got, want := p.take(), []string{`comm_msg {"comm_id":"a","data":{"y":2}}`}; !slices.Equal(got, want) {
		t.Errorf("published %q, want %q", got, want)
	}
	if want := []string{`open {"x":1}`, `open {}`, `close {"z":3}`}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	r.Unregister("echo")
	r.Opened("c", "echo", nil)
	if got := p.take(); len(got) != 1 || !strings.HasPrefix(got[0], "comm_close") {
		t.Errorf("a target that is gone: %q", got)
	}
}

func TestCommsOpenedByTheKernel(t *testing.T) {
	r, p := newRegistry()
	var told []string
	c := r.Open("there", map[string]int{"x": 1}, func(data json.RawMessage, _ [][]byte) { told = append(told, string(data)) },
		func(json.RawMessage) { told = append(told, "closed") })
	c.Send(map[string]int{"y": 2})
	r.Message(c.ID, json.RawMessage(`"hello"`))
	c.Close(nil)
	c.Close(nil)
	want := []string{
		fmt.Sprintf(`comm_open {"comm_id":%q,"data":{"x":1},"target_name":"there"}`, c.ID),
		fmt.Sprintf(`comm_msg {"comm_id":%q,"data":{"y":2}}`, c.ID),
		fmt.Sprintf(`comm_close {"comm_id":%q,"data":{}}`, c.ID),
	}
	if got := p.take(); !slices.Equal(got, want) {
		t.Errorf("published %q, want %q", got, want)
	}
	r.Closed(r.Open("nowhere", nil, nil, func(json.RawMessage) { told = append(told, "closed") }).ID, nil)
	if want := []string{`"hello"`, "closed"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestTheNumberOfCommsIsBounded(t *testing.T) {
	r, p := newRegistry()
	r.Register("x", func(*Comm, json.RawMessage) {})
	for i := range maxOpen + 3 {
		r.Opened(fmt.Sprint(i), "x", nil)
	}
	if len(r.Info("")) != maxOpen || len(p.take()) != 3 {
		t.Errorf("%d comms are open", len(r.Info("")))
	}
}

func TestValuesOfAPage(t *testing.T) {
	for _, test := range []struct {
		json string
		want any
	}{
		{`3`, 3.0}, {`"3"`, "3"}, {`""`, ""}, {`[1, 2.5]`, []float64{1, 2.5}}, {`[]`, []float64{}}, {`["a"]`, []string{"a"}},
		{`{"a": 1}`, map[string]float64{"a": 1}}, {`{"a": "b"}`, map[string]string{"a": "b"}},
		{`true`, "true"}, {`null`, "null"}, {`{"a": [1]}`, `{"a": [1]}`}, {`[1, "a"]`, `[1, "a"]`},
	} {
		if got := value(json.RawMessage(test.json)); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %#v, want %#v", test.json, got, test.want)
		}
	}
}

// newPage makes a page, and writes down what it delivers.
func newPage() (*Page, *Registry, *published, func() []string) {
	r, p := newRegistry()
	page := NewPage(r, "the-kernel")
	var told []string
	page.Receive(func(address string, value any) { told = append(told, fmt.Sprint(address, "=", value)) }, func() { told = append(told, "connected") })
	return page, r, p, func() []string { return told }
}

func TestValuesWaitForThePageThatWasAskedToConnect(t *testing.T) {
	page, r, p, told := newPage()
	if js := page.Connect(); !strings.Contains(js, `"kernel":"the-kernel"`) || strings.Contains(js, "</script") {
		t.Errorf("%s", js)
	}
	page.Send("/a", 1)
	page.Read("/b")
	page.Run("f()")
	if got := p.take(); len(got) != 0 {
		t.Errorf("published %q before a page is there", got)
	}
	r.Opened("1", TargetName, nil)
	want := []string{
		`comm_msg {"comm_id":"1","data":{"address":"/a","value":1}}`,
		`comm_msg {"comm_id":"1","data":{"address":"/b","read_request":true}}`,
		`comm_msg {"comm_id":"1","data":{"address":"#modelbook/run","value":"f()"}}`,
	}
	if got := p.take(); !slices.Equal(got, want) {
		t.Errorf("published %q, want %q", got, want)
	}
	r.Message("1", json.RawMessage(`{"address":"/c","value":"x"}`))
	r.Message("1", json.RawMessage(`{"address":"#heartbeat/ping","value":true}`))
	r.Message("1", json.RawMessage(`["not ours"]`))
	if want := []string{"connected", "/c=x"}; !slices.Equal(told(), want) {
		t.Errorf("told %q, want %q", told(), want)
	}
	if got, want := p.take(), []string{`comm_msg {"comm_id":"1","data":{"address":"#heartbeat/pong","value":true}}`}; !slices.Equal(got, want) {
		t.Errorf("published %q, want %q", got, want)
	}
	if err := page.Send("/a", func() {}); err == nil {
		t.Error("a function was sent")
	}

	page.Connect() // in the next cell: the page is asked, and a value waits until it has said hello
	page.Send("/a", 2)
	if got := p.take(); len(got) != 1 || !strings.Contains(got[0], pingAddress) {
		t.Errorf("published %q", got)
	}
	r.Message("1", json.RawMessage(`{"address":"#modelbook/hello","value":true}`))
	if got := p.take(); len(got) != 1 || !strings.Contains(got[0], `"value":2`) {
		t.Errorf("published %q", got)
	}
}

func TestAPageThatIsGoneIsFoundOut(t *testing.T) {
	page, r, p, _ := newPage()
	r.Opened("old", TargetName, nil)
	r.Opened("other", TargetName, nil)
	page.Connect()
	r.Message("other", json.RawMessage(`{"address":"#heartbeat/pong","value":true}`))
	r.Opened("new", TargetName, nil) // after a reload
	page.mu.Lock()
	for _, peer := range page.peers {
		if !peer.asked.IsZero() {
			peer.asked = peer.asked.Add(-2 * silence)
		}
	}
	page.mu.Unlock()
	p.take()
	page.Connect()
	if got := p.take(); !slices.Contains(got, `comm_close {"comm_id":"old","data":{}}`) || len(r.Info(TargetName)) != 2 {
		t.Errorf("published %q, open %v", got, r.Info(TargetName))
	}
	r.Closed("other", nil)
	r.Opened("newer", TargetName, nil)
	p.take()
	page.Send("/a", 1)
	if got := p.take(); len(got) != 2 {
		t.Errorf("published %q, want it for two pages", got)
	}
}

func TestPing(t *testing.T) {
	page, r, p, _ := newPage()
	if page.Ping(time.Millisecond) {
		t.Error("a page that is not there answers")
	}
	r.Opened("1", TargetName, nil)
	if page.Ping(time.Millisecond) {
		t.Error("a page that does not answer answers")
	}
	r.Attach(func(content jupyter.Published) {
		p.publish(content)
		go r.Message("1", json.RawMessage(`{"address":"#heartbeat/pong","value":true}`))
	})
	if !page.Ping(10 * time.Second) {
		t.Error("no answer")
	}
}

// FuzzMessage feeds what a page may send.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{`{"address":"/a","value":1}`, `{"address":"/a","value":{"x":[1,"a",null]}}`, `{"address":"#heartbeat/ping","value":0}`,
		`{"address":5}`, `[]`, `null`, `{"address":"/a","value":1e999}`, ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		page, r, _, _ := newPage()
		page.Receive(func(address string, v any) {
			switch v.(type) {
			case float64, string, []float64, []string, map[string]float64, map[string]string:
			default:
				t.Errorf("%q delivers a %T", data, v)
			}
		}, func() {})
		r.Opened("1", TargetName, data)
		r.Message("1", data)
		r.Closed("1", data)
	})
}
