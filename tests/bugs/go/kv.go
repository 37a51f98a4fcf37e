// kv [right|retries]: lin-kv by the service of that name.
//
// retries: a write without an answer is sent again. The first may have arrived, and others may have
// written since: then an old value comes back.
package main

import (
	"os"
	"time"

	"node/kit"
)

const (
	patience = 300 * time.Millisecond
	tries    = 3
)

func main() {
	retries := len(os.Args) > 1 && os.Args[1] == "retries"
	n := kit.New()
	pass := func(m kit.Message) error {
		fields := kit.Fields{}
		for _, name := range []string{"key", "value", "from", "to"} {
			if value, there := m.Body[name]; there {
				fields[name] = value
			}
		}
		answer, err := n.Call("lin-kv", m.Type, fields, patience)
		for i := 1; i < tries && retries && m.Type == "write" && unanswered(err); i++ {
			answer, err = n.Call("lin-kv", m.Type, fields, patience)
		}
		if err != nil {
			return err
		}
		if m.Type == "read" {
			return n.Reply(m, "read_ok", kit.Fields{"value": answer.Body["value"]})
		}
		return n.Reply(m, m.Type+"_ok", nil)
	}
	for _, kind := range []string{"read", "write", "cas"} {
		n.Handle(kind, pass)
	}
	n.Run()
}

func unanswered(err error) bool {
	e, isRPC := err.(*kit.RPCError)
	return isRPC && e.Code == kit.Timeout
}
