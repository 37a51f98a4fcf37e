// An echo node that uses time, goroutines, chance and the order of maps: all of it the seed's.
package main

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

type message struct {
	Src  string                 `json:"src"`
	Dest string                 `json:"dest"`
	Body map[string]interface{} `json:"body"`
}

var (
	lock sync.Mutex
	me   string
	keys = map[string]int{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8, "i": 9}
)

func answer(m message, body map[string]interface{}) {
	lock.Lock()
	defer lock.Unlock()
	body["in_reply_to"] = m.Body["msg_id"]
	line, _ := json.Marshal(message{me, m.Src, body})
	os.Stdout.Write(append(line, '\n'))
}

func echo(m message) {
	drawn := make([]byte, 4)
	order := ""
	rand.Read(drawn)
	time.Sleep(time.Duration(drawn[0]) * 10 * time.Microsecond)
	for key := range keys {
		order += key
	}
	fmt.Fprintln(os.Stderr, time.Now().UnixNano(), drawn, order)
	answer(m, map[string]interface{}{"type": "echo_ok", "echo": m.Body["echo"]})
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var m message
		if json.Unmarshal(in.Bytes(), &m) != nil {
			os.Exit(1)
		}
		if m.Body["type"] == "init" {
			me = m.Body["node_id"].(string)
			answer(m, map[string]interface{}{"type": "init_ok"})
		} else {
			go echo(m)
		}
	}
}
