package command

// widgets connects the page before the program does, so that scripts of the
// user find gonb_comm.
func (r *Run) widgets(c Call) error {
	if !r.ConnectPage() {
		return r.fail(c.Command, "PageError", "no page has connected to the kernel: widgets need a page of a Jupyter server (the classic Notebook, JupyterLab, Notebook 7)")
	}
	return nil
}

// heartbeat says whether the page answers, in GoNB's words.
func (r *Run) heartbeat(Call) error {
	text := "Heartbeat pong received back."
	if !r.PingPage() {
		text = "Timed-out, no heartbeat pong received. Try connecting the page with %widgets."
	}
	r.display(map[string]any{"text/html": text, "text/plain": text})
	return nil
}
