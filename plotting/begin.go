package plotting

// begin makes the outputs of a training when it begins, before anything of it is drawn. They belong to the cell that
// begins it, as this is done while that cell runs, and stay there; what is sent first by a training in the background
// would be shown below another cell.
func (s *notebookScreen) begin() {
	const text = "the training begins"
	s.send(map[string]any{"text/html": "<div>" + text + "</div>", "text/plain": text}, nil, s.id)
	s.send(map[string]any{"text/html": "<span></span>", "text/plain": ""}, nil, s.id+"-epochs") // filled in the end
}
