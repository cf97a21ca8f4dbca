package toolchain

import (
	"go/version"
	"slices"
)

// Libraries lists the packages of others that are compiled ahead: cells can use
// them at once and without import lines.
func Libraries() []string { return slices.Clone(packages) }

// Added lists the packages of the standard library that are newer than the oldest
// supported release.
func Added(t *Toolchain) []string {
	if version.Compare(t.GOVERSION, "go1.27") < 0 {
		return nil
	}
	return []string{"crypto/mldsa", "encoding/json/jsontext", "encoding/json/v2", "uuid"}
}

// Own lists modelbook's packages that cells import.
func Own() []string { return slices.Clone(own) }

// The standard library, but for packages that have effects of their own
// (net/http/pprof, time/tzdata) and those that no cell calls.
var packages = []string{
	"archive/tar", "archive/zip", "bufio", "bytes", "cmp", "compress/bzip2", "compress/flate",
	"compress/gzip", "compress/lzw", "compress/zlib", "container/heap", "container/list",
	"container/ring", "context", "crypto", "crypto/aes", "crypto/cipher", "crypto/des", "crypto/dsa",
	"crypto/ecdh", "crypto/ecdsa", "crypto/ed25519", "crypto/elliptic", "crypto/fips140",
	"crypto/hkdf", "crypto/hmac", "crypto/hpke", "crypto/md5", "crypto/mlkem",
	"crypto/mlkem/mlkemtest", "crypto/pbkdf2", "crypto/rand", "crypto/rc4", "crypto/rsa",
	"crypto/sha1", "crypto/sha256", "crypto/sha3", "crypto/sha512", "crypto/subtle", "crypto/tls",
	"crypto/x509", "crypto/x509/pkix", "database/sql", "database/sql/driver", "debug/buildinfo",
	"debug/dwarf", "debug/elf", "debug/gosym", "debug/macho", "debug/pe", "debug/plan9obj", "embed",
	"encoding", "encoding/ascii85", "encoding/asn1", "encoding/base32", "encoding/base64",
	"encoding/binary", "encoding/csv", "encoding/gob", "encoding/hex", "encoding/json", "encoding/pem",
	"encoding/xml", "errors", "expvar", "flag", "fmt", "go/ast", "go/build", "go/build/constraint",
	"go/constant", "go/doc", "go/doc/comment", "go/format", "go/importer", "go/parser", "go/printer",
	"go/scanner", "go/token", "go/types", "go/version", "hash", "hash/adler32", "hash/crc32",
	"hash/crc64", "hash/fnv", "hash/maphash", "html", "html/template", "image", "image/color",
	"image/color/palette", "image/draw", "image/gif", "image/jpeg", "image/png", "index/suffixarray",
	"io", "io/fs", "io/ioutil", "iter", "log", "log/slog", "log/syslog", "maps", "math", "math/big",
	"math/bits", "math/cmplx", "math/rand", "math/rand/v2", "mime", "mime/multipart",
	"mime/quotedprintable", "net", "net/http", "net/http/cgi", "net/http/cookiejar", "net/http/fcgi",
	"net/http/httptest", "net/http/httptrace", "net/http/httputil", "net/mail", "net/netip", "net/rpc",
	"net/rpc/jsonrpc", "net/smtp", "net/textproto", "net/url", "os", "os/exec", "os/signal", "os/user",
	"path", "path/filepath", "reflect", "regexp", "regexp/syntax", "runtime", "runtime/coverage",
	"runtime/debug", "runtime/metrics", "runtime/pprof", "runtime/trace", "slices", "sort", "strconv",
	"strings", "structs", "sync", "sync/atomic", "syscall", "testing", "testing/cryptotest",
	"testing/fstest", "testing/iotest", "testing/quick", "testing/slogtest", "testing/synctest",
	"text/scanner", "text/tabwriter", "text/template", "text/template/parse", "time", "unicode",
	"unicode/utf16", "unicode/utf8", "unique", "unsafe", "weak",

	"gonum.org/v1/gonum/blas", "gonum.org/v1/gonum/blas/blas32", "gonum.org/v1/gonum/blas/blas64",
	"gonum.org/v1/gonum/diff/fd", "gonum.org/v1/gonum/floats", "gonum.org/v1/gonum/floats/scalar",
	"gonum.org/v1/gonum/integrate", "gonum.org/v1/gonum/interp", "gonum.org/v1/gonum/mat",
	"gonum.org/v1/gonum/optimize", "gonum.org/v1/gonum/stat", "gonum.org/v1/gonum/stat/distuv",
	"gonum.org/v1/plot", "gonum.org/v1/plot/palette", "gonum.org/v1/plot/palette/moreland",
	"gonum.org/v1/plot/plotter", "gonum.org/v1/plot/plotutil", "gonum.org/v1/plot/text",
	"gonum.org/v1/plot/vg", "gonum.org/v1/plot/vg/draw", "gonum.org/v1/plot/vg/vgimg",
	"gonum.org/v1/plot/vg/vgsvg",

	"golang.org/x/exp/constraints",

	"github.com/janpfeifer/gonb/cache", "github.com/janpfeifer/gonb/gonbui",
	"github.com/janpfeifer/gonb/gonbui/comms", "github.com/janpfeifer/gonb/gonbui/dom",
	"github.com/janpfeifer/gonb/gonbui/plotly", "github.com/janpfeifer/gonb/gonbui/protocol",
	"github.com/janpfeifer/gonb/gonbui/widgets",
}

var own = []string{
	"modelbook/dl", "modelbook/dl/card", "modelbook/dl/compress", "modelbook/dl/data", "modelbook/dl/data/breastcancer",
	"modelbook/dl/data/generate", "modelbook/dl/data/images",
	"modelbook/dl/data/iris", "modelbook/dl/data/mnist", "modelbook/dl/data/preprocess",
	"modelbook/dl/data/shakespeare", "modelbook/dl/data/table", "modelbook/dl/data/transforms",
	"modelbook/dl/explain", "modelbook/dl/fair", "modelbook/dl/gguf", "modelbook/dl/lm", "modelbook/dl/lora",
	"modelbook/dl/manifold", "modelbook/dl/metric", "modelbook/dl/nn",
	"modelbook/dl/onnx", "modelbook/dl/optim", "modelbook/dl/optim/lbfgs",
	"modelbook/dl/privacy", "modelbook/dl/privacy/anonymous", "modelbook/dl/privacy/sealed", "modelbook/dl/quant", "modelbook/dl/text",
	"modelbook/dl/train", "modelbook/dl/train/scaling", "modelbook/dl/train/tensorboard", "modelbook/dl/tune", "modelbook/dl/zoo", "modelbook/plotting",
	"modelbook/plotting/inline", "modelbook/plotting/steer",
	CommPackage, WidgetsPackage,
}

// Packages of modelbook that cells and plugins are built with, beside those that
// users import.
const (
	// RuntimePackage is imported by the generated part of every cell.
	RuntimePackage = "modelbook/kernel/worker/rt"
	// TestsPackage runs the tests of cells (%test).
	TestsPackage = "modelbook/kernel/worker/tests"
	// CommPackage and WidgetsPackage are there for every cell, however short the
	// list of libraries.
	CommPackage    = "modelbook/kernel/worker/comm"
	WidgetsPackage = "modelbook/kernel/ipywidgets"
	// SteadyPackage is linked into cells that are linked in full and import
	// DisplayPackage.
	SteadyPackage  = "modelbook/kernel/worker/steady"
	DisplayPackage = "github.com/janpfeifer/gonb/gonbui"
	// ThinPackage is linked into thin plugins.
	ThinPackage = "modelbook/kernel/worker/thin"
	// WorkerPackage is the program that runs cells.
	WorkerPackage = "modelbook/kernel/cmd/modelbook-worker"
)

// Always lists the packages that are compiled for every session, whatever it uses.
func Always() []string {
	return []string{RuntimePackage, TestsPackage, SteadyPackage, CommPackage, WidgetsPackage}
}

// Preferred decides which package a name means when several have it.
var Preferred = map[string]string{
	"rand":     "math/rand/v2",
	"template": "text/template",
	"scanner":  "text/scanner",
	"parser":   "go/parser",
	"draw":     "image/draw",
	"palette":  "gonum.org/v1/plot/palette",
	"text":     "gonum.org/v1/plot/text",
	"user":     "os/user",
	"data":     "modelbook/dl/data",
}
