// counter [right|counts-twice]: pn-counter, one number in the service lin-kv, changed by
// compare-and-set.
//
// counts-twice: a compare-and-set without an answer is begun again with a read. If only the answer was
// lost, the delta is added a second time.
package main

import (
	"os"
	"time"

	"node/kit"
)

const (
	key      = "sum"
	patience = 300 * time.Millisecond
	tries    = 3
)

func code(err error) int {
	if e, isRPC := err.(*kit.RPCError); isRPC {
		return e.Code
	}
	return kit.Crash
}

func main() {
	twice := len(os.Args) > 1 && os.Args[1] == "counts-twice"
	n := kit.New()
	total := func() (int64, error) {
		var sum int64
		answer, err := n.Call("lin-kv", "read", kit.Fields{"key": key}, patience)
		if err != nil && code(err) == kit.NoKey {
			return 0, nil
		} else if err != nil {
			return 0, err
		}
		err = answer.Get("value", &sum)
		return sum, err
	}
	n.Handle("add", func(m kit.Message) error {
		var delta int64
		if err := m.Get("delta", &delta); err != nil {
			return err
		}
		for i := 1; ; {
			sum, err := total()
			if err != nil {
				return err
			}
			_, err = n.Call("lin-kv", "cas", kit.Fields{
				"key": key, "from": sum, "to": sum + delta, "create_if_not_exists": true}, patience)
			switch {
			case err == nil:
				return n.Reply(m, "add_ok", nil)
			case code(err) == kit.Precondition: // another node was first
			case twice && code(err) == kit.Timeout && i < tries:
				i++
			default:
				return err
			}
		}
	})
	n.Handle("read", func(m kit.Message) error {
		sum, err := total()
		if err != nil {
			return err
		}
		return n.Reply(m, "read_ok", kit.Fields{"value": sum})
	})
	n.Run()
}
