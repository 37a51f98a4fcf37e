// Every node tells all others its whole set, again and again.
package main

import (
	"time"

	"node/kit"
)

func main() {
	n := kit.New()
	elements := map[int]bool{}

	list := func() []int {
		all := []int{}
		for element := range elements {
			all = append(all, element)
		}
		return all
	}
	n.OnStart(func() {
		n.Every(200*time.Millisecond, func() {
			for _, peer := range n.Peers() {
				n.Send(peer, "merge", kit.Fields{"elements": list()})
			}
		})
	})
	n.Handle("add", func(m kit.Message) error {
		var element int
		if err := m.Get("element", &element); err != nil {
			return err
		}
		elements[element] = true
		return n.Reply(m, "add_ok", nil)
	})
	n.Handle("merge", func(m kit.Message) error {
		var theirs []int
		if err := m.Get("elements", &theirs); err != nil {
			return err
		}
		for _, element := range theirs {
			elements[element] = true
		}
		return nil
	})
	n.Handle("read", func(m kit.Message) error {
		return n.Reply(m, "read_ok", kit.Fields{"value": list()})
	})
	n.Run()
}
