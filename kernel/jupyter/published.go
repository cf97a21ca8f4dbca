package jupyter

import "encoding/json"

// A Published is the content of a message that belongs to a request but does
// not answer it. It knows the type of its message.
type Published interface{ MessageType() string }

// Attached is what comes with a content: metadata, as JSON or nil, and bytes.
type Attached struct {
	Metadata json.RawMessage `json:"-"`
	Buffers  [][]byte        `json:"-"`
}

// Attachment returns it.
func (a Attached) Attachment() Attached { return a }

// State is what the kernel does with a request, a message of type "status".
type State struct {
	State string `json:"execution_state"` // "starting", "busy" or "idle"
}

// ExecuteInput shows all front ends the text of a cell that runs.
type ExecuteInput struct {
	Code           string `json:"code"`
	ExecutionCount int    `json:"execution_count"`
}

// Stream is text of "stdout" or "stderr".
type Stream struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// DisplayData is rich output.
type DisplayData struct {
	Value
	Transient Transient `json:"transient"`
}

// Transient is what is said of an output and not stored with it.
type Transient struct {
	DisplayID string `json:"display_id,omitempty"`
}

// UpdateDisplayData replaces the outputs of a display identifier.
type UpdateDisplayData struct{ DisplayData }

// ExecuteResult is the value of a cell's last expression.
type ExecuteResult struct {
	DisplayData
	ExecutionCount int `json:"execution_count"`
}

// Error tells all front ends how a cell failed.
type Error struct{ Failure }

// ClearOutput clears the output of the cell, or with Wait when the next output
// arrives.
type ClearOutput struct {
	Wait bool `json:"wait"`
}

// CommOpen opens a comm to a target that front ends know.
type CommOpen struct {
	ID     string `json:"comm_id"`
	Data   any    `json:"data"`
	Target string `json:"target_name"`
	Attached
}

// CommMsg is a message of a comm.
type CommMsg struct {
	ID   string `json:"comm_id"`
	Data any    `json:"data"`
	Attached
}

// CommClose closes a comm.
type CommClose struct {
	ID   string `json:"comm_id"`
	Data any    `json:"data"`
}

// InputRequest asks the front end that sent a cell for a line. It goes to that
// one only, on the stdin channel.
type InputRequest struct {
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}

// The types of the messages.
func (State) MessageType() string             { return "status" }
func (ExecuteInput) MessageType() string      { return "execute_input" }
func (Stream) MessageType() string            { return "stream" }
func (DisplayData) MessageType() string       { return "display_data" }
func (UpdateDisplayData) MessageType() string { return "update_display_data" }
func (ExecuteResult) MessageType() string     { return "execute_result" }
func (Error) MessageType() string             { return "error" }
func (ClearOutput) MessageType() string       { return "clear_output" }
func (CommOpen) MessageType() string          { return "comm_open" }
func (CommMsg) MessageType() string           { return "comm_msg" }
func (CommClose) MessageType() string         { return "comm_close" }
func (InputRequest) MessageType() string      { return "input_request" }
