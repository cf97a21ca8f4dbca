package kernel

import "modelbook/kernel/wire"

// answers are the requests answered at once, by message type. A nil content
// means that there is nothing to reply.
var answers = map[string]func(*Kernel, *wire.Message) (any, error){
	"kernel_info_request": (*Kernel).kernelInfo,
	"is_complete_request": (*Kernel).isComplete,
	"complete_request":    (*Kernel).complete,
	"inspect_request":     (*Kernel).inspect,
	"history_request":     (*Kernel).historyRequest,
	"comm_info_request":   (*Kernel).commInfo,
	"comm_open":           (*Kernel).commOpen,
	"comm_msg":            (*Kernel).commMsg,
	"comm_close":          (*Kernel).commClose,
	"interrupt_request":   (*Kernel).interruptRequest,
	"shutdown_request":    (*Kernel).shutdownRequest,
	"debug_request":       (*Kernel).debug,
	"connect_request":     (*Kernel).connect,
}

func (k *Kernel) kernelInfo(*wire.Message) (any, error) {
	return map[string]any{
		"status":                 "ok",
		"protocol_version":       wire.ProtocolVersion,
		"implementation":         "modelbook",
		"implementation_version": k.config.Version,
		"banner":                 "modelbook " + k.config.Version + " (" + k.config.GoVersion + "): Go with values that stay. %help lists the commands.",
		"debugger":               true,                 // enough of one for JupyterLab to show variables
		"supported_features":     []string{"debugger"}, // as 5.5 says it
		"language_info":          LanguageInfo(k.config.GoVersion),
		"help_links": []map[string]string{
			{"text": "Go documentation", "url": "https://go.dev/doc/"},
			{"text": "Go packages", "url": "https://pkg.go.dev/"},
		},
	}, nil
}

// LanguageInfo is what front ends and notebook files hold about the language.
func LanguageInfo(goVersion string) map[string]any {
	if len(goVersion) > 2 && goVersion[:2] == "go" {
		goVersion = goVersion[2:]
	}
	return map[string]any{
		"name":               "go",
		"version":            goVersion,
		"mimetype":           "text/x-go",
		"file_extension":     ".go",
		"codemirror_mode":    "go",
		"pygments_lexer":     "go",
		"nbconvert_exporter": "",
	}
}

func (k *Kernel) isComplete(m *wire.Message) (any, error) {
	var r struct {
		Code string `json:"code"`
	}
	if err := decode(m, &r); err != nil {
		return nil, err
	}
	c := Completeness{Status: "unknown"}
	if k.config.IsComplete != nil {
		c = k.config.IsComplete(r.Code)
	}
	reply := map[string]any{"status": c.Status}
	if c.Status == "incomplete" {
		reply["indent"] = c.Indent
	}
	return reply, nil
}

// connect tells where the sockets are. Few clients ask: they know it.
func (k *Kernel) connect(*wire.Message) (any, error) {
	c := k.sockets.Connection()
	return map[string]any{
		"status": "ok", "shell_port": c.Shell, "iopub_port": c.IOPub, "stdin_port": c.Stdin, "hb_port": c.Heartbeat, "control_port": c.Control,
	}, nil
}

func (k *Kernel) interruptRequest(*wire.Message) (any, error) {
	k.Interrupt()
	return map[string]any{"status": "ok"}, nil
}

func (k *Kernel) shutdownRequest(m *wire.Message) (any, error) {
	var r struct {
		Restart bool `json:"restart"`
	}
	if err := decode(m, &r); err != nil {
		k.log.Print(err) // and end all the same: that much was understood
	}
	return map[string]any{"status": "ok", "restart": r.Restart}, nil
}
