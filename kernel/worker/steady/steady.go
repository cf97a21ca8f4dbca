// Package steady keeps gonbui going in a process that lives as long as a
// session. Under GoNB a program ends with its cell, and with it the traces of
// two faults that would last here:
//
//   - one value that cannot be encoded ends all display: gonbui keeps the first
//     error for ever;
//   - a value for an address to which nobody listens any more leaves
//     gonbui/comms with its lock held: a click while a program stops listening,
//     and no widget answers again.
//
// It also tells the worker when gonbui shows something, because what a cell
// prints next could overtake it on another pipe.
//
// Every cell that links gonbui links this package, too. It leaves gonbui's
// packages as they are.
package steady

import (
	"encoding/gob"
	"fmt"
	"os"
	"sync"
	"syscall"
	_ "unsafe" // for go:linkname

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"modelbook/kernel/worker/rt"
)

// gonbui's error, its way to the kernel, and the lock that guards them.
var (
	//go:linkname writer github.com/janpfeifer/gonb/gonbui.gonbWriterPipe
	writer *os.File
	//go:linkname encoder github.com/janpfeifer/gonb/gonbui.gonbEncoder
	encoder *gob.Encoder
	//go:linkname lasting github.com/janpfeifer/gonb/gonbui.gonbPipesError
	lasting error
	//go:linkname lock github.com/janpfeifer/gonb/gonbui.mu
	lock sync.Mutex
)

func init() {
	if !gonbui.IsNotebook {
		return
	}
	lock.Lock()
	open()
	lock.Unlock()
	rt.AfterCell = append(rt.AfterCell, func(*rt.Cell) { recoverDisplay() })
	dispatch := gonbui.OnCommValueUpdate
	gonbui.OnCommValueUpdate = func(v *protocol.CommValue) {
		listen(v)
		dispatch(v)
	}
}

// recoverDisplay lets gonbui open its pipes again after an error.
func recoverDisplay() {
	if !lock.TryLock() {
		return // it is at work
	}
	defer lock.Unlock()
	if lasting == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "note: after this error gonbui showed nothing more in this cell; it does again in the next one")
	empty(os.Getenv(protocol.GONB_PIPE_BACK_ENV))
	lasting = nil
	open()
}

// open opens the way to the kernel as gonbui would. Where it cannot, gonbui
// does and has the error.
func open() {
	f, err := os.OpenFile(os.Getenv(protocol.GONB_PIPE_ENV), os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	writer, encoder = f, gob.NewEncoder(noted{f})
}

// noted is a writer that tells when it writes.
type noted struct{ *os.File }

func (n noted) Write(b []byte) (int, error) {
	rt.Piping()
	return n.File.Write(b)
}

// empty throws away values for the stream that has ended: the next one could
// not be read behind them.
func empty(pipe string) {
	fd, err := syscall.Open(pipe, syscall.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer syscall.Close(fd)
	buf := make([]byte, 1<<16)
	for {
		if n, err := syscall.Read(fd, buf); n <= 0 && err != syscall.EINTR {
			return
		}
	}
}

// A listener is a subscription of ours to an address. It does nothing, and it
// keeps the address from being one to which nobody listens.
type listener struct {
	id   comms.SubscriptionId
	kind string // of the values it takes without complaint
}

const maxListeners = 1000 // package dom makes an address for each question it asks

// listeners are used by one goroutine, gonbui's reader.
var listeners = map[string]listener{}

// listen sees to it that somebody listens to the address of a value.
func listen(v *protocol.CommValue) {
	kind := fmt.Sprintf("%T", v.Value)
	old, known := listeners[v.Address]
	if known && old.kind == kind {
		return
	}
	if len(listeners) >= maxListeners {
		for _, l := range listeners {
			comms.Unsubscribe(l.id)
		}
		clear(listeners)
		known = false
	}
	listeners[v.Address] = listener{subscribe(v), kind}
	if known {
		comms.Unsubscribe(old.id) // after the new one: the address is never without
	}
}

func subscribe(v *protocol.CommValue) comms.SubscriptionId {
	switch v.Value.(type) {
	case int:
		return comms.Subscribe(v.Address, ignore[int])
	case float64:
		return comms.Subscribe(v.Address, ignore[float64])
	case []int:
		return comms.Subscribe(v.Address, ignore[[]int])
	case []float64:
		return comms.Subscribe(v.Address, ignore[[]float64])
	case []string:
		return comms.Subscribe(v.Address, ignore[[]string])
	case map[string]int:
		return comms.Subscribe(v.Address, ignore[map[string]int])
	case map[string]float64:
		return comms.Subscribe(v.Address, ignore[map[string]float64])
	case map[string]string:
		return comms.Subscribe(v.Address, ignore[map[string]string])
	}
	return comms.Subscribe(v.Address, ignore[string])
}

func ignore[T any](string, T) {}
