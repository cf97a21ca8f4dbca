package optim

import (
	"encoding/json"
	"weak"

	"modelbook/dl"
)

// Group gives some parameters a rate and a decay of their own, as PyTorch's parameter groups do. Which parameters these
// are is kept in the optimizer's State, by their numbers: the Parameters of a group that comes from a saved session are
// set by the first Step, or by the Trainer that the optimizer belongs to.
type Group struct {
	Parameters  []*dl.Tensor // such as nn.Trainable of a part of the model
	RateFactor  float64      // of the optimizer's rate, its schedule included; 0: 1
	WeightDecay float64      // 0: the optimizer's; negative: none
	Adam        bool         `since:"3"` // of Muon: these parameters take the step of AdamW
	Clip        Clip         `since:"3"` // of these gradients by themselves, in place of the optimizer's
}

// groupFile is what is written of a group.
type groupFile struct {
	RateFactor  float64
	WeightDecay float64
	Adam        bool `json:",omitempty"`
	Clip        Clip `json:",omitzero"`
}

// MarshalBinary writes the rate and the decay of a group.
func (g Group) MarshalBinary() ([]byte, error) {
	return json.Marshal(groupFile{g.RateFactor, g.WeightDecay, g.Adam, g.Clip})
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (g *Group) UnmarshalBinary(b []byte) error {
	var f groupFile
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	*g = Group{RateFactor: f.RateFactor, WeightDecay: f.WeightDecay, Adam: f.Adam, Clip: f.Clip}
	return nil
}

// join gives the parameters of groups a memory, so that State and Owners tell of them.
func (m *memory) join(groups []Group) {
	if m.loaded != nil {
		return
	}
	for _, g := range groups {
		for _, p := range g.Parameters {
			m.of(p)
		}
	}
}

// members are the numbers of the parameters of groups, in State's order.
func (m *memory) members(groups []Group) [][]int {
	if m.loaded != nil || len(groups) == 0 {
		return m.groups
	}
	number := map[*entry]int{}
	for i, e := range m.entries {
		number[e] = i
	}
	all := make([][]int, len(groups))
	for g := range groups {
		for _, p := range groups[g].Parameters {
			all[g] = append(all[g], number[m.index[weak.Make(p)]])
		}
	}
	return all
}

// regroup sets the parameters of groups that have none, where a State told which they are.
func (m *memory) regroup(groups []Group) {
	if m.loaded != nil || len(m.groups) != len(groups) {
		return
	}
	for g, members := range m.groups {
		if groups[g].Parameters != nil {
			continue
		}
		for _, i := range members {
			if p := m.entries[i].owner.Value(); p != nil {
				groups[g].Parameters = append(groups[g].Parameters, p)
			}
		}
	}
	m.groups = nil
}
