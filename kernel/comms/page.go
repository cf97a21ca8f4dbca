package comms

import (
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// Page is the page that shows the notebook, with which gonbui's programs exchange
// values: GoNB's widgets do so through `gonb_comm`, an object that page.js makes.
//
// page.js opens a comm to the target of the same name through the front end's
// own connection where a script can reach it: the classic Notebook's, and
// JupyterLab's and Notebook 7's when they were started with
// --expose-app-in-browser. Otherwise those give scripts no access to
// the kernel (jupyterlab issues 5660 and 13278), and an extension in the browser
// would have to be installed separately; so page.js then opens the comm over a
// connection of its own to the Jupyter server, whose address (scheme, base URL,
// token) is in the page's configuration, where the front end finds it, too.
//
// Several pages may be open, and the kernel may outlive any of them: values go
// to all of them, and a page that was closed or reloaded is noticed because it does
// not answer.
type Page struct {
	comms  *Registry
	kernel string // Jupyter's name of it
	key    string // of this process: by it pages notice a restart

	mu       sync.Mutex
	peers    map[*Comm]*peer
	expected bool  // a page was asked to connect, and has not yet
	waiting  []any // for that page
	debug    bool
	deliver  func(address string, value any)
	ready    func()
	alive    chan struct{} // a page has answered
}

// A peer is a page that is connected, or was.
type peer struct{ asked time.Time } // when it was asked to answer; zero when it has answered

// TargetName is the target to which pages open their comm.
const TargetName = "gonb_comm"

// Addresses that begin with # are the protocol's own.
const (
	pingAddress  = "#heartbeat/ping"
	pongAddress  = "#heartbeat/pong"
	helloAddress = "#modelbook/hello" // from a page that was connected already
	runAddress   = "#modelbook/run"   // its value is JavaScript for the page to run
)

const (
	maxWaiting = 1000            // values that wait for a page to connect
	silence    = 5 * time.Second // a page that does not answer for this long is gone
)

// What page.js is given when it connects, and the data of messages to it.
type (
	pageConfig struct {
		Kernel string `json:"kernel"`
		Key    string `json:"key"`
		Debug  bool   `json:"debug"`
	}
	pageValue struct {
		Address string `json:"address"`
		Value   any    `json:"value"`
	}
	pageRead struct {
		Address string `json:"address"`
		Read    bool   `json:"read_request"`
	}
)

//go:embed page.js
var script string

// NewPage makes the registry's target for pages. kernelID is the name under
// which the Jupyter server knows this kernel.
func NewPage(r *Registry, kernelID string) *Page {
	p := &Page{comms: r, kernel: kernelID, key: rand.Text(), peers: map[*Comm]*peer{},
		deliver: func(string, any) {}, ready: func() {}, alive: make(chan struct{}, 1)}
	r.Register(TargetName, p.opened)
	return p
}

// Receive sets the functions that get the values of pages, and that are called
// when a page has connected.
func (p *Page) Receive(deliver func(address string, value any), ready func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deliver, p.ready = deliver, ready
}

// Connect returns JavaScript that connects the page on which it runs. Values that
// are sent from now on wait until a page has run it.
func (p *Page) Connect() string {
	p.mu.Lock()
	p.expected = true
	p.waiting = nil
	config, _ := json.Marshal(pageConfig{p.kernel, p.key, p.debug})
	gone := p.ask()
	p.mu.Unlock()
	for _, c := range gone {
		c.Close(nil)
	}
	return fmt.Sprintf("(%s)(%s);", script, config)
}

// ask asks all pages to answer, and returns those that did not answer the last
// time.
func (p *Page) ask() (gone []*Comm) {
	for c, peer := range p.peers {
		switch {
		case peer.asked.IsZero():
			peer.asked = time.Now()
			c.Send(pageValue{pingAddress, true})
		case time.Since(peer.asked) > silence:
			delete(p.peers, c)
			gone = append(gone, c)
		}
	}
	return gone
}

// Send sends a value to the listeners to an address on the page.
func (p *Page) Send(address string, value any) error {
	if _, err := json.Marshal(value); err != nil {
		return err
	}
	p.send(pageValue{address, value})
	return nil
}

// Read asks the page for the value of the variable at an address. It arrives like
// any other value.
func (p *Page) Read(address string) {
	p.send(pageRead{address, true})
}

// Run runs JavaScript on the page.
func (p *Page) Run(script string) {
	p.send(pageValue{runAddress, script})
}

func (p *Page) send(data any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.expected {
		if len(p.waiting) < maxWaiting {
			p.waiting = append(p.waiting, data)
		}
		return
	}
	for c := range p.peers {
		c.Send(data)
	}
}

// Ping asks the pages to answer and waits for one answer. It reports whether one
// came in time.
func (p *Page) Ping(limit time.Duration) bool {
	p.mu.Lock()
	select {
	case <-p.alive:
	default:
	}
	for c := range p.peers {
		c.Send(pageValue{pingAddress, true})
	}
	p.mu.Unlock()
	select {
	case <-p.alive:
		return true
	case <-time.After(limit):
		return false
	}
}

// opened handles the comm of a page that connects.
func (p *Page) opened(c *Comm, _ json.RawMessage) {
	c.OnMessage = func(data json.RawMessage, _ [][]byte) { p.message(c, data) }
	c.OnClose = func(json.RawMessage) {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.peers, c)
	}
	p.mu.Lock()
	p.peers[c] = &peer{}
	p.mu.Unlock()
	p.connected()
}

// connected sends a page the values that waited for it.
func (p *Page) connected() {
	p.mu.Lock()
	p.lives()
	waiting, ready := p.waiting, p.ready
	if p.expected {
		p.expected, p.waiting = false, nil
	}
	for _, data := range waiting {
		for c := range p.peers {
			c.Send(data)
		}
	}
	p.mu.Unlock()
	ready()
}

// lives reports to Ping that a page has answered.
func (p *Page) lives() {
	select {
	case p.alive <- struct{}{}:
	default:
	}
}

// message handles what a page sends.
func (p *Page) message(c *Comm, data json.RawMessage) {
	var m struct {
		Address string          `json:"address"`
		Value   json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return // not of page.js
	}
	p.mu.Lock()
	if peer := p.peers[c]; peer != nil {
		peer.asked = time.Time{}
	}
	deliver := p.deliver
	p.lives()
	p.mu.Unlock()
	switch m.Address {
	case helloAddress:
		p.connected()
	case pongAddress:
	case pingAddress:
		c.Send(pageValue{pongAddress, true})
	default:
		if len(m.Value) > 0 {
			deliver(m.Address, value(m.Value))
		}
	}
}

// value converts JSON to one of the types that gonbui's programs listen for
// (protocol.CommValueTypes): numbers are float64, lists and objects those of
// numbers or of texts. Everything else is its JSON text.
func value(raw json.RawMessage) any {
	for _, try := range []func() (any, error){
		as[float64](raw), as[string](raw), as[[]float64](raw), as[[]string](raw), as[map[string]float64](raw), as[map[string]string](raw),
	} {
		if v, err := try(); err == nil {
			return v
		}
	}
	return string(raw)
}

func as[T any](raw json.RawMessage) func() (any, error) {
	return func() (any, error) {
		var v *T // nil when the value is null
		err := json.Unmarshal(raw, &v)
		if err != nil || v == nil {
			return nil, fmt.Errorf("not a %T: %w", v, err)
		}
		return *v, nil
	}
}
