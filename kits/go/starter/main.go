// The smallest node: it sends back what it is sent.
package main

import "node/kit"

func main() {
	n := kit.New()
	n.Handle("echo", func(m kit.Message) error {
		return n.Reply(m, "echo_ok", kit.Fields{"echo": m.Body["echo"]})
	})
	n.Run()
}
