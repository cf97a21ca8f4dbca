package kernel

import (
	"os"
	"runtime"
	"strings"

	"modelbook/kernel/jupyter"
	"modelbook/kernel/wire"
)

// answers are the requests answered at once, by message type. A nil
// reply means that there is nothing to reply.
var answers = map[string]func(*Kernel, *wire.Message) (jupyter.Reply, error){
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

	"usage_request":           (*Kernel).usageRequest,
	"create_subshell_request": (*Kernel).createSubshell,
	"delete_subshell_request": (*Kernel).deleteSubshell,
	"list_subshell_request":   (*Kernel).listSubshells,
}

func (k *Kernel) kernelInfo(*wire.Message) (jupyter.Reply, error) {
	return jupyter.KernelInfoReply{
		Status:                jupyter.OK,
		ProtocolVersion:       wire.ProtocolVersion,
		Implementation:        "modelbook",
		ImplementationVersion: k.config.Version,
		Banner:                "modelbook " + k.config.Version + " (" + k.config.GoVersion + "): Go with values that stay. %help lists the commands.",
		Debugger:              true, // enough of one for JupyterLab to show variables
		SupportedFeatures:     []string{"debugger", "kernel subshells"},
		LanguageInfo:          LanguageInfo(k.config.GoVersion),
		HelpLinks: []jupyter.HelpLink{
			{Text: "Go documentation", URL: "https://go.dev/doc/"},
			{Text: "Go packages", URL: "https://pkg.go.dev/"},
		},
	}, nil
}

// LanguageInfo is what front ends and notebook files hold about the language.
func LanguageInfo(goVersion string) jupyter.LanguageInfo {
	return jupyter.LanguageInfo{
		Name:           "go",
		Version:        strings.TrimPrefix(goVersion, "go"),
		MIMEType:       "text/x-go",
		FileExtension:  ".go",
		CodeMirrorMode: "go",
		PygmentsLexer:  "go",
	}
}

func (k *Kernel) isComplete(m *wire.Message) (jupyter.Reply, error) {
	var r jupyter.IsCompleteRequest
	if err := decode(m, &r); err != nil {
		return nil, err
	}
	c := Completeness{Status: "unknown"}
	if k.config.IsComplete != nil {
		c = k.config.IsComplete(r.Code)
	}
	reply := jupyter.IsCompleteReply{Status: c.Status}
	if c.Status == "incomplete" {
		reply.Indent = &c.Indent
	}
	return reply, nil
}

// connect tells where the sockets are. Few clients ask: they know it.
func (k *Kernel) connect(*wire.Message) (jupyter.Reply, error) {
	c := k.sockets.Connection()
	return jupyter.ConnectReply{
		Status: jupyter.OK, ShellPort: c.Shell, IOPubPort: c.IOPub, StdinPort: c.Stdin, HBPort: c.Heartbeat, ControlPort: c.Control,
	}, nil
}

func (k *Kernel) interruptRequest(*wire.Message) (jupyter.Reply, error) {
	k.Interrupt()
	return jupyter.InterruptReply{Status: jupyter.OK}, nil
}

func (k *Kernel) shutdownRequest(m *wire.Message) (jupyter.Reply, error) {
	var r jupyter.ShutdownRequest
	if err := decode(m, &r); err != nil {
		k.log.Print(err) // the kernel ends all the same: that much was understood
	}
	return jupyter.ShutdownReply{Status: jupyter.OK, Restart: r.Restart}, nil
}

// usageRequest tells what the kernel and its processes take of the machine.
func (k *Kernel) usageRequest(*wire.Message) (jupyter.Reply, error) {
	host, _ := os.Hostname()
	u := k.usage.Measure()
	h := u.Host
	return jupyter.UsageReply{
		Status: jupyter.OK, Host: host, PID: os.Getpid(), CPU: u.CPU, Memory: u.Memory, HostCPU: u.HostCPU, CPUs: runtime.NumCPU(),
		Virtual: jupyter.VirtualMemory{
			Total: h.Total, Available: h.Available, Percent: h.Percent, Used: h.Used, Free: h.Free,
			Active: h.Active, Inactive: h.Inactive, Buffers: h.Buffers, Cached: h.Cached, Shared: h.Shared, Slab: h.Slab,
		},
	}, nil
}
