package jupyter

import "encoding/json"

// ExecuteRequest asks to run a cell.
type ExecuteRequest struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    bool              `json:"store_history"`
	UserExpressions map[string]string `json:"user_expressions"`
	AllowStdin      bool              `json:"allow_stdin"`
	StopOnError     bool              `json:"stop_on_error"`
}

// NewExecuteRequest returns a request with the values of members that are not
// sent.
func NewExecuteRequest() ExecuteRequest {
	return ExecuteRequest{StoreHistory: true, AllowStdin: true, StopOnError: true}
}

// A CursorRequest asks about a place in a text: complete_request and
// inspect_request.
type CursorRequest struct {
	Code   string `json:"code"`
	Cursor *int   `json:"cursor_pos"`   // in code points; the end of the text when it is left out
	Detail int    `json:"detail_level"` // of inspect_request
}

// IsCompleteRequest asks whether a text can be run as it is.
type IsCompleteRequest struct {
	Code string `json:"code"`
}

// HistoryRequest asks for inputs of earlier cells.
type HistoryRequest struct {
	Access  string `json:"hist_access_type"` // "range", "tail" or "search"
	Output  bool   `json:"output"`
	Session int    `json:"session"`
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"`
	N       *int   `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// CommInfoRequest asks for the open comms, all or those of one target.
type CommInfoRequest struct {
	Target string `json:"target_name"`
}

// A CommMessage is a comm_open, comm_msg or comm_close of a front end.
type CommMessage struct {
	ID     string          `json:"comm_id"`
	Target string          `json:"target_name"` // of comm_open
	Data   json.RawMessage `json:"data"`
}

// DeleteSubshellRequest asks to end a subshell.
type DeleteSubshellRequest struct {
	ID string `json:"subshell_id"`
}

// ShutdownRequest asks the kernel to end.
type ShutdownRequest struct {
	Restart bool `json:"restart"`
}

// InputReply is the answer to an InputRequest.
type InputReply struct {
	Value string `json:"value"`
}
