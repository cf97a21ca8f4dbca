// Package gopls asks Go's language server. It is one process for one folder,
// started when first asked, at low priority, and gone with the program that
// started it.
package gopls

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Config says what to start and where.
type Config struct {
	Path string   // the gopls program
	Dir  string   // the folder of the module it looks at
	Env  []string // its environment
	Logf func(format string, args ...any)
}

// A Server is a gopls that is started when it is first needed, and again when
// it has ended.
type Server struct {
	cfg Config

	mu     sync.Mutex
	run    *running
	failed []time.Time // when it ended or did not start
	closed bool
}

// running is one process.
type running struct {
	cmd    *exec.Cmd
	conn   *conn
	stdin  *os.File
	ready  chan struct{} // closed when it is initialized, or has failed and exited
	exited chan struct{}
	open   map[string]document // by file name
}

type document struct {
	version int
	text    string
}

// New makes a server; nothing is started yet.
func New(cfg Config) *Server {
	if cfg.Logf == nil {
		cfg.Logf = func(string, ...any) {}
	}
	return &Server{cfg: cfg}
}

// Errors of a server that cannot answer.
var (
	// ErrNotReady is returned while gopls starts.
	ErrNotReady = errors.New("gopls: not ready yet")
	// ErrUnavailable is returned when gopls cannot be started or ends again
	// and again.
	ErrUnavailable = errors.New("gopls: not available")
)

const (
	startFor  = 60 * time.Second // a start that takes longer has failed
	maxFailed = 3                // in failedFor, and it is left alone
	failedFor = 5 * time.Minute
	niceness  = 10
)

// Start starts gopls if it does not run, and returns at once.
func (s *Server) Start() error {
	_, err := s.current()
	if errors.Is(err, ErrNotReady) {
		return nil
	}
	return err
}

// current is the running process, if it is ready.
func (s *Server) current() (*running, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrUnavailable
	}
	if s.run != nil {
		if s.run.gone() {
			s.run.kill()
			<-s.run.exited
			s.cfg.Logf("gopls has ended")
			s.failed, s.run = append(s.failed, time.Now()), nil
		}
	}
	if s.run == nil {
		if n := len(s.failed); n >= maxFailed && time.Since(s.failed[n-maxFailed]) < failedFor {
			return nil, ErrUnavailable
		}
		r, err := s.start()
		if err != nil {
			s.failed = append(s.failed, time.Now())
			return nil, fmt.Errorf("%w: %v", ErrUnavailable, err)
		}
		s.run = r
	}
	select {
	case <-s.run.ready:
		return s.run, nil
	default:
		return nil, ErrNotReady
	}
}

func (s *Server) start() (*running, error) {
	in, stdin, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	stdout, out, err := os.Pipe()
	if err != nil {
		in.Close()
		stdin.Close()
		return nil, err
	}
	r := &running{stdin: stdin, ready: make(chan struct{}), exited: make(chan struct{}), open: map[string]document{}}
	r.cmd = &exec.Cmd{Path: s.cfg.Path, Args: []string{"gopls", "serve"}, Dir: s.cfg.Dir, Env: s.cfg.Env, Stdin: in, Stdout: out,
		// Its own group, so that go commands it has started end with it.
		SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}}
	started := make(chan error)
	go r.live(started)
	err = <-started
	in.Close()
	out.Close()
	if err != nil {
		stdin.Close()
		stdout.Close()
		return nil, err
	}
	r.conn = newConn(stdout, stdin, s.answer)
	go func() {
		<-r.exited
		stdout.Close()
	}()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), startFor)
		defer cancel()
		if err := s.initialize(ctx, r); err != nil {
			s.cfg.Logf("%v", err)
			r.kill()
			<-r.exited
		}
		close(r.ready)
	}()
	return r, nil
}

// live starts the process and waits for its end, in one thread that ends with
// it: the parent whose death kills the process is a thread, and its priority
// is inherited.
func (r *running) live(started chan<- error) {
	runtime.LockOSThread() // for good
	unix.Setpriority(unix.PRIO_PROCESS, 0, niceness)
	if err := r.cmd.Start(); err != nil {
		started <- err
		return
	}
	started <- nil
	r.cmd.Wait()
	r.kill()
	close(r.exited)
}

// gone reports whether nothing more comes from the process.
func (r *running) gone() bool {
	select {
	case <-r.conn.closed:
	case <-r.exited:
	default:
		return false
	}
	return true
}

// kill ends the process and what it has started.
func (r *running) kill() {
	select {
	case <-r.exited: // its number may be another's by now
	default:
		syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// settings are gopls's: no work that nobody sees.
var settings = map[string]any{
	"completeUnimported": false, "importsSource": "off", "completionBudget": "100ms", "matcher": "Fuzzy", "hoverKind": "FullDocumentation",
	"linksInHover": false, "diagnosticsTrigger": "Save", "pullDiagnostics": true, "staticcheck": false, "vulncheck": "Off",
	"experimentalPostfixCompletions": false, "semanticTokens": false, "usePlaceholders": false,
}

// answer answers what gopls asks.
func (s *Server) answer(method string, params json.RawMessage) any {
	if method != "workspace/configuration" {
		return nil
	}
	var p struct{ Items []any }
	json.Unmarshal(params, &p)
	all := make([]any, len(p.Items))
	for i := range all {
		all[i] = settings
	}
	return all
}

func (s *Server) initialize(ctx context.Context, r *running) error {
	root := uri(s.cfg.Dir)
	err := r.conn.call(ctx, "initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": root, "workspaceFolders": []any{map[string]any{"uri": root, "name": "session"}},
		"initializationOptions": settings,
		"capabilities": map[string]any{
			"workspace": map[string]any{"configuration": true, "workspaceFolders": true},
			"textDocument": map[string]any{
				"completion":    map[string]any{"completionItem": map[string]any{"documentationFormat": []string{"markdown"}}},
				"hover":         map[string]any{"contentFormat": []string{"markdown"}},
				"signatureHelp": map[string]any{"signatureInformation": map[string]any{"documentationFormat": []string{"markdown"}}},
			},
		},
	}, nil)
	if err != nil {
		return err
	}
	return r.conn.notify("initialized", struct{}{})
}

// Close ends gopls.
func (s *Server) Close() error {
	s.mu.Lock()
	r := s.run
	s.closed, s.run = true, nil
	s.mu.Unlock()
	if r == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if r.conn.call(ctx, "shutdown", nil, nil) == nil {
		r.conn.notify("exit", nil)
	}
	r.stdin.Close()
	select {
	case <-r.exited:
	case <-ctx.Done():
		r.kill()
		<-r.exited
	}
	return nil
}

// Pid is the process that runs now, 0 for none.
func (s *Server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run == nil {
		return 0
	}
	return s.run.cmd.Process.Pid
}

func uri(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

// Wait waits until gopls is ready, has failed, or ctx ends.
func (s *Server) Wait(ctx context.Context) error {
	s.mu.Lock()
	r := s.run
	s.mu.Unlock()
	if r == nil {
		return ErrUnavailable
	}
	select {
	case <-r.ready:
		return nil
	case <-ctx.Done():
		return ErrNotReady
	}
}

// Changed tells a gopls that runs of a file that changed on the disk.
func (s *Server) Changed(name string) error {
	s.mu.Lock()
	r := s.run
	s.mu.Unlock()
	if r == nil {
		return nil
	}
	return r.conn.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{
		map[string]any{"uri": uri(filepath.Join(s.cfg.Dir, name)), "type": 2}}}) // 2: changed
}
