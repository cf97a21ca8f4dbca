package dist

// #cgo CFLAGS: -O3
// #cgo pkg-config: ompi-c
// #include <stdlib.h>
// #include "calls.h"
import "C"

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
	"unsafe"

	"modelbook/dl"
)

// Comm is the communicator of all ranks: what they do together. All ranks call the same methods in the same order, from
// one goroutine. A rank with which that fails ends them all, with a message that names it.
type Comm struct {
	rank, size int
	hosts      []string
	work       chan func() // for a goroutine, on the thread that began MPI, that calls it while others compute
	calls      sync.Mutex  // one of them at a time
	memory     common
	// BFloat16 sums gradients in bfloat16: half the bytes, and 8 bits of each sum. It must be the same on all ranks.
	BFloat16 bool
	// Timeout is how long a rank waits for others in one call before it takes one that does not come for hanging and ends
	// all, with a message that names it: 30 minutes if it is not changed; 0: as long as it takes. A rank must not compute by
	// itself for longer, but for the trials of a search.
	Timeout time.Duration
	// Trace, if not nil, gets a time line of the training: Forward, Backward, the sums that go on meanwhile, the waiting for
	// them, and the optimizer's steps. It is a file for chrome://tracing or ui.perfetto.dev, of this rank; the files of
	// several ranks may be put one behind the other.
	Trace  io.Writer
	traces bool // it has begun
}

var (
	world     *Comm
	worldErr  error
	worldOnce sync.Once
)

// Init begins MPI, once for a program, and returns the communicator of all ranks. A program that mpirun did not start is
// the only rank. Most programs use [Run] instead, which also ends MPI and reports errors.
func Init() (*Comm, error) {
	worldOnce.Do(func() { world, worldErr = begin() })
	return world, worldErr
}

func begin() (*Comm, error) {
	c := &Comm{work: make(chan func(), 1024), Timeout: 30 * time.Minute}
	go func() {
		runtime.LockOSThread() // the thread that began MPI also ends it
		for f := range c.work {
			f()
		}
	}()
	var rank, size, multiple C.int
	var code C.int
	c.do(func() { code = C.dist_init(&rank, &size, &multiple) })
	if code != C.MPI_SUCCESS {
		return nil, fmt.Errorf("dist: MPI did not begin: %s", c.message(code))
	}
	if multiple == 0 {
		return nil, errors.New("dist: this MPI was built without MPI_THREAD_MULTIPLE: one thread cannot send while others compute; Debian's and Ubuntu's Open MPI has it")
	}
	c.rank, c.size = int(rank), int(size)
	if c.size > 1 { // who sends is not kept waiting by the threads that compute
		dl.SetThreads(dl.Threads())
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	for _, name := range c.gatherBytes([]byte(host)) {
		c.hosts = append(c.hosts, string(name))
	}
	if c.size > 1 {
		if err := c.nameCrash(); err != nil {
			return nil, fmt.Errorf("dist: no shell to say which rank has crashed: %w", err)
		}
	}
	return c, nil
}

// do runs f on the thread that began MPI and waits for it.
func (c *Comm) do(f func()) {
	done := make(chan struct{})
	c.work <- func() { f(); close(done) }
	<-done
}

// call makes a call of MPI that must succeed: all ranks end otherwise.
func (c *Comm) call(name string, f func() C.int) {
	c.check(name)
	c.calls.Lock()
	defer c.calls.Unlock()
	if c.Timeout > 0 {
		defer time.AfterFunc(c.Timeout, func() { c.overdue(name) }).Stop()
	}
	if code := f(); code != C.MPI_SUCCESS {
		c.fail(fmt.Sprintf("%s: %s", name, c.message(code)))
	}
}

// check panics for a Comm that is none.
func (c *Comm) check(name string) {
	if c == nil || c.work == nil {
		dl.PanicValue("dist."+name, "this Comm was not made by Init or Run")
	}
}

func (c *Comm) message(code C.int) string {
	text := (*C.char)(C.malloc(C.MPI_MAX_ERROR_STRING))
	defer C.free(unsafe.Pointer(text))
	var n C.int
	C.dist_error(code, text, &n)
	return C.GoStringN(text, n)
}

// Rank is this program's number, from 0.
func (c *Comm) Rank() int { return c.rank }

// Size is the number of ranks.
func (c *Comm) Size() int { return c.size }

// Name is a rank's name in messages, such as "rank 1 on node7".
func (c *Comm) Name(rank int) string {
	host := "an unknown host"
	if rank >= 0 && rank < len(c.hosts) {
		host = c.hosts[rank]
	}
	return fmt.Sprintf("rank %d on %s", rank, host)
}

// String says which rank this is, and of how many.
func (c *Comm) String() string { return fmt.Sprintf("%s, of %d", c.Name(c.rank), c.size) }

// Number is what values are made of.
type Number interface{ float32 | float64 }

// most is how many values one call of MPI takes.
const most = 1 << 30

// AllReduce replaces values, of which all ranks have equally many, by their sums over the ranks. The sums are the same on
// all ranks, bit for bit, and in every run with as many ranks.
func AllReduce[T Number](c *Comm, values []T) {
	reduce(c, "AllReduce", values, typeOf(values))
}

// reduce adds up values of a kind over the ranks. It is MPI_Allreduce also while others compute: MPI_Iallreduce took five
// times as long for the 11 MB of the example.
func reduce[T any](c *Comm, name string, values []T, kind C.int) {
	for len(values) > 0 {
		n, p := min(len(values), most), unsafe.Pointer(&values[0])
		c.call(name, func() C.int { return C.dist_all_reduce(p, C.int(n), kind) })
		values = values[n:]
	}
}

func typeOf[T Number](values []T) C.int {
	if _, ok := any(values).([]float32); ok {
		return C.dist_float32
	}
	return C.dist_float64
}

// Broadcast gives all ranks the values of one, the root; all have equally many.
func Broadcast[T Number](c *Comm, values []T, root int) {
	c.check("Broadcast")
	if root < 0 || root >= c.size {
		dl.PanicValue("dist.Broadcast", "there is no rank %d of %d", root, c.size)
	}
	for len(values) > 0 {
		n := min(len(values), most)
		part, p := values[:n], unsafe.Pointer(&values[0])
		c.call("Broadcast", func() C.int { return C.dist_broadcast(p, C.int(n), typeOf(part), C.int(root)) })
		values = values[n:]
	}
}

// Barrier waits until all ranks have called it.
func (c *Comm) Barrier() { c.call("Barrier", func() C.int { return C.dist_barrier() }) }

// Gather returns the values of all ranks, which may have different numbers of them, on each rank.
func (c *Comm) Gather(values []float64) [][]float64 {
	var own []byte
	if len(values) > 0 {
		own = unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), 8*len(values))
	}
	all := make([][]float64, c.size)
	for i, bytes := range c.gatherBytes(own) {
		all[i] = make([]float64, len(bytes)/8)
		if len(bytes) > 0 {
			copy(unsafe.Slice((*byte)(unsafe.Pointer(&all[i][0])), len(bytes)), bytes)
		}
	}
	return all
}

// gatherBytes gathers how much each rank has, and then that.
func (c *Comm) gatherBytes(own []byte) [][]byte {
	if len(own) >= most {
		c.fail(fmt.Sprintf("Gather: %d bytes are more than %d", len(own), most))
	}
	counts, starts := make([]C.int, c.size), make([]C.int, c.size)
	ones := make([]C.int, c.size)
	for i := range starts {
		starts[i], ones[i] = C.int(4*i), 4
	}
	count := C.int(len(own))
	c.call("Gather", func() C.int {
		return C.dist_all_gather(unsafe.Pointer(&count), 4, unsafe.Pointer(&counts[0]), &ones[0], &starts[0], C.dist_byte)
	})
	total := 0
	for i, n := range counts {
		starts[i] = C.int(total)
		total += int(n)
	}
	if total >= 2*most {
		c.fail(fmt.Sprintf("Gather: %d bytes of all ranks are more than %d", total, 2*most))
	}
	all := make([]byte, total+1) // MPI wants an address
	mine := append(own[:len(own):len(own)], 0)
	c.call("Gather", func() C.int {
		return C.dist_all_gather(unsafe.Pointer(&mine[0]), count, unsafe.Pointer(&all[0]), &counts[0], &starts[0], C.dist_byte)
	})
	parts := make([][]byte, c.size)
	for i, n := range counts {
		parts[i] = all[starts[i] : starts[i]+n]
	}
	return parts
}

// fail prints a message that names this rank and ends all ranks.
func (c *Comm) fail(message string) {
	fmt.Fprintf(os.Stderr, "dist: %s: %s\n", c.Name(c.rank), strings.TrimSpace(message))
	c.exit(1)
}
