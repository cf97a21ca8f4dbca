//go:build client

// Package browser drives gonbui's widgets, scripts and plots in a real
// browser: in the classic Notebook and in a page of JupyterLab's notebook,
// both on a real Jupyter server, with and without base URL and TLS.
package browser

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"modelbook/kernel/prepare"
	"modelbook/kernel/prepare/testhome"
	"modelbook/kernel/toolchain"
)

const token = "a-token-for-tests"

// Each script takes so many steps.
const (
	driveSteps    = 17
	gonbSteps     = 4
	variableSteps = 8
	widgetSteps   = 11
	subshellSteps = 7
	steerSteps    = 8
)

func TestClientWidgets(t *testing.T) {
	tools := buildTools(t)
	kernel := installKernel(t)
	for _, site := range []struct {
		name, base string
		secure     bool
	}{{"plain", "/", false}, {"base URL and TLS", "/user/ada/", true}} {
		server := startServer(t, tools, kernel, site.name, site.base, site.secure)
		for _, client := range []string{"classic", "lab", "exposed"} {
			if client == "exposed" && site.secure {
				continue // goes the way of lab's own connection
			}
			t.Run(client+", "+site.name, func(t *testing.T) { drive(t, tools, server, client, "drive.mjs", driveSteps) })
		}
	}
}

// GoNB's own notebooks, as they stand in its module.
func TestClientGoNBNotebooks(t *testing.T) {
	tools := buildTools(t)
	server := startServer(t, tools, installKernel(t), "GoNB", "/", false)
	for _, client := range []string{"classic", "lab"} {
		t.Run(client, func(t *testing.T) { drive(t, tools, server, client, "gonb.mjs", gonbSteps) })
	}
}

// JupyterLab's own variable view.
func TestClientVariableView(t *testing.T) {
	tools := buildTools(t)
	server := startServer(t, tools, installKernel(t), "variables", "/", false)
	drive(t, tools, server, "lab", "variables.mjs", variableSteps)
}

// A second console of JupyterLab's, on a subshell.
func TestClientSubshellConsole(t *testing.T) {
	tools := buildTools(t)
	server := startServer(t, tools, installKernel(t), "subshell", "/", false)
	drive(t, tools, server, "lab", "subshell.mjs", subshellSteps)
}

// ipywidgets' protocol, with the front ends' own widget managers.
func TestClientIPyWidgets(t *testing.T) {
	tools := buildTools(t)
	kernel := installKernel(t)
	enableWidgets(t, kernel)
	server := startServer(t, tools, kernel, "ipywidgets", "/", false)
	for _, client := range []string{"classic", "lab"} {
		t.Run(client, func(t *testing.T) {
			drive(t, tools, server, client, "ipywidgets.mjs", widgetSteps)
		})
	}
}

// enableWidgets puts widgetsnbextension, of version 3 or later, into a folder for
// JUPYTER_PATH, where startServer enables it.
func enableWidgets(t *testing.T, dir string) {
	const file = "nbextensions/jupyter-js-widgets/extension.js"
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"/usr/share/jupyter", "/usr/local/share/jupyter", filepath.Join(cache, "modelbook-test")} {
		b, err := os.ReadFile(filepath.Join(from, file))
		if err != nil || bytes.Contains(b, []byte("jupyter.widget.version")) { // the protocol's version 1
			continue
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), b, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatal("no widgetsnbextension of ipywidgets 7 or 8: install/test.sh gets one")
}

// drive runs a script in a front end.
func drive(t *testing.T, tools string, s *server, client, script string, steps int) {
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb").Output()
	if err != nil {
		t.Fatal(err)
	}
	runScript(t, tools, s, 5*time.Minute, script, steps, map[string]any{
		"client": client, "examples": filepath.Join(strings.TrimSpace(string(module)), "examples"), "help": helpCell(t),
	})
}

// runScript runs a script, which takes so many steps. Pictures go to $MODELBOOK_SHOTS, if that is set.
func runScript(t *testing.T, tools string, s *server, atMost time.Duration, script string, steps int, options map[string]any) {
	t.Helper()
	shots := os.Getenv("MODELBOOK_SHOTS")
	if shots != "" {
		shots = filepath.Join(shots, s.name)
		if err := os.MkdirAll(shots, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	maps.Copy(options, map[string]any{
		"url": s.url, "token": token, "notebooks": s.notebooks, "chromium": chromium(t), "shots": shots,
		"plotly": filepath.Join(tools, "node_modules/plotly.js-dist-min/plotly.min.js"),
	})
	encoded, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", script, string(encoded))
	cmd.Dir = tools
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("node %s: %v\nserver:\n%s", script, err, s.tail())
	}
	passed := 0
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "ok ") {
			passed++
		}
	}
	if passed != steps || t.Failed() || testing.Verbose() {
		t.Logf("%s", out)
	}
	if passed != steps {
		t.Errorf("%d steps passed, want %d", passed, steps)
	}
}

// helpCell is the cell of %help that talks to its own script.
func helpCell(t *testing.T) string {
	_, text, _ := strings.Cut(string(read(t, "../command/help.md")), "### A cell and its own JavaScript")
	_, text, _ = strings.Cut(text, "```go\n")
	cell, _, found := strings.Cut(text, "```\n")
	if !found {
		t.Fatal("no such cell in help.md")
	}
	return cell
}

func chromium(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Chromium: apt-get install chromium")
	return ""
}

// buildTools installs what package.json names, in a cache folder, and makes
// JupyterLab's page. The folder is named by what goes into it.
func buildTools(t *testing.T) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	files := []string{"package.json", "package-lock.json", "build.mjs", "clients.mjs", "drive.mjs", "gonb.mjs", "ipywidgets.mjs", "subshell.mjs", "variables.mjs",
		"steer.mjs", "notebooks.mjs", "saved.mjs", "look.mjs", "faults.html", "page/app.js", "page/empty.js", "page/lab.html"}
	for _, name := range files[:2] {
		sum.Write(read(t, name))
	}
	dir := filepath.Join(cache, "modelbook-test", "browser-"+hex.EncodeToString(sum.Sum(nil)[:6]))
	if err := os.MkdirAll(filepath.Join(dir, "page"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if err := os.WriteFile(filepath.Join(dir, name), read(t, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "installed")); err != nil {
		command(t, dir, "npm", "ci", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund")
		if err := os.WriteFile(filepath.Join(dir, "installed"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	command(t, dir, "node", "build.mjs")
	return dir
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func command(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// installKernel builds the kernel and returns a folder for JUPYTER_PATH.
func installKernel(t *testing.T) string { return installWith(t, "libraries", toolchain.Libraries()) }

// installComplete is installKernel with modelbook's own packages, such as plotting.
func installComplete(t *testing.T) string {
	return installWith(t, "all", slices.Concat(toolchain.Libraries(), toolchain.Own()))
}

// installWith builds the kernel with a home of that name, in which these packages are compiled ahead.
func installWith(t *testing.T, name string, packages []string) string {
	dir := t.TempDir()
	program := filepath.Join(dir, "modelbook")
	command(t, ".", "go", "build", "-o", program, "../cmd/modelbook")
	home, root, err := testhome.Path(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := prepare.HomeWith(context.Background(), root, home, packages, nil); err != nil {
		t.Fatal(err)
	}
	command(t, ".", "install", "-D", program, filepath.Join(home, "bin", "modelbook")) // as an installation has it; cells may call it
	spec := filepath.Join(dir, "kernels", "modelbook")
	if err := os.MkdirAll(spec, 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(map[string]any{
		"argv": []string{program, "kernel", "--home", home, "{connection_file}"}, "display_name": "Go (modelbook)",
		"language": "go", "interrupt_mode": "message",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(spec, "kernel.json"), b, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A server is a running Jupyter server.
type server struct {
	name      string
	url       string // ends with /
	notebooks string
	log       string
}

func (s *server) tail() string {
	b, _ := os.ReadFile(s.log)
	return string(b[max(0, len(b)-4000):])
}

// startServer starts Debian's Notebook; it serves JupyterLab's page, too.
func startServer(t *testing.T, tools, kernel, name, base string, secure bool) *server {
	dir := t.TempDir()
	s := &server{name: name, notebooks: filepath.Join(dir, "notebooks"), log: filepath.Join(dir, "log")}
	static := filepath.Join(dir, "static")
	for _, d := range []string{s.notebooks, static} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	page := bytes.ReplaceAll(read(t, "page/lab.html"), []byte("BASE"), []byte(base))
	if err := os.WriteFile(filepath.Join(static, "lab.html"), page, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(kernel, "nbextensions")); err == nil {
		enabled := filepath.Join(dir, "config", "nbconfig")
		if err := os.MkdirAll(enabled, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(enabled, "notebook.json"), []byte(`{"load_extensions":{"jupyter-js-widgets/extension":true}}`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	port := freePort(t)
	args := []string{"-m", "notebook", "--allow-root", "--no-browser", "--ip=127.0.0.1", fmt.Sprint("--port=", port), "--port-retries=0",
		"--NotebookApp.token=" + token, "--NotebookApp.base_url=" + base, "--notebook-dir=" + s.notebooks,
		fmt.Sprintf("--NotebookApp.extra_static_paths=['%s','%s']", static, filepath.Join(tools, "dist"))}
	scheme := "http"
	if secure {
		scheme = "https"
		cert, key := certificate(t, dir)
		args = append(args, "--certfile="+cert, "--keyfile="+key)
	}
	s.url = fmt.Sprintf("%s://127.0.0.1:%d%s", scheme, port, base)
	s.start(t, kernel, exec.Command("/usr/bin/python3", args...))
	return s
}

// freePort is a port that nobody listens at.
func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start starts a server that finds the kernel, with folders of its own beside its log, and waits until it answers.
func (s *server) start(t *testing.T, kernel string, cmd *exec.Cmd) {
	t.Helper()
	out, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	dir := filepath.Dir(s.log)
	cmd.Env = append(append(os.Environ(), cmd.Env...), "JUPYTER_PATH="+kernel, "JUPYTER_CONFIG_DIR="+filepath.Join(dir, "config"),
		"JUPYTER_DATA_DIR="+filepath.Join(dir, "data"), "JUPYTER_RUNTIME_DIR="+filepath.Join(dir, "runtime"))
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			cmd.Process.Kill()
		}
	})
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if r, err := client.Get(s.url + "api"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server does not answer\n%s", s.tail())
		}
	}
}

// certificate makes one that signs itself.
func certificate(t *testing.T, dir string) (cert, key string) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}}
	public, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	b, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: public}, key: {Type: "PRIVATE KEY", Bytes: b}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}
