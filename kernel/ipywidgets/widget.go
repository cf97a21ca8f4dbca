package ipywidgets

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"modelbook/kernel/worker/comm"
)

// A Widget is one of this package's types.
type Widget interface {
	// ID is the widget's identifier, the model_id of the protocol.
	ID() string
	// Get returns a trait's value, nil for None and for a trait that there is not.
	Get(name string) any
	// Set sets a trait. The error says that there is no such trait, or that the
	// value is none of its.
	Set(name string, value any) error
	// Close takes the widget from the page.
	Close()
	base() *Base
}

// Traits are values of traits by name. Those of a layout or style may be Traits
// themselves.
type Traits map[string]any

// A Trait is a trait of one widget.
type Trait struct {
	Of   Widget
	Name string
}

// Base is the part that all widgets have. Its methods may be called from any
// goroutine.
type Base struct {
	kind *kind
	id   string

	mu       sync.Mutex
	comm     *comm.Comm
	state    map[string]any
	adjust   func(state map[string]any) // keeps values within their bounds
	refresh  func(state map[string]any) // makes values that are made when they are asked for
	changed  map[string]bool            // traits whose values the front end is yet to be sent
	sent     time.Time                  // when it was sent some last
	waiting  bool                       // a timer is set for the next time
	watchers map[string][]func(value any)
	custom   func(content json.RawMessage, buffers [][]byte)
	events   events
	closed   bool
}

// all are the widgets that are open.
var all = struct {
	sync.Mutex
	byID map[string]*Base
	once sync.Once
}{byID: map[string]*Base{}}

func (b *Base) register() {
	all.Lock()
	defer all.Unlock()
	all.byID[b.id] = b
}

// find returns the widget that a reference in a state means.
func find(ref string) (*Base, error) {
	all.Lock()
	defer all.Unlock()
	if b := all.byID[strings.TrimPrefix(ref, reference)]; b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("ipywidgets: there is no widget %.50q", ref)
}

// open makes a widget of a kind and tells the front end of it. A trait that
// there is not, and a value that is none, are errors of the program: open
// panics.
func (b *Base) open(name string, traits ...Traits) {
	b.prepare(name)
	for _, some := range traits {
		for name, value := range some {
			if err := b.put(name, value); err != nil {
				panic(err)
			}
		}
	}
	b.fill()
	b.connect()
}

// prepare makes the state of a widget that is only known to the program.
func (b *Base) prepare(name string) {
	b.kind = kinds[name]
	b.id = rand.Text()
	b.state = map[string]any{}
	b.changed = map[string]bool{}
	b.watchers = map[string][]func(any){}
	for _, t := range b.kind.traits {
		b.state[t.name] = t.initial
	}
}

// put sets a trait of a widget that the front end does not know yet.
func (b *Base) put(name string, value any) error {
	t, err := b.kind.trait(name)
	if err != nil {
		return err
	}
	if some, ok := value.(Traits); ok && t.instance != "" {
		part := new(Base)
		part.open(t.instance, some)
		value = part
	}
	if value, err = t.value(value); err == nil {
		b.state[name] = value
	}
	return err
}

// fill makes the widgets that belong to this one, and puts values within their
// bounds.
func (b *Base) fill() {
	for _, t := range b.kind.traits {
		if t.instance != "" && b.state[t.name] == nil {
			part := new(Base)
			part.open(t.instance)
			b.state[t.name] = part
		}
	}
	if b.adjust != nil {
		b.adjust(b.state)
	}
}

// connect opens the comm that is the widget to the front end.
func (b *Base) connect() {
	all.once.Do(serve)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.register()
	if !comm.Connected() {
		return
	}
	state, paths, buffers := b.encoded(nil)
	data, err := json.Marshal(map[string]any{"state": state, "buffer_paths": paths})
	if err != nil {
		panic(fmt.Errorf("ipywidgets: %s: %w", b.kind.name, err))
	}
	b.comm = comm.OpenMessage(b.id, target, comm.Message{Data: data, Buffers: buffers, Metadata: version})
	b.comm.OnMessages(b.message)
	b.comm.OnClose(func(json.RawMessage) { b.Close() })
}

// encoded makes JSON of the traits that names has, all for nil: the state
// without bytes, and where those belong.
func (b *Base) encoded(names map[string]bool) (state map[string]any, paths [][]string, buffers [][]byte) {
	if b.refresh != nil {
		b.refresh(b.state)
	}
	state, paths = map[string]any{}, [][]string{}
	for _, t := range b.kind.traits {
		if names != nil && !names[t.name] {
			continue
		}
		if bytes, ok := b.state[t.name].([]byte); ok {
			paths, buffers = append(paths, []string{t.name}), append(buffers, bytes)
		} else {
			state[t.name] = t.encode(b.state[t.name])
		}
	}
	return state, paths, buffers
}

func (b *Base) base() *Base { return b }

// ID is the widget's identifier, the model_id of the protocol.
func (b *Base) ID() string { return b.id }

// Get returns a trait's value: a bool, int, float64, string, []byte, []string,
// or nil, which is also the value of a trait that there is not.
func (b *Base) Get(name string) any {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refresh != nil {
		b.refresh(b.state)
	}
	return b.state[name]
}

// Trait is a trait of the widget, for NewLink.
func (b *Base) Trait(name string) Trait { return Trait{b, name} }

// Set sets a trait, and the front end shows it. The error says that there is no
// such trait, that the value is none of its, or that the widget is closed.
func (b *Base) Set(name string, value any) error {
	t, err := b.kind.trait(name)
	if err != nil {
		return err
	}
	if strings.HasPrefix(name, "_model") || strings.HasPrefix(name, "_view") {
		return fmt.Errorf("ipywidgets: %s cannot be changed", name)
	}
	if some, ok := value.(Traits); ok && t.instance != "" {
		return b.part(name).setAll(some)
	}
	if value, err = t.value(value); err != nil {
		return err
	}
	return b.update(map[string]any{name: value}, false)
}

// set is Set by a method whose value has the right type. What remains is a
// widget that is closed: that keeps the value to itself.
func (b *Base) set(name string, value any) {
	if err := b.Set(name, value); err != nil && !errors.Is(err, errClosed) {
		panic(err)
	}
}

// part is the widget for this one's layout or style.
func (b *Base) part(name string) *Base { return b.Get(name).(*Base) }

func (b *Base) setAll(traits Traits) error {
	for name, value := range traits {
		if err := b.Set(name, value); err != nil {
			return err
		}
	}
	return nil
}

var errClosed = errors.New("ipywidgets: the widget is closed")

// watch makes f be called with each new value of a trait.
func (b *Base) watch(name string, f func(value any)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers[name] = append(b.watchers[name], f)
	b.events.start(b.print)
}

// print prints to the cell that has made the widget.
func (b *Base) print(fd int, text []byte) { comm.Print(b.id, fd, text) }

// OnTrait makes f be called with each new value of a trait, whoever has set it.
// The error says that there is no such trait.
func (b *Base) OnTrait(name string, f func(value any)) error {
	if _, err := b.kind.trait(name); err != nil {
		return err
	}
	b.watch(name, f)
	return nil
}

// Close takes the widget from the page, and the widgets for its layout and
// style. It can still be read and set.
func (b *Base) Close() {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return
	}
	b.closed = true
	c := b.comm
	b.comm = nil
	var parts []*Base
	for _, t := range b.kind.traits {
		if part, ok := b.state[t.name].(*Base); ok && t.instance != "" {
			parts = append(parts, part)
		}
	}
	b.mu.Unlock()
	all.Lock()
	delete(all.byID, b.id)
	all.Unlock()
	if c != nil {
		c.Close()
	}
	for _, part := range parts {
		part.Close()
	}
}

// CloseAll closes all widgets.
func CloseAll() {
	all.Lock()
	open := slices.Collect(maps.Values(all.byID))
	all.Unlock()
	for _, b := range open {
		b.Close()
	}
}

// String names the widget and what of it is not as it was made.
func (b *Base) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var parts []string
	for _, t := range b.kind.traits {
		v := b.state[t.name]
		if strings.HasPrefix(t.name, "_") || t.instance != "" || equal(v, t.initial) {
			continue
		}
		switch v := v.(type) {
		case []*Base:
			parts = append(parts, fmt.Sprintf("%s=%d widgets", t.name, len(v)))
		case []byte:
			parts = append(parts, fmt.Sprintf("%s=%d bytes", t.name, len(v)))
		case []map[string]any:
			parts = append(parts, fmt.Sprintf("%s=%d outputs", t.name, len(v)))
		case Trait:
			parts = append(parts, fmt.Sprintf("%s=%s of a %s", t.name, v.Name, v.Of.base().kind.name))
		default:
			parts = append(parts, fmt.Sprintf("%s=%#v", t.name, v))
		}
	}
	slices.Sort(parts)
	return b.kind.name + "(" + strings.Join(parts, ", ") + ")"
}
