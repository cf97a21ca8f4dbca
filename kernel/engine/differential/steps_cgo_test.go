package differential

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Some sequences use a package with C in it, which is a module of its own: the
// cells' module and the program's find it in a folder.

const cgoPath = "example.test/cpart"

// withCgo says which sequences do.
func withCgo(seed uint64) bool { return seed%40 == 11 }

// cgoSteps are steps with C behind them.
var cgoSteps = []step{
	{makes: "cgo", vars: "$acc *cpart.Acc", text: `import "example.test/cpart"
func $twice(k int) int { return cpart.Add(k, k) + # }
$acc ≔ cpart.NewAcc()
$acc.Put(#)
fmt.Println($twice(#), $acc.Mean(), cpart.Upper("hé#"))
`, again: []string{"func $twice(k int) int { return cpart.Add(k, -#) }"}},
	{use: []string{"cgo"}, text: `for i := range # {
	$acc.Put(float64($twice(i)))
}
xs := []int32{5, #, #, 8, 1}
cpart.Sort(xs, func(a, b int32) bool { return a > b })
fmt.Println($acc.Mean(), xs)
`},
	{use: []string{"cgo", "node"}, text: `order := []int32{}
for _, x := range $list {
	order = append(order, int32(x.A))
	$acc.Put(float64(cpart.Add(x.A, #)))
}
calls := 0
cpart.Sort(order, func(a, b int32) bool { calls++; runtime.GC(); return a < b })
fmt.Println(order, calls > 0 || len(order) < 2, $acc.Mean())
`},
	{use: []string{"cgo"}, text: `cpart.Sort([]int32{2, 1}, func(a, b int32) bool { panic("through C #") })
`, panics: true},
	{use: []string{"cgo"}, shown: "$twice(#) + int($acc.Mean())"},
	{use: []string{"cgo"}, vars: "$results chan int", text: `$results ≔ make(chan int, 4)
for i := range 4 {
	go func() { $results <- cpart.Add(i, $twice(i)) }()
}
fmt.Println(<-$results + <-$results + <-$results + <-$results)
`},
}

const cgoSource = `package cpart

/*
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int n; double sum; } acc;
static int add(int a, int b) { return a + b; }
static void put(acc *a, double x) { a->n++; a->sum += x; }
static void upper(char *s) { for (; *s; s++) *s = toupper((unsigned char)*s); }

extern int goCompare(void*, void*);
static int compare(const void *a, const void *b) { return goCompare((void*)a, (void*)b); }
static void sort(int *xs, size_t n) { qsort(xs, n, sizeof *xs, compare); }
*/
import "C"

import (
	"sync"
	"unsafe"
)

// Acc is in the memory of C.
type Acc struct{ c *C.acc }

func NewAcc() *Acc { return &Acc{(*C.acc)(C.calloc(1, C.sizeof_acc))} }

func (a *Acc) Put(x float64) { C.put(a.c, C.double(x)) }

func (a *Acc) Mean() float64 { return float64(a.c.sum) / float64(a.c.n) }

func Add(a, b int) int { return int(C.add(C.int(a), C.int(b))) }

func Upper(s string) string {
	c := C.CString(s)
	defer C.free(unsafe.Pointer(c))
	C.upper(c)
	return C.GoString(c)
}

var (
	mu   sync.Mutex
	less func(a, b int32) bool
)

// Sort calls C, which calls back.
func Sort(xs []int32, by func(a, b int32) bool) {
	mu.Lock()
	defer mu.Unlock()
	less = by
	C.sort((*C.int)(unsafe.Pointer(&xs[0])), C.size_t(len(xs)))
}

//export goCompare
func goCompare(a, b unsafe.Pointer) C.int {
	switch x, y := *(*int32)(a), *(*int32)(b); {
	case less(x, y):
		return -1
	case less(y, x):
		return 1
	}
	return 0
}
`

// cgoFolder is the folder of the package, which is written once.
var cgoFolder = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "differential-cgo-")
	if err != nil {
		return "", err
	}
	for name, text := range map[string]string{"go.mod": "module " + cgoPath + "\n\ngo 1.26\n", "cpart.go": cgoSource} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	return dir, nil
})

// addCgo makes the package known to the module in a folder.
func addCgo(module string) error {
	dir, err := cgoFolder()
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "mod", "edit", "-require="+cgoPath+"@v0.0.0", "-replace="+cgoPath+"="+dir)
	cmd.Dir = module
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go mod edit: %v\n%s", err, out)
	}
	return nil
}

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := cgoFolder(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}
