// Tasks 1 to 5 of the track messenger: inspect, whoami, echo, errors, wait.
package main

import (
	"encoding/json"
	"sort"
	"time"

	"node/kit"
)

func main() {
	n := kit.New()
	n.Handle("inspect", func(m kit.Message) error {
		var payload json.RawMessage
		if err := m.Get("payload", &payload); err != nil {
			return err
		}
		kind, length, err := measure(payload)
		if err != nil {
			return err
		}
		return n.Reply(m, "inspect_ok", kit.Fields{"kind": kind, "length": length, "payload": payload})
	})
	n.Handle("whoami", func(m kit.Message) error {
		peers := append([]string{}, n.Peers()...) // never null
		sort.Strings(peers)
		majority := len(n.IDs)/2 + 1
		return n.Reply(m, "whoami_ok", kit.Fields{"node_id": n.ID, "peers": peers, "majority": majority})
	})
	n.Handle("echo", func(m kit.Message) error {
		var value json.RawMessage
		if err := m.Get("echo", &value); err != nil {
			return err
		}
		return n.Reply(m, "echo_ok", kit.Fields{"echo": value})
	})
	n.Handle("wait", func(m kit.Message) error {
		var ms uint32
		if err := m.Get("ms", &ms); err != nil {
			return err
		}
		n.Sleep(time.Duration(ms) * time.Millisecond)
		return n.Reply(m, "wait_ok", kit.Fields{"ms": ms})
	})
	n.Run()
}
