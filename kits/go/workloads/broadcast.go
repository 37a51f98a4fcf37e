// Gossip: whatever a neighbour has not confirmed is told to it again.
package main

import (
	"time"

	"node/kit"
)

type values map[int]bool

func (v values) list() []int {
	list := []int{}
	for value := range v {
		list = append(list, value)
	}
	return list
}

func main() {
	n := kit.New()
	seen := values{}
	missing := map[string]values{} // of each other node: what it has not confirmed

	learn := func(list []int, source string) {
		for _, value := range list {
			if seen[value] {
				continue
			}
			seen[value] = true
			for peer := range missing {
				if peer != source {
					missing[peer][value] = true
				}
			}
		}
	}
	tell := func(peer string) {
		list := missing[peer].list()
		if len(list) == 0 {
			return
		}
		if _, err := n.Call(peer, "gossip", kit.Fields{"values": list}, 500*time.Millisecond); err != nil {
			return // the next round says it again
		}
		for _, value := range list {
			delete(missing[peer], value)
		}
	}
	n.OnStart(func() {
		for _, peer := range n.Peers() {
			peer := peer
			missing[peer] = values{}
			n.Every(100*time.Millisecond, func() { tell(peer) })
		}
	})
	n.Handle("topology", func(m kit.Message) error {
		return n.Reply(m, "topology_ok", nil)
	})
	n.Handle("broadcast", func(m kit.Message) error {
		var value int
		if err := m.Get("message", &value); err != nil {
			return err
		}
		learn([]int{value}, m.Src)
		return n.Reply(m, "broadcast_ok", nil)
	})
	n.Handle("gossip", func(m kit.Message) error {
		var list []int
		if err := m.Get("values", &list); err != nil {
			return err
		}
		learn(list, m.Src)
		return n.Reply(m, "gossip_ok", nil)
	})
	n.Handle("read", func(m kit.Message) error {
		return n.Reply(m, "read_ok", kit.Fields{"messages": seen.list()})
	})
	n.Run()
}
