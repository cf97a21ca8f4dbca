package jupyter

import (
	"encoding/json"
	"reflect"
	"testing"
)

// TestContents compares what is sent with the message specification and, where
// that leaves something open, with ipykernel: names of members, which are always
// there, and that lists and objects are never null. The zero value of each type
// shows what is sent when there is nothing to say.
func TestContents(t *testing.T) {
	indent, share := "  ", 12.5
	value := NewValue(Bundle{"text/plain": "x", "application/json": []int{1}}, Bundle{"width": 2})
	none := NewValue(nil, nil)
	const bundle = `"data":{"application/json":[1],"text/plain":"x"},"metadata":{"width":2}`
	failure := Failure{Name: "N", Value: "v", Traceback: []string{"t"}}
	const failed = `"ename":"N","evalue":"v","traceback":["t"]`
	for _, c := range []struct {
		content any
		want    string
	}{
		{ErrorReply{}, `{"status":"","ename":"","evalue":"","traceback":[]}`},
		{NewErrorReply(failure), `{"status":"error",` + failed + `}`},
		{ExecuteReply{Status: OK, ExecutionCount: 3}, `{"status":"ok","execution_count":3,"payload":[],"user_expressions":{}}`},
		{ExecuteReply{Status: Aborted}, `{"status":"aborted","execution_count":0,"payload":[],"user_expressions":{}}`},
		{ExecuteReply{Status: Failed, Failure: &failure}, `{"status":"error","execution_count":0,"payload":[],"user_expressions":{},` + failed + `}`},
		{ExecuteReply{Status: OK, Payload: []SetNextInput{{"x", true}}, UserExpressions: Object[Expression]{
			"a": {Status: OK, Value: &value}, "b": {Status: Failed, Failure: &failure}, "c": {Status: OK, Value: &none}}},
			`{"status":"ok","execution_count":0,"payload":[{"source":"set_next_input","text":"x","replace":true}],"user_expressions":{` +
				`"a":{"status":"ok",` + bundle + `},"b":{"status":"error",` + failed + `},"c":{"status":"ok","data":{},"metadata":{}}}}`},
		{ExecuteMetadata{Started: "2026-01-02T03:04:05.6Z", Status: OK, DependenciesMet: true}, `{"started":"2026-01-02T03:04:05.6Z","status":"ok","dependencies_met":true}`},
		{KernelInfoReply{Status: OK, HelpLinks: []HelpLink{{"t", "u"}}}, `{"status":"ok","protocol_version":"","implementation":"","implementation_version":"","banner":"","debugger":false,"supported_features":[],` +
			`"language_info":{"name":"","version":"","mimetype":"","file_extension":"","codemirror_mode":"","pygments_lexer":"","nbconvert_exporter":""},"help_links":[{"text":"t","url":"u"}]}`},
		{CompleteReply{Status: OK}, `{"status":"ok","matches":[],"cursor_start":0,"cursor_end":0,"metadata":{"_jupyter_types_experimental":[]}}`},
		{CompleteReply{Status: OK, Matches: []string{"m"}, CursorEnd: 1, Metadata: CompletionMetadata{[]CompletionType{{0, 1, "m", "function", "()"}}}},
			`{"status":"ok","matches":["m"],"cursor_start":0,"cursor_end":1,"metadata":{"_jupyter_types_experimental":[{"start":0,"end":1,"text":"m","type":"function","signature":"()"}]}}`},
		{InspectReply{Status: OK, Value: none}, `{"status":"ok","found":false,"data":{},"metadata":{}}`},
		{InspectReply{Status: OK, Found: true, Value: value}, `{"status":"ok","found":true,` + bundle + `}`},
		{IsCompleteReply{Status: "complete"}, `{"status":"complete"}`},
		{IsCompleteReply{Status: "incomplete", Indent: &indent}, `{"status":"incomplete","indent":"  "}`},
		{HistoryReply{Status: OK}, `{"status":"ok","history":[]}`},
		{HistoryReply{Status: OK, History: []HistoryEntry{{1, 2, "in", "out", false}, {1, 2, "in", "out", true}, {1, 3, "in", "", true}}},
			`{"status":"ok","history":[[1,2,"in"],[1,2,["in","out"]],[1,3,["in",null]]]}`},
		{CommInfoReply{Status: OK}, `{"status":"ok","comms":{}}`},
		{CommInfoReply{Status: OK, Comms: Object[CommInfo]{"c": {"t"}}}, `{"status":"ok","comms":{"c":{"target_name":"t"}}}`},
		{ConnectReply{Status: OK, ShellPort: 1, IOPubPort: 2, StdinPort: 3, HBPort: 4, ControlPort: 5}, `{"status":"ok","shell_port":1,"iopub_port":2,"stdin_port":3,"hb_port":4,"control_port":5}`},
		{InterruptReply{Status: OK}, `{"status":"ok"}`},
		{ShutdownReply{Status: OK}, `{"status":"ok","restart":false}`},
		{UsageReply{Status: OK, Host: "h", PID: 1, CPU: 2.5, Memory: 3, HostCPU: &share, CPUs: 4, Virtual: VirtualMemory{1, 2, 3.5, 4, 5, 6, 7, 8, 9, 10, 11}},
			`{"status":"ok","hostname":"h","pid":1,"kernel_cpu":2.5,"kernel_memory":3,"host_cpu_percent":12.5,"cpu_count":4,"host_virtual_memory":` +
				`{"total":1,"available":2,"percent":3.5,"used":4,"free":5,"active":6,"inactive":7,"buffers":8,"cached":9,"shared":10,"slab":11}}`},
		{CreateSubshellReply{Status: OK, ID: "i"}, `{"status":"ok","subshell_id":"i"}`},
		{DeleteSubshellReply{Status: OK}, `{"status":"ok"}`},
		{ListSubshellReply{Status: OK}, `{"status":"ok","subshell_id":[]}`},
		{ListSubshellReply{Status: OK, IDs: []string{"a", "b"}}, `{"status":"ok","subshell_id":["a","b"]}`},

		{State{"busy"}, `{"execution_state":"busy"}`},
		{ExecuteInput{"c", 1}, `{"code":"c","execution_count":1}`},
		{Stream{"stdout", "t"}, `{"name":"stdout","text":"t"}`},
		{DisplayData{Value: none}, `{"data":{},"metadata":{},"transient":{}}`},
		{DisplayData{value, Transient{"i"}}, `{` + bundle + `,"transient":{"display_id":"i"}}`},
		{UpdateDisplayData{DisplayData{value, Transient{"i"}}}, `{` + bundle + `,"transient":{"display_id":"i"}}`},
		{ExecuteResult{DisplayData{Value: value}, 4}, `{` + bundle + `,"transient":{},"execution_count":4}`},
		{Error{failure}, `{` + failed + `}`},
		{ClearOutput{}, `{"wait":false}`},
		{CommOpen{ID: "c", Target: "t", Data: struct{}{}}, `{"comm_id":"c","data":{},"target_name":"t"}`},
		{CommMsg{ID: "c", Data: json.RawMessage(`[1]`), Attached: Attached{json.RawMessage(`{}`), [][]byte{{1}}}}, `{"comm_id":"c","data":[1]}`},
		{CommClose{"c", struct{}{}}, `{"comm_id":"c","data":{}}`},
		{InputRequest{"p", true}, `{"prompt":"p","password":true}`},

		{DebugReply{Type: "response", Seq: 1, RequestSeq: 1, Command: "c", Success: true, Body: NoBody{}}, `{"type":"response","seq":1,"request_seq":1,"command":"c","success":true,"body":{}}`},
		{DebugReply{Message: "m", Body: Variables{}}, `{"type":"","seq":0,"request_seq":0,"command":"","success":false,"message":"m","body":{"variables":[]}}`},
		{DebugInfo{HashSeed: 0xc70f6907}, `{"isStarted":false,"richRendering":false,"copyToGlobals":false,"breakpoints":[],"stoppedThreads":[],"exceptionPaths":[],` +
			`"hashMethod":"","hashSeed":3339675911,"tmpFilePrefix":"","tmpFileSuffix":""}`},
		{DebugCapabilities{}, `{"exceptionBreakpointFilters":[],"supportsConfigurationDoneRequest":false}`},
		{DumpedCell{SourcePath: "p"}, `{"sourcePath":"p"}`},
		{Variable{Name: "n", Value: "v", Type: "t"}, `{"name":"n","value":"v","type":"t","variablesReference":0}`},
		{Variable{Name: "n", EvaluateName: "n", Reference: 1, Parts: 2}, `{"name":"n","value":"","type":"","evaluateName":"n","variablesReference":1,"namedVariables":2}`},
		{RichVariable{Value: none}, `{"data":{},"metadata":{}}`},
		{Breakpoints{}, `{"breakpoints":[]}`},
		{Breakpoints{Breakpoints: []Breakpoint{{true, 3, &Source{"", "p"}}}}, `{"breakpoints":[{"verified":true,"line":3,"source":{"path":"p"}}]}`},
		{DebugInfo{Breakpoints: []SourceBreakpoints{{"p", []Breakpoint{{Line: 3}}}}, StoppedThreads: []int{1}}, `{"isStarted":false,"richRendering":false,"copyToGlobals":false,` +
			`"breakpoints":[{"source":"p","breakpoints":[{"verified":false,"line":3}]}],"stoppedThreads":[1],"exceptionPaths":[],"hashMethod":"","hashSeed":0,"tmpFilePrefix":"","tmpFileSuffix":""}`},
		{Threads{Threads: []Thread{{1, "n"}}}, `{"threads":[{"id":1,"name":"n"}]}`},
		{StackTrace{Frames: []StackFrame{{1, "f", Source{"n", "p"}, 3, 1}}, Total: 1}, `{"stackFrames":[{"id":1,"name":"f","source":{"name":"n","path":"p"},"line":3,"column":1}],"totalFrames":1}`},
		{Scopes{Scopes: []Scope{{"Locals", 7, false}}}, `{"scopes":[{"name":"Locals","variablesReference":7,"expensive":false}]}`},
		{Evaluation{Result: "r", Type: "int"}, `{"result":"r","type":"int","variablesReference":0}`},
		{SourceText{Content: "c", MIMEType: "m"}, `{"content":"c","mimeType":"m"}`},
		{Continued{All: true}, `{"allThreadsContinued":true}`},
		{DebugEvent{"event", 2, "stopped", StoppedBody{"step", 1, false}}, `{"type":"event","seq":2,"event":"stopped","body":{"reason":"step","threadId":1,"allThreadsStopped":false}}`},
		{DebugEvent{"event", 3, "continued", ContinuedBody{1, true}}, `{"type":"event","seq":3,"event":"continued","body":{"threadId":1,"allThreadsContinued":true}}`},
		{Threads{}, `{"threads":[]}`},
		{StackTrace{}, `{"stackFrames":[],"totalFrames":0}`},
		{Scopes{}, `{"scopes":[]}`},
		{Modules{}, `{"modules":[],"totalModules":0}`},
	} {
		got, err := encode(c.content)
		if err != nil || string(got) != c.want {
			t.Errorf("%T: got  %s, %v\nwant %s", c.content, got, err, c.want)
		}
	}
}

// The types of messages, which front ends tell messages apart by.
func TestMessageTypes(t *testing.T) {
	for want, content := range map[string]Published{
		"status": State{}, "execute_input": ExecuteInput{}, "stream": Stream{}, "display_data": DisplayData{}, "update_display_data": UpdateDisplayData{},
		"execute_result": ExecuteResult{}, "error": Error{}, "clear_output": ClearOutput{}, "comm_open": CommOpen{}, "comm_msg": CommMsg{},
		"comm_close": CommClose{}, "input_request": InputRequest{}, "shutdown_reply": ShutdownReply{},
	} {
		if got := content.MessageType(); got != want {
			t.Errorf("%T is a %s, want %s", content, got, want)
		}
	}
}

// What front ends ask, and what is meant by members that they leave out.
func TestRequests(t *testing.T) {
	two := 2
	for _, c := range []struct {
		text string
		into any
		want any
	}{
		{`{"code":"c","silent":true,"store_history":false,"user_expressions":{"a":"b"},"allow_stdin":false,"stop_on_error":false}`,
			&ExecuteRequest{StoreHistory: true, AllowStdin: true, StopOnError: true}, &ExecuteRequest{Code: "c", Silent: true, UserExpressions: map[string]string{"a": "b"}}},
		{`{"code":"c"}`, new(NewExecuteRequest()), &ExecuteRequest{Code: "c", StoreHistory: true, AllowStdin: true, StopOnError: true}},
		{`{"code":"c","cursor_pos":2,"detail_level":1}`, &CursorRequest{}, &CursorRequest{Code: "c", Cursor: &two, Detail: 1}},
		{`{"code":"c"}`, &CursorRequest{}, &CursorRequest{Code: "c"}},
		{`{"code":"c"}`, &IsCompleteRequest{}, &IsCompleteRequest{Code: "c"}},
		{`{"output":true,"raw":true,"hist_access_type":"range","session":-1,"start":1,"stop":2,"n":2,"pattern":"p","unique":true}`, &HistoryRequest{},
			&HistoryRequest{Access: "range", Output: true, Session: -1, Start: 1, Stop: &two, N: &two, Pattern: "p", Unique: true}},
		{`{}`, &CommInfoRequest{}, &CommInfoRequest{}},
		{`{"target_name":"t"}`, &CommInfoRequest{}, &CommInfoRequest{Target: "t"}},
		{`{"comm_id":"c","target_name":"t","data":{"a":1}}`, &CommMessage{}, &CommMessage{ID: "c", Target: "t", Data: json.RawMessage(`{"a":1}`)}},
		{`{"subshell_id":"i"}`, &DeleteSubshellRequest{}, &DeleteSubshellRequest{ID: "i"}},
		{`{"restart":true}`, &ShutdownRequest{}, &ShutdownRequest{Restart: true}},
		{`{"status":"ok","value":"v"}`, &InputReply{}, &InputReply{Value: "v"}},
		{`{"type":"request","seq":7,"command":"variables","arguments":{"variablesReference":3,"start":1,"count":2}}`, &DebugRequest{},
			&DebugRequest{Seq: 7, Command: "variables", Arguments: DebugArguments{Reference: 3, Start: 1, Count: 2}}},
		{`{"seq":8,"command":"richInspectVariables","arguments":{"variableName":"v","frameId":1}}`, &DebugRequest{},
			&DebugRequest{Seq: 8, Command: "richInspectVariables", Arguments: DebugArguments{Variable: "v", FrameID: 1}}},
	} {
		if err := json.Unmarshal([]byte(c.text), c.into); err != nil || !reflect.DeepEqual(c.into, c.want) {
			t.Errorf("%s: got %+v, %v, want %+v", c.text, c.into, err, c.want)
		}
	}
}
