// The first node carries out every transaction; the others pass theirs on. Knows appends to lists and
// writes to registers, so it does for both workloads of transactions.
package main

import (
	"time"

	"node/kit"
)

// [kind, key, value]
type operation [3]any

var store = map[any]any{}

func carryOut(operations []operation) []operation {
	done := []operation{}
	for _, o := range operations {
		kind, key, value := o[0], o[1], o[2]
		switch kind {
		case "append":
			list, _ := store[key].([]any)
			store[key] = append(list[:len(list):len(list)], value)
		case "w":
			store[key] = value
		default:
			value = store[key]
		}
		done = append(done, operation{kind, key, value})
	}
	return done
}

func main() {
	n := kit.New()
	n.Handle("txn", func(m kit.Message) error {
		if n.ID != n.IDs[0] {
			answer, err := n.Call(n.IDs[0], "txn", kit.Fields{"txn": m.Body["txn"]}, time.Second)
			if err != nil {
				return err
			}
			return n.Reply(m, "txn_ok", kit.Fields{"txn": answer.Body["txn"]})
		}
		var operations []operation
		if err := m.Get("txn", &operations); err != nil {
			return err
		}
		return n.Reply(m, "txn_ok", kit.Fields{"txn": carryOut(operations)})
	})
	n.Run()
}
