// Passes every request on to the service lin-kv, and its answer back.
package main

import (
	"time"

	"node/kit"
)

func main() {
	n := kit.New()
	forward := func(m kit.Message) error {
		fields := kit.Fields{}
		for _, key := range []string{"key", "value", "from", "to"} {
			if value, there := m.Body[key]; there {
				fields[key] = value
			}
		}
		answer, err := n.Call("lin-kv", m.Type, fields, time.Second)
		if err != nil {
			return err
		}
		fields = kit.Fields{}
		if m.Type == "read" {
			fields["value"] = answer.Body["value"]
		}
		return n.Reply(m, m.Type+"_ok", fields)
	}
	for _, kind := range []string{"read", "write", "cas"} {
		n.Handle(kind, forward)
	}
	n.Run()
}
