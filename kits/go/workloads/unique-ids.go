// The node's name and a number that this process has not given before.
package main

import (
	"fmt"

	"node/kit"
)

func main() {
	n := kit.New()
	count := 0
	n.Handle("generate", func(m kit.Message) error {
		count++
		return n.Reply(m, "generate_ok", kit.Fields{"id": fmt.Sprintf("%s-%d", n.ID, count)})
	})
	n.Run()
}
