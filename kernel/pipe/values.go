package pipe

import (
	"encoding/gob"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// A Page is what shows the notebook, as far as programs exchange values with
// it through gonbui/comms.
type Page interface {
	// Connect returns JavaScript that connects the page that runs it. Values
	// sent from then on wait for that page.
	Connect() string
	// Send sends a value to those who listen to an address on the page.
	Send(address string, value any) error
	// Read asks the page for the value of the variable at an address.
	Read(address string)
	// Run runs JavaScript on the page.
	Run(script string)
}

// values is what a Pipe knows of the values that its program exchanges.
type values struct {
	page     Page            // or nil
	asking   string          // the display id of the script that asks the page to connect
	listened map[string]bool // addresses that the program has listened to; false: it said that it stopped
	pace     pace
	declined bool // the program was told that there is no page
}

const (
	maxAddresses = 100_000
	maxAddress   = 1024
	// connectIn is how long a page takes at most to connect.
	connectIn = 10 * time.Second
	// transient begins the id of the output in which package dom runs its
	// scripts, one after the other.
	transient = "gonb_transient_js_"
)

// End says that the cell of a run has ended. Programs go on in goroutines, but
// there is no output of a running cell any more that could carry scripts to the
// page.
func (p *Pipe) End(id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.runs[id]; r != nil {
		r.running = false
		delete(p.runs, id)
	}
}

// comm serves a value or a request of the program.
func (p *Pipe) comm(r record, s Sink, by *run, warn func(string, ...any)) {
	address, _ := r["Address"].(string)
	if address == protocol.GonbuiSyncAddress {
		id, _ := r["Value"].(int64) // zero is not transmitted
		p.reply.put(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: int(id)}, true)
		return
	}
	if !p.connect(s, by, warn) || address == protocol.GonbuiStartAddress {
		return
	}
	p.pace.wait()
	if read, _ := r["Request"].(bool); read {
		p.page.Read(address)
	} else if err := p.page.Send(address, r["Value"]); err != nil {
		warn("a value for %.100s cannot be sent: %v", address, err)
	}
}

// subscribe makes values for an address reach the program. They still do when
// it says that it stopped: it may have begun to listen again before, and what
// nobody listens to is dropped over there.
func (p *Pipe) subscribe(r record, s Sink, by *run, warn func(string, ...any)) {
	address, _ := r["Address"].(string)
	if stop, _ := r["Unsubscribe"].(bool); stop {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.listened[address] {
			p.listened[address] = false
		}
		return
	}
	if len(address) > maxAddress {
		warn("an address of %d bytes (at most %d)", len(address), maxAddress)
		return
	}
	p.mu.Lock()
	if len(p.listened) >= maxAddresses {
		maps.DeleteFunc(p.listened, func(_ string, listens bool) bool { return !listens })
	}
	p.listened[address] = true
	p.mu.Unlock()
	p.connect(s, by, warn)
}

// Deliver hands a value of the page to the program, if it listens.
func (p *Pipe) Deliver(address string, value any) {
	p.mu.Lock()
	_, listened := p.listened[address]
	p.mu.Unlock()
	if listened {
		p.reply.put(&protocol.CommValue{Address: address, Value: value}, false)
	}
}

// connect shows the script that connects the page, once in every run of a
// cell: the page may have been reloaded since the last one. It reports whether
// there is a page at all.
func (p *Pipe) connect(s Sink, by *run, warn func(string, ...any)) bool {
	p.mu.Lock()
	if p.page == nil {
		told := p.declined
		p.declined = true
		p.mu.Unlock()
		if !told {
			warn("there is no page here for widgets and scripts to talk to: what the program sends to it is dropped")
		}
		return false
	}
	first := by.running && !by.asked
	if first {
		by.asked = true
		p.asking = fmt.Sprintf("modelbook_connect_%d", by.number)
	}
	id := p.asking
	p.mu.Unlock()
	if !first || s == nil {
		return true
	}
	s.Show(htmlData("<script>"+p.page.Connect()+"</script>"), nil, id, false)
	time.AfterFunc(connectIn, func() {
		p.mu.Lock()
		waits := by.running && p.asking == id
		p.mu.Unlock()
		if waits {
			s.Warn("gonbui: no page has connected to the kernel so far, so that widgets do not answer. " +
				"They need a page of a Jupyter server: the classic Notebook, JupyterLab, Notebook 7")
		}
	})
	return true
}

// Connect makes the page connect that shows the running cell with this number,
// whose sink s is.
func (p *Pipe) Connect(s Sink, id int64) {
	p.mu.Lock()
	by := p.of(id)
	p.mu.Unlock()
	p.connect(s, by, func(string, ...any) {})
}

// Connected says that a page has connected. The script for it is taken out of
// the output: it is not to be saved with the notebook.
func (p *Pipe) Connected() {
	p.mu.Lock()
	id := p.asking
	p.asking = ""
	sink := p.sink
	p.mu.Unlock()
	if id == "" || sink == nil {
		return
	}
	if s, _ := sink(); s != nil {
		s.Show(htmlData(""), nil, id, true)
	}
}

// script shows or runs a script of package dom. While a cell runs it goes
// through an output of this cell; afterwards straight to the page.
func (p *Pipe) script(id string, shown, metadata map[string]any, s Sink, by *run) {
	p.mu.Lock()
	running, page := by.running, p.page
	id = fmt.Sprintf("%s.%d", id, by.number)
	p.mu.Unlock()
	if strings.Contains(fmt.Sprint(shown["text/html"]), "<script") {
		p.pace.wait()
	}
	if running || page == nil {
		if s != nil {
			s.Show(shown, metadata, id, p.update(id, by))
		}
		return
	}
	text, _ := shown["text/html"].(string)
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "<script>"), "</script>")
	if text != "" {
		page.Run(text)
	}
}

// htmlData is HTML that shows nothing.
func htmlData(text string) map[string]any {
	return map[string]any{"text/html": text, "text/plain": ""}
}

// A pace holds back a program that sends values or scripts faster than a
// notebook server passes messages on: it drops what is over a thousand a
// second, and of these each may count. Other output waits with them.
type pace struct {
	ahead float64 // messages sent, less those that the time since allows
	last  time.Time
}

const (
	paceRate  = 300 // a second; a script takes up to three messages
	paceBurst = 300
)

func (p *pace) wait() {
	now := time.Now()
	p.ahead = max(0, p.ahead-now.Sub(p.last).Seconds()*paceRate) + 1
	p.last = now
	if over := p.ahead - paceBurst; over > 0 {
		time.Sleep(time.Duration(over / paceRate * float64(time.Second)))
	}
}

// replies are the values on their way to the program.
type replies struct {
	mu     sync.Mutex
	some   *sync.Cond
	queue  []reply
	values int // those in it that may be lost
	closed bool
}

type reply struct {
	value *protocol.CommValue
	keep  bool
}

// maxReplies is how many values may wait for a program that does not read.
const maxReplies = 1024

func newReplies() *replies {
	r := &replies{}
	r.some = sync.NewCond(&r.mu)
	return r
}

// put queues a value. When too many wait, the oldest that need not be kept is
// lost: of a slider, for instance, the latest value counts.
func (r *replies) put(v *protocol.CommValue, keep bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !keep {
		if r.values++; r.values > maxReplies {
			for i, old := range r.queue {
				if !old.keep {
					r.queue = append(r.queue[:i], r.queue[i+1:]...)
					r.values--
					break
				}
			}
		}
	}
	r.queue = append(r.queue, reply{v, keep})
	r.some.Signal()
}

func (r *replies) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.some.Broadcast()
}

// get waits for the next value; nil means that there will be none.
func (r *replies) get() *protocol.CommValue {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.queue) == 0 && !r.closed {
		r.some.Wait()
	}
	if r.closed {
		return nil
	}
	next := r.queue[0]
	r.queue = r.queue[1:]
	if !next.keep {
		r.values--
	}
	return next.value
}

// answer writes queued values to the program.
func (p *Pipe) answer() {
	var to io.Writer = p.back
	encoder := gob.NewEncoder(to)
	for {
		v := p.reply.get()
		if v == nil {
			return
		}
		if p.anew.CompareAndSwap(true, false) { // the program reads a new stream
			encoder = gob.NewEncoder(to)
		}
		if err := encoder.Encode(v); err != nil {
			return // closed
		}
	}
}
