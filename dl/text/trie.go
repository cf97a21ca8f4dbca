package text

// trie finds the strings that a text begins with. Node 0 is its root.
type trie struct {
	first [256]uint32 // the nodes after the root; 0: none
	next  *pairTable  // of another node and a byte: the node after it
	value []int32     // of the string that ends at a node; -1: none does
}

func newTrie(size int) *trie {
	return &trie{next: newPairTable(size), value: []int32{-1}}
}

// step is the node that a byte leads to from a node.
func (t *trie) step(at uint32, c byte) (node uint32, ok bool) {
	if at == 0 {
		node = t.first[c]
		return node, node != 0
	}
	v, ok := t.next.get(at, uint32(c))
	return uint32(v), ok
}

func (t *trie) insert(s string, value int32) {
	if s == "" {
		return
	}
	at := uint32(0)
	for i := range len(s) {
		node, ok := t.step(at, s[i])
		if !ok {
			node = uint32(len(t.value))
			t.value = append(t.value, -1)
			if at == 0 {
				t.first[s[i]] = node
			} else {
				t.next.set(at, uint32(s[i]), uint64(node))
			}
		}
		at = node
	}
	t.value[at] = value
}

// longest is the value of the longest string that s has at a byte, and where it ends there.
func (t *trie) longest(s string, at int) (value int32, end int) {
	value = -1
	node := uint32(0)
	for i := at; i < len(s); i++ {
		next, ok := t.step(node, s[i])
		if !ok {
			break
		}
		if node = next; t.value[node] >= 0 {
			value, end = t.value[node], i+1
		}
	}
	return value, end
}
