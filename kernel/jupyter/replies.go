package jupyter

// A Reply is the content of a reply. The type of the message is that of the
// request, with "reply" for "request".
type Reply interface{ reply() }

// isReply is embedded in the replies.
type isReply struct{}

func (isReply) reply() {}

// Status says how a request went.
type Status string

const (
	OK      Status = "ok"
	Failed  Status = "error"
	Aborted Status = "aborted" // an earlier cell failed
)

// A Failure says what went wrong.
type Failure struct {
	Name      string       `json:"ename"`
	Value     string       `json:"evalue"`
	Traceback List[string] `json:"traceback"`
}

// ErrorReply answers a request that failed.
type ErrorReply struct {
	isReply
	Status Status `json:"status"`
	Failure
}

// NewErrorReply answers a request that failed.
func NewErrorReply(f Failure) ErrorReply { return ErrorReply{Status: Failed, Failure: f} }

// ExecuteReply answers an ExecuteRequest.
type ExecuteReply struct {
	isReply
	Status          Status             `json:"status"`
	ExecutionCount  int                `json:"execution_count"`
	Payload         List[SetNextInput] `json:"payload"`
	UserExpressions Object[Expression] `json:"user_expressions"`
	*Failure                           // when Status is Failed
}

// ExecuteMetadata is the metadata of an execute_reply. Front ends show how long
// the cell took.
type ExecuteMetadata struct {
	Started         string `json:"started"`
	Status          Status `json:"status"`
	DependenciesMet bool   `json:"dependencies_met"`
}

// An Expression is what became of a user expression: a value or a Failure.
type Expression struct {
	Status Status `json:"status"`
	*Value
	*Failure
}

// A Value is a value in its rich form. NewValue makes it.
type Value struct {
	Data     Bundle `json:"data"`
	Metadata Bundle `json:"metadata"`
}

// NewValue returns a value whose bundles are not null.
func NewValue(data, metadata Bundle) Value {
	if data == nil {
		data = Bundle{}
	}
	if metadata == nil {
		metadata = Bundle{}
	}
	return Value{data, metadata}
}

// SetNextInput is the payload that fills in a cell.
type SetNextInput struct {
	Text    string
	Replace bool
}

// MarshalJSON adds what kind of payload it is.
func (p SetNextInput) MarshalJSON() ([]byte, error) {
	return encode(struct {
		Source  string `json:"source"`
		Text    string `json:"text"`
		Replace bool   `json:"replace"`
	}{"set_next_input", p.Text, p.Replace})
}

// KernelInfoReply says what the kernel is.
type KernelInfoReply struct {
	isReply
	Status                Status         `json:"status"`
	ProtocolVersion       string         `json:"protocol_version"`
	Implementation        string         `json:"implementation"`
	ImplementationVersion string         `json:"implementation_version"`
	Banner                string         `json:"banner"`
	Debugger              bool           `json:"debugger"`
	SupportedFeatures     List[string]   `json:"supported_features"` // since 5.5
	LanguageInfo          LanguageInfo   `json:"language_info"`
	HelpLinks             List[HelpLink] `json:"help_links"`
}

// LanguageInfo is what front ends and notebook files hold about the language.
type LanguageInfo struct {
	Name              string `json:"name"`
	Version           string `json:"version"`
	MIMEType          string `json:"mimetype"`
	FileExtension     string `json:"file_extension"`
	CodeMirrorMode    string `json:"codemirror_mode"`
	PygmentsLexer     string `json:"pygments_lexer"`
	NBConvertExporter string `json:"nbconvert_exporter"`
}

// A HelpLink is an entry of a front end's help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// CompleteReply lists what may stand at the cursor.
type CompleteReply struct {
	isReply
	Status      Status             `json:"status"`
	Matches     List[string]       `json:"matches"`
	CursorStart int                `json:"cursor_start"`
	CursorEnd   int                `json:"cursor_end"`
	Metadata    CompletionMetadata `json:"metadata"`
}

// CompletionMetadata says more of the matches, as ipykernel does: front ends
// show types and signatures from it.
type CompletionMetadata struct {
	Types List[CompletionType] `json:"_jupyter_types_experimental"`
}

// A CompletionType says what a match is.
type CompletionType struct {
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Text      string `json:"text"`
	Type      string `json:"type"`
	Signature string `json:"signature"`
}

// InspectReply describes what stands at the cursor.
type InspectReply struct {
	isReply
	Status Status `json:"status"`
	Found  bool   `json:"found"`
	Value
}

// IsCompleteReply says whether a text can be run as it is.
type IsCompleteReply struct {
	isReply
	Status string  `json:"status"`           // "complete", "incomplete", "invalid" or "unknown"
	Indent *string `json:"indent,omitempty"` // of the next line, when it is incomplete
}

// HistoryReply lists inputs of earlier cells.
type HistoryReply struct {
	isReply
	Status  Status             `json:"status"`
	History List[HistoryEntry] `json:"history"`
}

// A HistoryEntry is one input. It is an array: session, number and input, or
// for the last the pair of input and output, where null is no output.
type HistoryEntry struct {
	Session, Number int
	Input, Output   string
	WithOutput      bool
}

// MarshalJSON makes the array.
func (e HistoryEntry) MarshalJSON() ([]byte, error) {
	if !e.WithOutput {
		return encode([]any{e.Session, e.Number, e.Input})
	}
	pair := []any{e.Input, nil}
	if e.Output != "" {
		pair[1] = e.Output
	}
	return encode([]any{e.Session, e.Number, pair})
}

// CommInfoReply lists the open comms by their identifiers.
type CommInfoReply struct {
	isReply
	Status Status           `json:"status"`
	Comms  Object[CommInfo] `json:"comms"`
}

// CommInfo says to which target a comm was opened.
type CommInfo struct {
	Target string `json:"target_name"`
}

// ConnectReply tells where the sockets are.
type ConnectReply struct {
	isReply
	Status      Status `json:"status"`
	ShellPort   int    `json:"shell_port"`
	IOPubPort   int    `json:"iopub_port"`
	StdinPort   int    `json:"stdin_port"`
	HBPort      int    `json:"hb_port"`
	ControlPort int    `json:"control_port"`
}

// InterruptReply says that the cells that run were interrupted.
type InterruptReply struct {
	isReply
	Status Status `json:"status"`
}

// CreateSubshellReply names a subshell that was created.
type CreateSubshellReply struct {
	isReply
	Status Status `json:"status"`
	ID     string `json:"subshell_id"`
}

// DeleteSubshellReply says that a subshell was deleted.
type DeleteSubshellReply struct {
	isReply
	Status Status `json:"status"`
}

// ListSubshellReply lists the subshells, without the main shell.
type ListSubshellReply struct {
	isReply
	Status Status       `json:"status"`
	IDs    List[string] `json:"subshell_id"`
}

// UsageReply says what the kernel and its processes take of the machine, as
// ipykernel says it.
type UsageReply struct {
	isReply
	Status  Status        `json:"status"`
	Host    string        `json:"hostname"`
	PID     int           `json:"pid"`
	CPU     float64       `json:"kernel_cpu"`                 // percent of one processor
	Memory  int64         `json:"kernel_memory"`              // bytes
	HostCPU *float64      `json:"host_cpu_percent,omitempty"` // of all processors
	CPUs    int           `json:"cpu_count"`
	Virtual VirtualMemory `json:"host_virtual_memory"`
}

// VirtualMemory is the memory of a machine in bytes.
type VirtualMemory struct {
	Total     int64   `json:"total"`
	Available int64   `json:"available"`
	Percent   float64 `json:"percent"` // that is not available
	Used      int64   `json:"used"`
	Free      int64   `json:"free"`
	Active    int64   `json:"active"`
	Inactive  int64   `json:"inactive"`
	Buffers   int64   `json:"buffers"`
	Cached    int64   `json:"cached"`
	Shared    int64   `json:"shared"`
	Slab      int64   `json:"slab"`
}

// ShutdownReply says that the kernel ends. It is published, too, for the other
// front ends.
type ShutdownReply struct {
	isReply
	Status  Status `json:"status"`
	Restart bool   `json:"restart"`
}

// MessageType is the type of the message.
func (ShutdownReply) MessageType() string { return "shutdown_reply" }
