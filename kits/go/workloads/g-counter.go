// A total for each node, which only that node changes; the counter is their sum.
package main

import (
	"time"

	"node/kit"
)

// Of a node's additions.
type total struct {
	Count int `json:"count"`
	Sum   int `json:"sum"`
}

func main() {
	n := kit.New()
	totals := map[string]total{}

	n.OnStart(func() {
		n.Every(200*time.Millisecond, func() {
			for _, peer := range n.Peers() {
				n.Send(peer, "merge", kit.Fields{"totals": totals})
			}
		})
	})
	n.Handle("add", func(m kit.Message) error {
		var delta int
		if err := m.Get("delta", &delta); err != nil {
			return err
		}
		own := totals[n.ID]
		totals[n.ID] = total{own.Count + 1, own.Sum + delta}
		return n.Reply(m, "add_ok", nil)
	})
	n.Handle("merge", func(m kit.Message) error {
		var theirs map[string]total
		if err := m.Get("totals", &theirs); err != nil {
			return err
		}
		for name, t := range theirs {
			if t.Count > totals[name].Count {
				totals[name] = t
			}
		}
		return nil
	})
	n.Handle("read", func(m kit.Message) error {
		sum := 0
		for _, t := range totals {
			sum += t.Sum
		}
		return n.Reply(m, "read_ok", kit.Fields{"value": sum})
	})
	n.Run()
}
